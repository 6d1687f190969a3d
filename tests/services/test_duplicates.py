import pytest

from tests.services import parts
from tests.services.parts import documents, workspace

CLAUSES = [
    f"Clause {n}: the supplier shall deliver consignment {n} of freight to depot {n * 7}."
    for n in range(60)
]


def text(*, without=(), title="Agreement"):
    kept = [clause for n, clause in enumerate(CLAUSES) if n not in without]
    return f"# {title}\n\n" + "\n\n".join(kept) + "\n"


@pytest.fixture
def filled(empty, tmp_path):
    """An agreement, a copy of its file, one that lacks a clause, and a text of its own."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "agreement.md").write_text(text())
    (folder / "copy of agreement.md").write_text(text())
    (folder / "draft.md").write_text(text(without=[11]))
    (folder / "other.md").write_text("# Runbook\n\n" + parts.RESTART)
    assert parts.ingest(empty, folder).status == "done"
    return empty


def compared(app):
    job = app.jobs.wait(app.duplicates.submit(workspace(app)))
    assert job.status == "done", job.error
    return job


def names(group):
    return group.kept.name, [member.document.name for member in group.others]


def test_copies_of_a_file_are_found_before_anything_is_compared(filled):
    found = filled.duplicates.find(workspace(filled))

    (group,) = found.groups
    assert names(group) == ("agreement.md", ["copy of agreement.md"])
    assert group.others[0].same_file
    assert found.missing == 4


def test_near_duplicates_are_found_with_what_they_cost(filled):
    assert compared(filled).result == {"documents": 4, "made": 4}

    found = filled.duplicates.find(workspace(filled))

    assert found.missing == 0
    (group,) = found.groups
    assert names(group) == ("agreement.md", ["copy of agreement.md", "draft.md"])
    same, near = group.others
    assert (same.same_file, same.similarity) == (True, 1.0)
    assert not near.same_file
    assert 0.8 < near.similarity < 1.0
    assert group.least_similarity == near.similarity
    known = documents(filled)
    assert found.tokens == known["copy of agreement.md"].tokens + known["draft.md"].tokens


def test_the_newest_can_be_kept_instead(filled):
    compared(filled)

    (group,) = filled.duplicates.find(workspace(filled), keep="newest").groups

    assert group.kept.name == "draft.md"
    assert len(group.others) == 2


def test_nothing_is_excluded_by_itself_and_what_is_can_be_included_again(filled):
    compared(filled)
    (group,) = filled.duplicates.find(workspace(filled)).groups
    assert not any(each.excluded for each in documents(filled).values())

    filled.duplicates.exclude([member.document.id for member in group.others])

    assert documents(filled)["draft.md"].status == "excluded"
    assert filled.duplicates.find(workspace(filled)).groups == ()

    filled.library.include(documents(filled)["draft.md"].id)
    (group,) = filled.duplicates.find(workspace(filled)).groups
    assert names(group) == ("agreement.md", ["draft.md"])


def test_only_what_is_new_is_compared_again(filled, tmp_path):
    compared(filled)
    (tmp_path / "late.md").write_text(text(without=[40], title="Agreement, signed"))
    parts.ingest(filled, tmp_path / "late.md")

    assert compared(filled).result == {"documents": 5, "made": 1}

    (group,) = filled.duplicates.find(workspace(filled)).groups
    assert "late.md" in [member.document.name for member in group.others]


def test_a_fingerprint_goes_with_its_document(filled):
    compared(filled)
    assert filled.store.fingerprints.count(workspace(filled)) == 4

    filled.library.erase(documents(filled)["draft.md"].id)

    assert filled.store.fingerprints.count(workspace(filled)) == 3


def test_what_is_gone_meanwhile_gets_no_fingerprint(filled):
    filled.store.fingerprints.put({999: b"1234"})

    assert filled.store.fingerprints.count(workspace(filled)) == 0
