import threading
from itertools import pairwise

import pytest

from docqa.core.packing import chain, head_chain, segment_hash
from docqa.errors import InputError
from docqa.services.publishing import Publisher
from docqa.store.database import Database
from tests.services.parts import (
    BACKUPS,
    BREACH,
    ask,
    bytes_under,
    documents,
    ingest,
    items,
    make_pdf,
    pack_text,
    upload,
    workspace,
)


def segments(app):
    return app.store.packs.segments(app.library.pack(workspace(app)).id)


def check_chain(app):
    """Labels follow each other, and hashes are those of the texts."""
    head = head_chain()
    label = segments(app)[0].segment.first_label
    for found in segments(app):
        text = app.store.packs.segment_text(found.id)
        head = chain(head, segment_hash(text))
        assert found.segment.first_label == label
        assert f"[#{label}]" in text
        assert found.segment.chain == head
        label += found.segment.passage_count
    pack = app.library.pack(workspace(app))
    assert (pack.hash, pack.next_label) == (head, label)


def test_labels_and_hashes_chain_over_several_jobs(empty):
    texts = []
    for number in range(4):
        upload(empty, f"{number}.txt", f"This is document number {number}.".encode())
        texts.append(pack_text(empty))
        check_chain(empty)

    for before, after in pairwise(texts):
        assert after.startswith(before)
    assert len(segments(empty)) == 4


def test_one_job_publishes_one_version_in_path_order(app):
    names = [found.name for found in segments(app)]

    assert names == ["agreement.pdf", "orbit/__init__.py", "orbit/retry.py", "runbook.md"]
    check_chain(app)


def test_excluding_leaves_the_prefix_as_it_is_and_including_too(app):
    before = app.library.pack(workspace(app))
    number = documents(app)["runbook.md"].id

    app.library.exclude(number)
    assert documents(app)["runbook.md"].status == "excluded"
    assert app.library.pack(workspace(app)) == before

    app.library.include(number)
    assert documents(app)["runbook.md"].status == "ready"
    assert app.library.pack(workspace(app)) == before


def test_excluding_takes_a_document_out_of_search(app):
    assert app.searching.search(workspace(app), "backups")

    app.library.exclude(documents(app)["agreement.pdf"].id)

    assert not app.searching.search(workspace(app), "backups")


def test_repacking_drops_what_is_superseded_and_excluded(app):
    upload(app, "notes.txt", b"The first version.")
    item = next(iter(items(app, upload(app, "notes.txt", b"The second version.")).values()))
    app.ingestion.wait(app.ingestion.resolve(item.id, replace=True))
    app.library.exclude(documents(app)["runbook.md"].id)
    before = app.library.pack(workspace(app))
    price = app.library.repack_price(workspace(app))

    pack = app.library.repack(workspace(app))

    assert [found.name for found in segments(app)] == [
        "agreement.pdf",
        "notes.txt",
        "orbit/__init__.py",
        "orbit/retry.py",
    ]
    # A new segment need not say what it supersedes any more.
    assert pack.token_count <= price.tokens_to_prefill < pack.token_count + 10
    assert price.tokens_to_prefill < before.token_count
    assert segments(app)[0].segment.first_label == before.next_label
    assert "The first version." not in pack_text(app)
    assert documents(app)["notes.txt"].version == 2
    check_chain(app)


def test_a_document_that_was_excluded_while_repacking_comes_back_when_it_is_included(app):
    number = documents(app)["runbook.md"].id
    app.library.exclude(number)
    app.library.repack(workspace(app))

    app.library.include(number)

    assert segments(app)[-1].name == "runbook.md"
    assert app.searching.search(workspace(app), "dispatcher")
    check_chain(app)


def test_erasing_leaves_no_trace_of_the_document(app, tmp_path):
    secret = "The Zanzibar clause forbids every transfer of cargo lists to Quuxland."
    path = make_pdf(tmp_path / "zanzibar memo.pdf", [("Memo", secret)], password="open sesame")
    ingest(app, path, password="open sesame")
    document = documents(app)["zanzibar memo.pdf"]
    answer = ask(app, "What does the Zanzibar clause forbid?")
    app.pages.picture(document.version_id, 1, 160)
    assert "Quuxland" in answer.text
    before = app.library.pack(workspace(app))

    app.library.erase(document.id)

    assert "zanzibar memo.pdf" not in documents(app)
    pack = app.library.pack(workspace(app))
    assert pack.next_label > before.next_label
    assert segments(app)[0].segment.first_label == before.next_label
    check_chain(app)
    assert "erased" in app.answering.answer(answer.id).text
    assert not app.searching.search(workspace(app), "Zanzibar")
    question = b"What does the Zanzibar clause forbid?"
    left = bytes_under(app.settings.home).replace(question, b"")
    assert b"Quuxland" not in left
    assert b"zanzibar memo" not in left
    assert not [each for each in app.settings.home.rglob("*") if document.content_hash in str(each)]
    assert app.store.audit.verify() is None


def test_erasing_keeps_the_original_that_another_document_has_too(app, tmp_path):
    upload(app, "one.txt", b"The same text twice.")
    upload(app, "two.txt", b"The same text twice.")
    found = documents(app)

    app.library.erase(found["one.txt"].id)

    assert app.library.text(found["two.txt"].version_id) == "The same text twice."


def test_nothing_is_erased_or_repacked_while_something_runs(app):
    app.store.jobs.create("ingest", workspace(app), {"on_conflict": "ask"})

    for act in (
        lambda: app.library.erase(documents(app)["runbook.md"].id),
        lambda: app.library.repack(workspace(app)),
        lambda: app.workspaces.delete(workspace(app)),
    ):
        with pytest.raises(InputError, match="still running"):
            act()

    assert len(segments(app)) == 4


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_question(app):
    # As if the process had been killed right after the document's rows had gone.
    app.store.documents.erase(documents(app)["agreement.pdf"].id)
    assert app.store.packs.find(workspace(app)).rebuild_needed

    answer = ask(app, "Who restarts the dispatcher?")

    assert answer.status == "answered"
    assert not app.store.packs.find(workspace(app)).rebuild_needed
    assert BACKUPS not in " ".join(pack_text(app).split())
    assert {citation.document for citation in answer.citations} == {"runbook.md"}
    check_chain(app)


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_ingestion(app):
    app.store.documents.erase(documents(app)["agreement.pdf"].id)

    upload(app, "notes.txt", b"Notes of a meeting.")

    assert [found.name for found in segments(app)][-1] == "notes.txt"
    assert "agreement.pdf" not in documents(app)
    check_chain(app)


def test_what_a_cut_off_erasure_left_on_the_disk_goes_at_the_next_start(app):
    document = documents(app)["agreement.pdf"]
    app.pages.picture(document.version_id, 1, 160)
    app.library._publisher = KilledPublisher()
    with pytest.raises(SystemExit):
        app.library.erase(document.id)

    app.start()

    assert not [each for each in app.settings.home.rglob("*") if document.content_hash in str(each)]
    assert b"personal data breach" not in bytes_under(app.settings.home)


class KilledPublisher:
    """The process dies when the pack is to be made anew."""

    def repack(self, workspace_id):
        raise SystemExit


def test_two_publishers_at_once_lose_nothing(app, empty_home):
    where = workspace(app)
    staged = []
    for number in range(12):
        job = upload_unpublished(app, f"{number:02}.txt", f"This is document number {number}.")
        staged.append(job)
    publishers = [Publisher(app.store) for _ in range(4)]
    failures = []

    def publish(publisher, versions):
        try:
            publisher.publish(where, versions)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [
        threading.Thread(target=publish, args=(publisher, staged[number::4]))
        for number, publisher in enumerate(publishers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(segments(app)) == 4 + 12
    check_chain(app)


def upload_unpublished(app, name, text):
    """A staged version of a new document, its id."""
    content = text.encode()
    app.ingestion._publisher, publisher = _NoPublisher(), app.ingestion._publisher
    job = upload(app, name, content)
    app.ingestion._publisher = publisher
    (item,) = items(app, job).values()
    return item.result["version_id"]


class _NoPublisher:
    def prepare(self):
        return None

    def publish(self, *arguments, **options):
        return None


def test_deleting_a_workspace_leaves_nothing_of_it(app):
    document = documents(app)["agreement.pdf"]
    app.pages.picture(document.version_id, 1, 160)
    ask(app, "When must a breach be notified?")

    app.workspaces.delete(workspace(app))

    assert app.workspaces.all() == ()
    left = bytes_under(app.settings.home)
    assert BREACH.encode()[:40] not in left
    assert not [each for each in app.settings.home.rglob("*") if document.content_hash in str(each)]


def test_the_database_is_sound_after_all_that(app):
    app.library.erase(documents(app)["agreement.pdf"].id)

    assert Database(app.settings.database_path).check() == ()
