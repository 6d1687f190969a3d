import pytest
from sqlalchemy import text

from docqa.core.documents import LineLocator, ParsedDocument, Passage
from docqa.core.indexing import index_fields
from docqa.core.terms import SEARCH_TERMS_VERSION
from docqa.store import reindexing, staging
from tests.store.samples import bytes_under, code, new_version, pdf, publish, stage


@pytest.fixture
def workspace_id(store):
    return store.workspaces.get_or_create("default").id


def found(store, workspace_id, question, **options):
    """Documents of the hits, by name, in their order."""
    hits = store.search.search(workspace_id, question, **options)
    return [store.documents.get(hit.document_id).name for hit in hits]


def test_nothing_is_found_where_nothing_is(store, workspace_id):
    assert store.search.search(workspace_id, "anything") == []


def test_the_passage_with_the_questions_words_comes_first(store, workspace_id):
    stage(store, "a.pdf", pdf("The notice period is thirty days.", "Nothing here."))
    stage(store, "b.pdf", pdf("A period of rest.", "Notices are served by hand."))
    publish(store)

    hits = store.search.search(workspace_id, "What is the notice period?")

    assert found(store, workspace_id, "What is the notice period?")[0] == "a.pdf"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(store.search.search(workspace_id, "notice period", k=1)) == 1


def test_unpublished_and_excluded_documents_are_not_found(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("The notice period."))
    assert store.search.search(workspace_id, "notice") == []
    publish(store)
    assert found(store, workspace_id, "notice") == ["a.pdf"]

    store.documents.set_excluded(document_id, True)

    assert store.search.search(workspace_id, "notice") == []


def test_only_the_current_version_is_found(store, workspace_id):
    stage(store, "a.pdf", pdf("The old notice period."), "a" * 64)
    publish(store)
    _, version_id = stage(store, "a.pdf", pdf("The new notice period."), "b" * 64)
    publish(store)

    assert [hit.version_id for hit in store.search.search(workspace_id, "notice period")] == [
        version_id
    ]


def test_a_search_within_documents_finds_only_theirs(store, workspace_id):
    stage(store, "a.pdf", pdf("notice notice notice"))
    inside, _ = stage(store, "b.pdf", pdf("a notice among other things", "and a last notice"))
    stage(store, "c.pdf", pdf("notice"))
    publish(store)

    assert found(store, workspace_id, "notice", document_ids=[inside]) == ["b.pdf", "b.pdf"]
    assert store.search.search(workspace_id, "notice", document_ids=[]) == []
    assert store.search.search(workspace_id, "notice", document_ids=[999]) == []


def test_what_is_live_is_found_among_much_that_is_not(store, workspace_id):
    hidden, _ = stage(store, "hidden.pdf", pdf(*["notice of termination"] * 900))
    stage(store, "shown.pdf", pdf("a notice, and so many other words that it comes last of all"))
    publish(store)
    store.documents.set_excluded(hidden, True)

    assert found(store, workspace_id, "notice of termination") == ["shown.pdf"]


def test_symbols_are_found_by_their_parts(store, workspace_id):
    stage(store, "adapters.py", code("def cert_verify(self): ..."))
    publish(store)

    assert found(store, workspace_id, "where are certificates verified: certVerify?")


def test_words_inside_chinese_sentences_are_found(store, workspace_id):
    stage(store, "zh.pdf", pdf("本协议的数据处理条款适用。", "价格另行约定。"))
    publish(store)

    assert len(store.search.search(workspace_id, "数据处理")) == 1
    assert len(store.search.search(workspace_id, "款")) == 1
    assert len(store.search.search(workspace_id, "约")) == 1


@pytest.mark.parametrize(
    "question",
    ['"', "a OR b)", "NEAR(x y)", "body: x", "-", "", "\0", "*", "x" * 100_000, "\ud800"],
)
def test_any_question_is_safe(store, workspace_id, question):
    stage(store, "a.pdf", pdf("Some text."))
    publish(store)

    assert store.search.search(workspace_id, question) == []


def test_a_question_of_a_hundred_thousand_characters_is_answered(store, workspace_id):
    stage(store, "a.pdf", pdf("The notice period.", "Something else."))
    publish(store)

    assert found(store, workspace_id, "notice period " * 7_000)[0] == "a.pdf"


def test_german_documents_are_found_by_other_forms_of_a_word(store, workspace_id):
    passage = Passage(0, "Die Verpflichtung des Käufers.", LineLocator(1, 1))
    stage(store, "de.txt", ParsedDocument("text", (passage,), language="de"))
    document = store.documents.all(workspace_id)[0] if store.documents.all(workspace_id) else None
    publish(store)
    store.search.rebuild(workspace_id)

    assert document is None or document.language == "de"
    assert found(store, workspace_id, "Verpflichtungen") == ["de.txt"]
    assert found(store, workspace_id, "kaufer") == ["de.txt"]


def test_rebuilding_finds_the_same(store, workspace_id):
    stage(store, "a.pdf", pdf("The notice period is thirty days.", "Nothing here."))
    stage(store, "b.pdf", pdf("A period of rest."))
    publish(store)
    before = found(store, workspace_id, "notice period")

    store.search.rebuild(workspace_id)

    assert found(store, workspace_id, "notice period") == before


def test_an_index_of_another_version_is_rebuilt(store, workspace_id):
    stage(store, "a.pdf", pdf("The notice period."))
    publish(store)
    with store.database.write() as connection:
        connection.execute(text(f"DELETE FROM {reindexing.table(workspace_id)}"))
        connection.execute(
            text("UPDATE index_state SET terms_version = :old"), {"old": SEARCH_TERMS_VERSION - 1}
        )

    assert store.search.rebuild_outdated() == (workspace_id,)
    assert store.search.rebuild_outdated() == ()
    assert found(store, workspace_id, "notice") == ["a.pdf"]


def test_what_is_added_while_rebuilding_is_indexed(store, workspace_id, monkeypatch):
    stage(store, "a.pdf", pdf("The notice period."))
    finish = reindexing._finish

    source = store.documents.find_source(workspace_id, "folder", "/work").id
    late = store.documents.add_document(workspace_id, source, "b.pdf", "b.pdf")

    def add_then_finish(connection, workspace, last):
        staging.stage(connection, store.search, new_version(late, pdf("A late notice.")))
        finish(connection, workspace, last)

    monkeypatch.setattr(reindexing, "_finish", add_then_finish)
    store.search.rebuild(workspace_id)
    publish(store)

    assert len(store.search.search(workspace_id, "notice")) == 2


def test_removed_passages_leave_no_word_in_the_file(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("The zebrafish clause.", "Nothing else."))
    stage(store, "b.pdf", pdf("The horse clause."))
    publish(store)
    assert b"zebrafish" in bytes_under(store.home)

    store.documents.erase(document_id)
    store.scrub()

    assert b"zebrafish" not in bytes_under(store.home)
    with store.database.read() as connection:
        assert connection.execute(
            text(f"SELECT term FROM {reindexing.table(workspace_id)}_terms ORDER BY term")
        ).scalars().all() == ["claus", "hors", "name", "term"]


def test_dropping_an_index_removes_its_tables(store, workspace_id):
    passage = Passage(0, "text", LineLocator(1, 1))
    with store.database.write() as connection:
        store.search.add(connection, workspace_id, [(1, index_fields("a", passage, "text"))])
        assert reindexing.exists(connection, workspace_id)

        store.search.drop(connection, workspace_id)

        tables = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
    assert not [name for name in tables if str(name).startswith("fts_")]
