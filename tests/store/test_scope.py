import pytest

from docqa.core.documents import PageInfo
from tests.store.samples import code, pdf, publish, rebuild, stage

PAGES = (
    PageInfo(1, 612, 792, "text", "", 10),
    PageInfo(2, 612, 792, "image_only", "only a picture", 0),
)


@pytest.fixture
def three(store):
    """Ids of three published documents by name, and of a fourth that is only staged."""
    ids = {
        "a.pdf": stage(store, "a.pdf", pdf("One.", "Two.", pages=PAGES))[0],
        "b.py": stage(store, "b.py", code("def f(): ..."))[0],
        "c.py": stage(store, "c.py", code("def g(): ...", "def h(): ..."))[0],
    }
    publish(store)
    ids["staged.py"] = stage(store, "staged.py", code("def late(): ..."))[0]
    return ids


@pytest.fixture
def workspace_id(store):
    return store.workspaces.get_or_create("default").id


def current(store, document_id):
    return store.documents.get(document_id).version_id


def names(documents):
    return [document.name for document in documents]


def test_a_question_is_about_what_is_published_readable_and_not_excluded(
    store, workspace_id, three
):
    store.documents.set_excluded(three["b.py"], True)

    asked = store.documents.in_scope(workspace_id, three.values())

    assert names(asked) == ["a.pdf", "c.py"]
    assert asked == tuple(each for each in store.documents.all(workspace_id) if each in asked)


def test_documents_of_another_workspace_are_not_in_scope(store, three):
    other = store.workspaces.create("other").id

    assert store.documents.in_scope(other, three.values()) == ()
    assert not store.documents.any_in_scope(other, three.values())
    assert not store.documents.any_in_scope(other)


def test_whether_anything_can_be_asked_about(store, workspace_id, three):
    assert store.documents.any_in_scope(workspace_id)
    assert store.documents.any_in_scope(workspace_id, [three["a.pdf"], 999])
    assert not store.documents.any_in_scope(workspace_id, [three["staged.py"], 999])

    for name in ("a.pdf", "b.py", "c.py"):
        store.documents.set_excluded(three[name], True)

    assert not store.documents.any_in_scope(workspace_id)


def test_a_superseded_or_excluded_version_is_not_in_scope(store, three):
    old = current(store, three["b.py"])
    stage(store, "b.py", code("def f(): return 1"), "b" * 64)
    publish(store)
    store.documents.set_excluded(three["c.py"], True)
    versions = [old, *(current(store, three[name]) for name in ("a.pdf", "b.py", "c.py"))]

    assert store.documents.versions_in_scope(versions) == {versions[1], versions[2]}
    assert store.documents.versions_in_scope(()) == frozenset()


def test_coverage_counts_what_is_in_scope_and_names_pages_without_text(store, workspace_id, three):
    pack = store.packs.find(workspace_id)
    documents = store.documents.in_scope(workspace_id, three.values())

    covered = store.documents.coverage(pack)

    assert (covered.documents, covered.documents_in_window) == (3, 3)
    assert (covered.pages, covered.pages_in_window) == (2, 1)
    assert covered.passages == covered.passages_in_window == 5
    tokens = sum(document.tokens for document in documents)
    assert covered.tokens == covered.tokens_in_window == tokens > 0
    assert covered.unreadable_pages == (("a.pdf", 2, "only a picture"),)
    assert covered.unreadable_page_count == 1
    assert covered.complete


def test_coverage_of_named_documents_counts_no_others(store, workspace_id, three):
    pack = store.packs.find(workspace_id)

    covered = store.documents.coverage(pack, [three["b.py"]])

    assert (covered.documents, covered.passages, covered.pages) == (1, 1, 0)
    assert covered.unreadable_pages == ()


def test_what_is_published_after_a_pack_version_was_not_in_its_window(store, workspace_id, three):
    before = store.packs.find(workspace_id)
    publish(store)

    covered = store.documents.coverage(before)

    assert (covered.documents, covered.documents_in_window) == (4, 3)
    assert (covered.passages, covered.passages_in_window) == (6, 5)
    assert covered.tokens_in_window < covered.tokens
    assert not covered.complete
    assert store.documents.coverage(store.packs.find(workspace_id)).complete


def test_coverage_of_a_pack_built_anew_leaves_excluded_documents_out(store, workspace_id, three):
    store.documents.set_excluded(three["a.pdf"], True)
    pack = rebuild(store)

    covered = store.documents.coverage(pack)

    assert (covered.documents, covered.documents_in_window) == (2, 2)
    assert covered.unreadable_pages == ()


def test_an_empty_workspace_is_covered(store):
    workspace_id = store.workspaces.create("empty").id
    pack = publish(store)

    covered = store.documents.coverage(pack)

    assert (covered.documents, covered.passages, covered.tokens) == (0, 0, 0)
    assert workspace_id != pack.workspace_id
