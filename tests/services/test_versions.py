import pytest

from docqa.errors import InputError, UnknownItemError
from docqa.services import versions
from tests.services import parts
from tests.services.parts import documents, upload

TERMS = "# Terms\n\nThe supplier notifies within 72 hours.\n\nInvoices are payable in 30 days.\n"


@pytest.fixture
def changed(empty):
    """A document with two versions."""
    upload(empty, "terms.md", TERMS.encode())
    upload(empty, "terms.md", TERMS.replace("72", "48").encode(), on_conflict="replace")
    return empty


def only(app):
    (document,) = documents(app).values()
    return document


def test_the_history_tells_which_version_supersedes_which_in_the_pack(changed):
    newer, older = changed.versions.history(only(changed).id)

    assert (newer.version.number, newer.current, newer.supersedes) == (2, True, 1)
    assert (older.version.number, older.current, older.supersedes) == (1, False, None)
    assert newer.in_pack
    assert older.in_pack

    changed.library.repack(parts.workspace(changed))

    newer, older = changed.versions.history(only(changed).id)
    assert (newer.in_pack, newer.supersedes) == (True, None)
    assert not older.in_pack


def test_the_newest_version_is_compared_with_the_one_before(changed):
    before, after = changed.versions.pair(only(changed).id)
    assert (before.number, after.number) == (1, 2)

    found = changed.versions.changes(before, after)

    (change,) = found.changes
    assert (change.kind, change.before.lines, change.after.lines) == ("changed", (3, 3), (3, 3))
    assert changed.versions.changes(before, after) is found


def test_any_two_versions_are_compared_either_way(changed):
    before, after = changed.versions.pair(only(changed).id, 2, 1)

    (change,) = changed.versions.changes(before, after).changes

    assert [p.text.strip() for p in change.pieces if p.kind == "added"] == ["72"]


def test_a_version_that_is_not_there_is_said(changed):
    with pytest.raises(UnknownItemError, match="9"):
        changed.versions.pair(only(changed).id, 1, 9)
    with pytest.raises(InputError, match="the first"):
        changed.versions.pair(only(changed).id, None, 1)


def test_versions_without_end_are_not_compared(changed, monkeypatch):
    monkeypatch.setattr(versions, "MOST_PASSAGES", 1)

    with pytest.raises(InputError, match="the most that are compared"):
        changed.versions.changes(*changed.versions.pair(only(changed).id))
