from dataclasses import replace

import pytest
from sqlalchemy import text

from docqa.core.answers import Citation, Coverage, SentenceCheck, ShardReport
from docqa.core.documents import PageInfo, Rect
from docqa.core.left_out import LeftOut
from docqa.errors import StaleError, UnknownItemError
from docqa.store.erasing import ERASED_TEXT
from docqa.store.review_rows import ERASED_NAME
from docqa.store.values import NewJobItem, SourceOptions
from tests.store.samples import HEAD, bytes_under, pdf, publish, rebuild, stage

SECRET = "The quokka of Umbrageous Ltd owes 77,123 dollars since the ninth of Brumaire last year"
PAGES = [
    PageInfo(1, 612, 792, "text", "", 10),
    PageInfo(2, 612, 792, "image_only", "only a picture"),
]


@pytest.fixture
def workspace_id(store):
    return store.workspaces.create("default").id


def citing(document_id, version_id, quote, document, marker=1):
    return Citation(
        marker,
        marker,
        document_id,
        version_id,
        document,
        1,
        None,
        quote,
        0,
        len(quote),
        (Rect(1, 0.1, 0.1, 0.9, 0.2),),
        "exact",
        end=9,
    )


def answered(store, workspace_id, question, answer_text, *citations, **fields):
    conversation = store.conversations.create(workspace_id, "My title")
    answer_id = store.conversations.add_answer(conversation.id, question)
    store.conversations.save_text(answer_id, answer_text + " [#1]", answer_text)
    store.conversations.finish(
        answer_id, status="answered", text=answer_text, citations=citations, **fields
    )
    return answer_id


def test_nothing_of_an_erased_document_is_left_in_any_file(store, workspace_id, tmp_path):
    digest, _ = store.originals.put_bytes(SECRET.encode())
    kept_digest, _ = store.originals.put_bytes(b"A wombat digs.")
    parsed = pdf(SECRET, "a second one about a quokka", pages=PAGES)
    erased_id, erased_version = stage(store, "umbrageous-debts.pdf", parsed, digest)
    stage(store, "umbrageous-debts.pdf", pdf("An earlier quokka.", SECRET), "c" * 64)
    kept_id, kept_version = stage(store, "kept.pdf", pdf("A wombat digs."), kept_digest)
    publish(store)
    quote = citing(erased_id, erased_version, SECRET, "umbrageous-debts.pdf")
    quote = replace(quote, missing=("Brumaire",))
    other = citing(kept_id, kept_version, "A wombat digs.", "kept.pdf", 2)
    coverage = Coverage(2, 2, 3, 3, 4, 4, 9, 9, (("umbrageous-debts.pdf", 2, "only a picture"),), 1)
    cited = answered(
        store,
        workspace_id,
        "Who owes what?",
        f"{SECRET} [1]",
        quote,
        other,
        draft="The quokka draft",
        sentences=(SentenceCheck(0, 9, "supported", (1,)),),
        coverage=coverage,
        suggested=("What about the quokka?",),
    )
    repeating = answered(store, workspace_id, "And uncited?", f"Well: {SECRET}.", coverage=coverage)
    naming = answered(store, workspace_id, "Which file?", "It is in umbrageous-debts.pdf.")
    untouched = answered(store, workspace_id, "What digs?", "A wombat digs. [2]", other)
    job_id = store.jobs.create(
        "ingest",
        workspace_id,
        {"paths": ["/home/me/umbrageous-debts.pdf", "/home/me/kept.pdf"]},
        [NewJobItem("umbrageous-debts.pdf", {"path": "/home/me/umbrageous-debts.pdf"})],
    )
    store.jobs.claim("w", 1, 1.0)
    (item,) = store.jobs.claim_items(job_id, 5)
    store.jobs.finish_item(
        item.id, "failed", result={"document_id": erased_id}, error="'umbrageous-debts.pdf': bad"
    )
    store.jobs.progress(job_id, 1, 1, "reading umbrageous-debts.pdf")
    store.jobs.finish(job_id, "done", result={"umbrageous-debts.pdf": 1})

    result = store.documents.erase(erased_id)
    rebuild(store)
    store.delete_originals(result.hashes)
    store.scrub()

    left = bytes_under(store.home).lower()
    for secret in (b"quokka", b"umbrageous", b"brumaire", b"77,123"):
        assert secret not in left, secret
    assert b"wombat" in left
    assert result.hashes == {digest, "c" * 64}
    assert len(result.version_ids) == 2
    assert result.answers == (cited, repeating, naming)
    assert store.originals.contains(kept_digest)
    assert not store.originals.contains(digest)
    assert store.database.check() == ()
    assert store.conversations.answer(untouched).citations == (other,)
    assert store.jobs.get(job_id).payload == {"paths": ["(erased)", "/home/me/kept.pdf"]}


def test_an_answer_that_cites_an_erased_document_stays_without_what_it_said(store, workspace_id):
    document_id, version_id = stage(store, "a.pdf", pdf(SECRET))
    kept_id, kept_version = stage(store, "kept.pdf", pdf("A wombat digs."), "b" * 64)
    publish(store)
    quote = citing(document_id, version_id, SECRET, "a.pdf")
    other = citing(kept_id, kept_version, "A wombat digs.", "kept.pdf", 2)
    answer_id = answered(
        store, workspace_id, "Who owes what?", SECRET, quote, other, draft="It is the quokka"
    )

    store.documents.erase(document_id)

    answer = store.conversations.answer(answer_id)
    assert answer.question == "Who owes what?"
    assert (answer.text, answer.draft, answer.status) == (ERASED_TEXT, ERASED_TEXT, "answered")
    assert store.conversations.raw_text(answer_id) == ""
    blank, kept = answer.citations
    assert (blank.document, blank.quote, blank.page, blank.rects) == (ERASED_NAME, "", None, ())
    assert (kept.document, kept.quote) == ("kept.pdf", "A wombat digs.")
    assert store.conversations.get(answer.conversation_id).title == "My title"


def test_nothing_is_left_of_where_a_quote_stood(store, workspace_id):
    document_id, version_id = stage(store, "a.xlsx", pdf(SECRET))
    publish(store)
    quote = replace(
        citing(document_id, version_id, SECRET, "a.xlsx"),
        page=None,
        place="Jane Doe's salary!B12:D12",
        confidence=0.5,
        ordinal=3,
        revision="4f1c",
    )
    answer_id = answered(store, workspace_id, "Who owes what?", SECRET, quote)

    store.documents.erase(document_id)

    (blank,) = store.conversations.answer(answer_id).citations
    assert (blank.place, blank.ordinal, blank.confidence, blank.revision) == ("", None, None, "")
    assert not blank.located


def test_what_was_said_about_a_part_goes_with_any_document_in_it(store, workspace_id):
    kept_id, kept_version = stage(store, "a-kept.pdf", pdf("A wombat digs.", "It digs deep."))
    document_id, _ = stage(store, "b.pdf", pdf(SECRET), "b" * 64)
    pack = publish(store)
    last = pack.next_label - 1
    shards = (
        ShardReport(1, 1, 2, 9, last - 2, last - 1, "asked", text="A wombat digs."),
        ShardReport(2, 1, 1, 9, last, last, "asked", text="Somebody is in debt.", error="cut"),
    )
    other = citing(kept_id, kept_version, "A wombat digs.", "a-kept.pdf")
    answer_id = answered(store, workspace_id, "Well?", "A wombat digs. [1]", other, shards=shards)

    store.documents.erase(document_id)

    answer = store.conversations.answer(answer_id)
    assert answer.shards == (shards[0], replace(shards[1], text="", error=""))
    assert answer.text == "A wombat digs. [1]"


def test_a_pack_with_an_erased_document_waits_to_be_built_anew(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("one"))
    _, kept_version = stage(store, "b.pdf", pdf("two", "three"), "b" * 64)
    before = publish(store)

    result = store.documents.erase(document_id)
    waiting = store.packs.find(workspace_id)
    with pytest.raises(StaleError):
        store.packs.publish(waiting, [])
    after = rebuild(store)

    assert result.pack_id == before.id
    assert (before.rebuild_needed, waiting.rebuild_needed) == (False, True)
    assert not after.rebuild_needed
    assert after.hash not in (before.hash, HEAD.hash)
    assert store.packs.label_of(after.id, kept_version) == before.next_label
    assert "one" not in "".join(store.packs.iter_text(after.id))


def test_a_document_that_was_never_published_leaves_the_pack_alone(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    pack = publish(store)
    document_id, _ = stage(store, "b.pdf", pdf("two"), "b" * 64)

    result = store.documents.erase(document_id)

    assert result.pack_id is None
    assert store.packs.find(workspace_id) == pack


def test_bytes_that_another_document_has_too_are_kept(store, workspace_id):
    first, _ = stage(store, "a/__init__.py", pdf("same"))
    second, _ = stage(store, "b/__init__.py", pdf("same"))
    publish(store)

    assert store.documents.erase(first).hashes == frozenset()
    assert store.documents.erase(second).hashes == {"a" * 64}


def test_jobs_of_other_documents_keep_their_names(store, workspace_id):
    erased_id, _ = stage(store, "a.py", pdf("one"))
    kept_id, _ = stage(store, "data.py", pdf("two"), "b" * 64)
    publish(store)
    items = [NewJobItem("a.py"), NewJobItem("data.py")]
    job_id = store.jobs.create("ingest", workspace_id, {}, items)
    for item, document_id in zip(store.jobs.items(job_id), (erased_id, kept_id), strict=True):
        store.jobs.finish_item(item.id, "done", result={"document_id": document_id})

    store.documents.erase(erased_id)

    assert [item.name for item in store.jobs.items(job_id)] == ["(erased)", "data.py"]


def test_ids_are_not_given_again(store, workspace_id):
    document_id, version_id = stage(store, "a.pdf", pdf("one"))
    (passage,) = store.documents.passage_rows(range(10)).values()
    store.documents.erase(document_id)

    new_document, new_version = stage(store, "b.pdf", pdf("two"), "b" * 64)

    (new_passage,) = store.documents.passage_rows(range(10)).values()
    assert new_document > document_id
    assert new_version > version_id
    assert new_passage.passage_id > passage.passage_id


def test_no_row_of_an_erased_document_is_left(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("one", pages=PAGES))
    publish(store)

    store.documents.erase(document_id)

    tables = ("sources", "documents", "versions", "pages", "passages", "segments", "segment_texts")
    with store.database.read() as connection:
        counts = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]
    assert counts == [0] * len(tables)
    assert store.search.search(workspace_id, "one") == []
    with pytest.raises(UnknownItemError):
        store.documents.erase(document_id)


def test_what_a_user_chose_for_an_erased_path_goes_with_it(store, workspace_id):
    erased_id, _ = stage(store, "quokka.min.js", pdf(SECRET))
    stage(store, "kept.js", pdf("A wombat digs."))
    source_id = store.documents.get(erased_id).source_id
    paths = ("kept.js", "quokka.min.js")
    store.documents.set_options(source_id, SourceOptions(put_back=paths, shown_secrets=paths[1:]))
    store.left_out.replace(
        source_id, [LeftOut(path, "minified", "minified") for path in (*paths, "other.js")]
    )

    store.documents.erase(erased_id)

    options = store.documents.source(source_id).options
    assert (options.put_back, options.shown_secrets) == (("kept.js",), ())
    left_out = [each.path for each in store.left_out.of_source(source_id)]
    assert left_out == ["kept.js", "other.js"]
