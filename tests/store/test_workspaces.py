import pytest

from docqa.errors import InvalidNameError, NameTakenError, UnknownItemError
from tests.store.samples import bytes_under, pdf, publish, stage


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", "..", "a\nb", "x" * 81, "a\u202eb", "\x00", "a\ud800"]
)
def test_names_that_cannot_be_given_are_refused(store, name):
    with pytest.raises(InvalidNameError):
        store.workspaces.create(name)


@pytest.mark.parametrize("name", ["default", "Verträge 2026", "案件", "a.b-c_d"])
def test_a_workspace_is_found_by_its_name(store, name):
    made = store.workspaces.create(name)

    assert store.workspaces.get(name) == made
    assert store.workspaces.by_id(made.id) == made
    assert store.workspaces.get_or_create(name) == made


def test_a_name_is_given_once(store):
    store.workspaces.create("a")
    other = store.workspaces.create("b")

    with pytest.raises(NameTakenError):
        store.workspaces.create("a")
    with pytest.raises(NameTakenError):
        store.workspaces.rename(other.id, "a")
    assert store.workspaces.rename(other.id, "b").name == "b"


def test_what_is_not_there_is_unknown(store):
    with pytest.raises(UnknownItemError):
        store.workspaces.get("a")
    with pytest.raises(UnknownItemError):
        store.workspaces.by_id(1)
    with pytest.raises(UnknownItemError):
        store.workspaces.rename(1, "a")
    with pytest.raises(UnknownItemError):
        store.workspaces.delete(1)


def test_a_summary_tells_documents_tokens_and_the_pack(store):
    stage(store, "a.pdf", pdf("one"))
    stage(store, "b.pdf", pdf("two"), "b" * 64)
    before = store.workspaces.all()
    pack = publish(store)

    (summary,) = store.workspaces.all()

    assert (before[0].documents, before[0].tokens, before[0].pack) == (0, 0, "")
    assert (summary.documents, summary.tokens) == (2, pack.token_count)
    assert summary.pack == pack.hash


def test_deleting_a_workspace_leaves_nothing_of_it(store):
    stage(store, "secret-name.pdf", pdf("zanzibar quokka"))
    publish(store)
    workspace = store.workspaces.get("default")
    conversation = store.conversations.create(workspace.id, "Quokka title")
    store.conversations.add_answer(conversation.id, "Where is the quokka?")
    store.jobs.create("ingest", workspace.id, {"path": "/secret-name.pdf"})
    store.preferences.set("scope", ["quokka"], workspace.id)

    hashes = store.workspaces.delete(workspace.id)
    store.scrub()

    assert hashes == {"a" * 64}
    assert store.workspaces.all() == ()
    left = bytes_under(store.home).lower()
    assert b"quokka" not in left
    assert b"secret-name" not in left


def test_originals_that_another_workspace_has_too_are_kept(store):
    stage(store, "a.pdf", pdf("one"))
    first = store.workspaces.get("default")
    other = store.workspaces.rename(first.id, "other")
    stage(store, "a.pdf", pdf("one"))

    assert store.workspaces.delete(other.id) == frozenset()
