import itertools
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docqa.core.coverage import CLASSES, Tally, sum_of
from docqa.core.documents import LineLocator, PageInfo, PageLocator, ParsedDocument, Passage
from docqa.core.left_out import LeftOut
from docqa.store.coverage_units import CoverageFilter
from tests.store import samples

STATUSES = ("text", "ocr", "image_only", "empty", "failed")
NUMBERS = itertools.count(1)


def pdf(*statuses):
    pages = tuple(
        PageInfo(n, 612, 792, status, "why" if status in ("image_only", "failed") else "", 0)
        for n, status in enumerate(statuses, 1)
    )
    passages = (Passage(0, f"Text {next(NUMBERS)}.", PageLocator(1, 1)),)
    return ParsedDocument("pdf", passages, pages, reader="pdf/1")


def text(*words):
    passages = tuple(Passage(n, word, LineLocator(n + 1, n + 1)) for n, word in enumerate(words))
    return ParsedDocument("text", passages, reader="text/1")


def tallies(store, workspace_id, **wanted):
    """The same sums in three ways: by source, by document, by listing the pages."""
    chosen = CoverageFilter(**wanted)
    by_source = sum_of(each.tally for each in store.coverage.sources(workspace_id, chosen))
    by_document = sum_of(each.tally for each in store.coverage.documents(workspace_id, chosen))
    pages = list(store.coverage.all_pages(workspace_id, chosen))
    listed = sum_of(Tally.of({page.page_class: 1}, page.packed) for page in pages)
    keys = [(page.path, page.version_id, page.page) for page in pages]
    assert len(set(keys)) == len(keys), "a page is listed twice"
    assert by_source == by_document == listed
    return listed


def workspace(store):
    return store.workspaces.get_or_create("default").id


def test_each_page_is_in_the_class_that_its_reading_says(store):
    samples.stage(store, "a.pdf", pdf("text", "ocr", "image_only", "failed", "empty"))
    samples.stage(store, "notes.txt", text("one", "two"))
    samples.stage(store, "nothing.txt", text())
    samples.publish(store)

    assert tallies(store, workspace(store)) == Tally.of(
        {"text": 2, "ocr": 1, "unreadable": 2, "blank": 2}, packed=3
    )
    reasons = {
        (page.path, page.page): page.reason
        for page in store.coverage.pages(workspace(store), CoverageFilter(page_class="unreadable"))
    }
    assert reasons == {("a.pdf", 3): "why", ("a.pdf", 4): "why"}


def test_what_is_not_asked_about_is_counted_apart(store):
    kept, _ = samples.stage(store, "kept.pdf", pdf("text", "text"))
    gone, _ = samples.stage(store, "gone.pdf", pdf("text", "image_only"))
    samples.publish(store)
    store.documents.set_excluded(kept, True)
    store.source_files.set_removed([gone], "2026-11-22")
    source_id = store.documents.get(kept).source_id
    broken = store.documents.add_document(workspace(store), source_id, "broken.pdf", "broken.pdf")
    store.documents.record_failure(broken, "b" * 64, 5, error="it is encrypted")
    store.left_out.replace(source_id, [LeftOut("big.bin", "binary", "binary", 9)])
    samples.stage(store, "coming.txt", text("soon"))
    store.documents.add_document(workspace(store), source_id, "queued.txt", "queued.txt")

    found = tallies(store, workspace(store))

    assert found == Tally.of(
        {"excluded": 2, "removed": 2, "failed": 1, "left_out": 1, "waiting": 2}
    )
    pages = {page.path: page for page in store.coverage.pages(workspace(store))}
    assert pages["broken.pdf"].reason == "it is encrypted"
    assert pages["gone.pdf"].reason == "since 2026-11-22"
    assert pages["big.bin"].document_id is None


def test_pages_of_older_versions_are_counted_as_such(store):
    samples.stage(store, "a.pdf", pdf("text", "text"), "1" * 64)
    samples.publish(store)
    samples.stage(store, "a.pdf", pdf("text", "image_only", "empty"), "2" * 64)
    assert tallies(store, workspace(store)).named()["waiting"] == 3

    samples.publish(store)

    assert tallies(store, workspace(store)) == Tally.of(
        {"text": 1, "unreadable": 1, "blank": 1, "superseded": 2}, packed=1
    )
    [document] = store.coverage.documents(workspace(store))
    assert document.tally.total == 5


def test_a_newer_file_that_cannot_be_read_is_named_beside_the_one_in_use(store):
    document_id, _ = samples.stage(store, "a.pdf", pdf("text"), "1" * 64)
    samples.publish(store)
    store.documents.record_failure(document_id, "2" * 64, 5, error="it is broken")

    assert tallies(store, workspace(store)) == Tally.of({"text": 1, "failed": 1}, packed=1)


def test_pages_are_found_by_source_document_class_and_name(store):
    first, _ = samples.stage(store, "Fiscal/Report.pdf", pdf("text", "image_only"))
    samples.stage(store, "notes.txt", text("one"))
    samples.publish(store)
    where = workspace(store)

    assert tallies(store, where, document_id=first).total == 2
    assert tallies(store, where, text="report").total == 2
    assert tallies(store, where, text="%").total == 0
    assert tallies(store, where, page_class="unreadable", text="REPORT").total == 1
    assert tallies(store, where, source_id=999).total == 0
    assert [page.page for page in store.coverage.pages(where, most=1, after=1)] == [2]
    assert len(store.coverage.documents(where, most=1)) == 1


@pytest.mark.parametrize(
    "words", ["Übersicht", "übersicht", "ÜBER", "U\N{COMBINING DIAERESIS}ber", "STRASSE"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_are_found_whatever_their_case_and_accents(store, words, form):
    name = unicodedata.normalize(form, "Straße/Übersicht.pdf")
    samples.stage(store, name, pdf("text"))
    samples.stage(store, "Uber.pdf", pdf("text"))
    samples.publish(store)

    assert tallies(store, workspace(store), text=words).total == 1


def test_blank_pages_are_counted_by_version_in_use(store):
    samples.stage(store, "a.pdf", pdf("text", "empty"), "1" * 64)
    samples.publish(store)
    _, newer = samples.stage(store, "a.pdf", pdf("text", "empty", "empty", "failed"), "2" * 64)
    samples.stage(store, "b.pdf", pdf("text", "image_only"))
    samples.publish(store)

    assert store.coverage.blank_pages(workspace(store)) == {newer: 2}
    assert store.coverage.blank_pages(999) == {}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("pdf", "text", "fail", "publish", "exclude", "remove", "left_out")),
        st.sampled_from(("a", "b", "c")),
        st.lists(st.sampled_from(STATUSES), min_size=1, max_size=4),
    ),
    max_size=9,
)


@given(STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_happens_to_a_library_its_pages_add_up(store, steps):
    name = f"workspace {next(NUMBERS)}"
    where = store.workspaces.get_or_create(name).id
    source_id = store.documents.add_source(where, "folder", name, f"/{name}")

    for step, path, statuses in steps:
        document_id = store.documents.add_document(where, source_id, path, path)
        digest = f"{next(NUMBERS):064x}"
        if step in ("pdf", "text"):
            parsed = pdf(*statuses) if step == "pdf" else text(*statuses[1:])
            version = samples.new_version(document_id, parsed, digest)
            store.documents.stage_version(version)
        elif step == "fail":
            store.documents.record_failure(document_id, digest, 5, error="broken")
        elif step == "publish":
            pack = store.packs.current(where, samples.HEAD)
            place = {"label": pack.next_label, "position": pack.segment_count, "before": pack.hash}
            new = store.documents.unpublished(where)
            store.packs.publish(pack, samples.rendered(store, new, **place))
        elif step == "exclude":
            store.documents.set_excluded(document_id, len(statuses) % 2 == 0)
        elif step == "remove":
            store.source_files.set_removed([document_id], "2026-11-22")
        else:
            files = [LeftOut(f"{path}{n}.bin", "binary", "binary") for n in range(len(statuses))]
            store.left_out.replace(source_id, files)
    total = tallies(store, where)
    assert total.packed <= total.readable
    assert total.total >= len(store.documents.all(where))
    by_class = [tallies(store, where, page_class=each) for each in CLASSES]
    assert sum_of(by_class) == total
