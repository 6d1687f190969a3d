import pytest

from docqa.core.documents import PageInfo
from docqa.errors import UnknownItemError
from tests.store.samples import code, new_version, pdf, publish, rebuild, stage


@pytest.fixture
def workspace_id(store):
    return store.workspaces.create("default").id


def test_a_staged_document_is_in_no_list_until_it_is_published(store, workspace_id):
    document_id, version_id = stage(store, "a.pdf", pdf("one", "two"))

    before = store.documents.all(workspace_id)
    publish(store)

    assert before == ()
    (document,) = store.documents.all(workspace_id)
    assert (document.id, document.version_id) == (document_id, version_id)
    assert (document.status, document.published) == ("ready", True)
    assert (document.pages, document.readable_pages, document.passages) == (2, 2, 2)
    assert document.tokens > 0


def test_passages_come_back_as_they_were_parsed(store):
    parsed = pdf("one", "two\x00three", "Straße ﬁ 条約")
    _, pdf_id = stage(store, "a.pdf", parsed)
    source = code("def f():\n    pass", "x = 1")
    _, code_id = stage(store, "a.py", source, "b" * 64)

    assert tuple(store.documents.passages(pdf_id)) == parsed.passages
    assert store.documents.pages(pdf_id) == parsed.pages
    assert tuple(store.documents.passages(code_id)) == source.passages
    assert store.documents.passages_by_ordinal(pdf_id, [2, 0, 9]) == {
        0: parsed.passages[0],
        2: parsed.passages[2],
    }


def test_many_passages_are_streamed_in_order(store):
    _, version_id = stage(store, "a.pdf", pdf(*(f"text {number}" for number in range(1_001))))

    texts = [passage.text for passage in store.documents.passages(version_id)]

    assert texts == [f"text {number}" for number in range(1_001)]


def test_text_that_utf_8_cannot_tell_is_stored_with_replacements(store):
    document_id, version_id = stage(store, "caf\udce9.pdf", pdf("lone \ud800 surrogate"))

    assert next(store.documents.passages(version_id)).text == "lone \ufffd surrogate"
    assert store.documents.get(document_id).name == "caf\ufffd.pdf"
    source = store.documents.sources(store.workspaces.get("default").id)[0]
    assert store.documents.find(source.id, "caf\udce9.pdf").id == document_id


def test_staging_the_same_again_gives_the_same_version(store):
    document_id, version_id = stage(store, "a.pdf", pdf("one"))

    again = store.documents.stage_version(new_version(document_id, pdf("one")))
    other_options = store.documents.stage_version(
        new_version(document_id, pdf("one"), "a" * 64, "o")
    )
    other_reader = store.documents.stage_version(
        new_version(document_id, pdf("one", reader="pdf/2"))
    )

    assert again == version_id
    assert len({version_id, other_options, other_reader}) == 3


def test_bytes_that_come_back_are_a_version_of_their_own(store, workspace_id):
    document_id, first = stage(store, "a.pdf", pdf("old"), "a" * 64)
    publish(store)
    stage(store, "a.pdf", pdf("new"), "b" * 64)
    publish(store)

    _, third = stage(store, "a.pdf", pdf("old"), "a" * 64)
    publish(store)

    assert third != first
    assert store.documents.get(document_id).version_id == third
    assert [version.status for version in store.documents.versions(document_id)] == [
        "ready",
        "superseded",
        "superseded",
    ]


def test_many_small_files_are_staged_together_or_not_at_all(store, workspace_id):
    source_id = store.documents.add_source(workspace_id, "folder", "src", "/src")
    ids = store.documents.add_documents(workspace_id, source_id, [("a", "a"), ("b", "b")])
    ready = [new_version(ids[0], code("x = 1")), new_version(ids[1], code("y = 2"), "b" * 64)]

    with pytest.raises(UnknownItemError):
        store.documents.stage_many([*ready, new_version(999, code("z"))])
    failed = store.documents.unpublished(workspace_id)
    versions = store.documents.stage_many(ready)

    assert failed == ()
    assert [version.id for version in store.documents.unpublished(workspace_id)] == versions


def test_a_path_of_a_source_is_one_document(store, workspace_id):
    source_id = store.documents.add_source(workspace_id, "folder", "src", "/src")
    other_id = store.documents.add_source(workspace_id, "folder", "lib", "/lib")

    first = store.documents.add_document(workspace_id, source_id, "__init__.py", "__init__.py")
    again = store.documents.add_documents(
        workspace_id, source_id, [("b.py", "b.py"), ("__init__.py", "__init__.py")]
    )
    other = store.documents.add_document(workspace_id, other_id, "__init__.py", "__init__.py")

    assert again[1] == first
    assert other != first
    assert store.documents.find_source(workspace_id, "folder", "/lib").id == other_id
    assert store.documents.find_source(workspace_id, "archive", "/lib") is None
    assert store.documents.source(source_id).name == "src"


def test_passages_that_are_not_numbered_in_order_are_a_mistake_that_shows(store):
    parsed = pdf("one", "two")
    wrong = type(parsed)("pdf", parsed.passages[::-1])

    with pytest.raises(ValueError, match="ordinal"):
        stage(store, "a.pdf", wrong)


def test_a_failure_does_not_replace_a_version_that_can_be_read(store, workspace_id):
    good, version_id = stage(store, "good.pdf", pdf("text"))
    publish(store)
    bad, _ = stage(store, "bad.pdf", pdf("text"), "b" * 64)
    publish(store)
    never = store.documents.add_document(
        workspace_id, store.documents.get(bad).source_id, "never.pdf", "never.pdf"
    )

    store.documents.record_failure(good, "c" * 64, 5, error="it is broken", hint="save it again")
    first = store.documents.record_failure(never, "d" * 64, 5, error="it is broken")
    again = store.documents.record_failure(never, "d" * 64, 5, error="still broken")

    assert store.documents.get(good).version_id == version_id
    assert [version.status for version in store.documents.versions(good)] == ["failed", "ready"]
    assert first == again
    assert store.documents.get(never).status == "failed"
    assert store.documents.get(never).error == "still broken"
    names = [document.name for document in store.documents.all(workspace_id, include_failed=False)]
    assert names == ["bad.pdf", "good.pdf"]


def test_a_document_that_failed_first_can_be_read_later(store, workspace_id):
    document_id, _ = stage(store, "other.pdf", pdf("x"))
    source_id = store.documents.get(document_id).source_id
    locked = store.documents.add_document(workspace_id, source_id, "locked.pdf", "locked.pdf")
    store.documents.record_failure(locked, "e" * 64, 5, error="needs a password")

    stage(store, "locked.pdf", pdf("open now"), "e" * 64)
    publish(store)

    document = store.documents.get(locked)
    assert (document.status, document.error) == ("ready", "")


def test_a_document_is_found_by_name_path_or_number(store, workspace_id):
    document_id, _ = stage(store, "2026", pdf("one"))
    other, _ = stage(store, "b.pdf", pdf("two"), "b" * 64)
    publish(store)

    assert store.documents.by_name(workspace_id, "2026").id == document_id
    assert store.documents.by_name(workspace_id, str(other)).id == other
    assert store.documents.by_name(workspace_id, other).id == other
    with pytest.raises(UnknownItemError):
        store.documents.by_name(workspace_id, "c.pdf")


def test_uploads_of_one_name_are_found(store, workspace_id):
    stage(store, "a.pdf", pdf("in a folder"))
    ids = []
    for number in range(2):
        source_id = store.documents.add_source(workspace_id, "upload", "a.pdf", f"a.pdf#{number}")
        document_id = store.documents.add_document(workspace_id, source_id, "a.pdf", "a.pdf")
        store.documents.stage_version(new_version(document_id, pdf("x"), str(number) * 64))
        ids.append(document_id)
    publish(store)

    found = store.documents.find_uploads(workspace_id, "a.pdf")

    assert [document.id for document in found] == ids[::-1]
    assert store.documents.find_uploads(workspace_id, "b.pdf") == ()


def test_pages_that_cannot_be_read_are_counted_and_named(store, workspace_id):
    pages = [
        PageInfo(1, 612, 792, "text", "", 10),
        PageInfo(2, 612, 792, "image_only", "only a picture"),
        PageInfo(3, 612, 792, "failed", "damaged"),
    ]
    scanned, version_id = stage(store, "scan.pdf", pdf("text", pages=pages))
    stage(store, "fine.pdf", pdf("text"), "b" * 64)
    publish(store)

    assert store.documents.unreadable_page_count(workspace_id) == 2
    assert store.documents.unreadable_pages(workspace_id) == (
        ("scan.pdf", 2, "only a picture"),
        ("scan.pdf", 3, "damaged"),
    )
    assert store.documents.get(scanned).readable_pages == 1
    assert store.documents.page(version_id, 2) == pages[1]
    with pytest.raises(UnknownItemError):
        store.documents.page(version_id, 4)

    store.documents.set_excluded(scanned, True)

    assert store.documents.unreadable_pages(workspace_id) == ()
    assert store.documents.unreadable_page_count(workspace_id, [scanned]) == 2


def test_excluding_changes_the_scope_and_not_the_pack(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("one"))
    before = publish(store)

    store.documents.set_excluded(document_id, True)
    excluded = store.documents.get(document_id)
    store.documents.set_excluded(document_id, False)

    assert (excluded.status, excluded.published) == ("excluded", True)
    assert store.documents.get(document_id).status == "ready"
    assert store.packs.find(workspace_id) == before
    with pytest.raises(UnknownItemError):
        store.documents.set_excluded(999, True)


def test_a_document_left_out_when_the_pack_was_built_anew_can_come_back(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    left_out, version_id = stage(store, "b.pdf", pdf("two"), "b" * 64)
    publish(store)
    store.documents.set_excluded(left_out, True)
    rebuild(store)
    excluded = store.documents.unpublished(workspace_id)

    store.documents.set_excluded(left_out, False)
    (version,) = store.documents.unpublished(workspace_id)
    pack = publish(store)

    assert excluded == ()
    assert version.id == version_id
    assert store.packs.label_of(pack.id, version_id) == 4


def test_a_version_that_is_not_wanted_can_be_taken_back(store, workspace_id):
    document_id, published = stage(store, "a.pdf", pdf("old"))
    publish(store)
    _, unwanted = stage(store, "a.pdf", pdf("newest zebra"), "b" * 64)
    alone, only = stage(store, "b.pdf", pdf("alone"), "c" * 64)

    assert store.documents.discard_version(unwanted) == {"b" * 64}
    assert store.documents.discard_version(only) == {"c" * 64}
    assert store.documents.discard_version(published) == frozenset()

    assert [version.id for version in store.documents.versions(document_id)] == [published]
    with pytest.raises(UnknownItemError):
        store.documents.get(alone)
    assert store.documents.unpublished(workspace_id) == ()


def test_what_is_found_by_search_can_be_looked_up_with_its_label(store, workspace_id):
    stage(store, "a.pdf", pdf("nothing of interest"))
    document_id, version_id = stage(store, "b.pdf", pdf("first", "the quokka sleeps"), "b" * 64)
    pack = publish(store)

    (hit,) = store.search.search(workspace_id, "quokka")
    found = store.documents.passage(hit.passage_id)

    assert (found.document_id, found.version_id, found.document) == (
        document_id,
        version_id,
        "b.pdf",
    )
    assert found.passage.text == "the quokka sleeps"
    assert store.packs.labels(pack.id, [hit.passage_id, 999]) == {hit.passage_id: 3}
    with pytest.raises(UnknownItemError):
        store.documents.passage(999)


def test_many_versions_are_looked_up_at_once(store):
    _, first = stage(store, "a.pdf", pdf("one"))
    _, second = stage(store, "b.pdf", pdf("two"), "b" * 64)

    found = store.documents.versions_by_id([second, first, 999])

    assert found == {number: store.documents.version(number) for number in (first, second)}
