import shutil
from email.message import EmailMessage

import pymupdf
import pytest

from docqa.errors import InputError
from docqa.readers.ocr import registry
from docqa.services.doctor import run_checks
from docqa.services.ingest_report import ingest_report
from tests.readers.ocr.scans import (
    fake_tesseract,
    picture_of,
    said,
    scanned_pdf,
    small_page,
    tsv_of,
)
from tests.readers.pdf_maker import wrapped
from tests.services.parts import documents, ingest, make_pdf, only, pack_text, upload, workspace

TEXT = "Either party may end this agreement with ninety days notice in writing. "
PAGE = small_page(wrapped(TEXT * 3, 60))


@pytest.fixture(autouse=True)
def no_engine(tmp_path, monkeypatch):
    """A machine without OCR, until a test installs it."""
    (tmp_path / "bin").mkdir()
    registry._listed.cache_clear()
    monkeypatch.setattr(registry, "rapid_languages", frozenset)
    which = shutil.which
    monkeypatch.setattr(
        shutil,
        "which",
        lambda name, **given: which(
            name, **(given | {"path": str(tmp_path / "bin")} if name == "tesseract" else given)
        ),
    )
    yield
    registry._listed.cache_clear()


@pytest.fixture
def install(tmp_path, monkeypatch):
    def install(languages=("eng",), output=None):
        registry._listed.cache_clear()
        fake_tesseract(tmp_path / "bin", monkeypatch, said(output or tsv_of(PAGE)), languages)

    return install


@pytest.fixture
def scans(tmp_path):
    """A folder with a scan, a page of text with a scan behind it, and a text."""
    folder = tmp_path / "scans"
    folder.mkdir()
    scanned = picture_of(PAGE, dpi=75)
    (folder / "scan.pdf").write_bytes(scanned_pdf(scanned, dpi=75))
    (folder / "mixed.pdf").write_bytes(scanned_pdf(None, scanned, dpi=75))
    make_pdf(folder / "text.pdf")
    (folder / "notes.txt").write_text("Nothing of this has to be looked at.")
    return folder


def statuses(app, name):
    pages = app.library.pages(documents(app)[name].version_id)
    return [page.status for page in pages]


def test_without_an_engine_scanned_pages_are_named_with_the_command_that_mends_it(empty, scans):
    (report,) = ingest_report(empty.store, ingest(empty, scans))

    named = {(page["document"], page["page"]) for page in report["unreadable_pages"]}
    assert named == {("scan.pdf", 1), ("mixed.pdf", 2)}
    assert all("apt-get install tesseract-ocr" in p["reason"] for p in report["unreadable_pages"])
    waiting = empty.scans.waiting(workspace(empty))
    assert [(each.document.path, each.pages) for each in waiting] == [
        ("mixed.pdf", (2,)),
        ("scan.pdf", (1,)),
    ]


def test_with_an_engine_they_are_read_and_packed(empty, scans, install):
    install()

    ingest(empty, scans)

    assert statuses(empty, "scan.pdf") == ["ocr"]
    assert statuses(empty, "mixed.pdf") == ["text", "ocr"]
    assert pack_text(empty).count("ninety days notice") == 6
    assert empty.scans.waiting(workspace(empty)) == ()


def test_reading_a_folder_again_once_there_is_an_engine_reads_only_what_waits(
    empty, scans, install
):
    ingest(empty, scans)
    before = {name: document.version_id for name, document in documents(empty).items()}
    install()

    job = ingest(empty, scans)

    after = {name: document.version_id for name, document in documents(empty).items()}
    assert {name for name in after if after[name] != before[name]} == {"scan.pdf", "mixed.pdf"}
    (told,) = job.result["sources"]
    assert (told["changed"], told["unchanged"]) == (2, 2)
    assert statuses(empty, "mixed.pdf") == ["text", "ocr"]


def test_an_update_is_previewed_with_what_waits(empty, scans, install):
    ingest(empty, scans)
    (summary,) = empty.sources.sources(workspace(empty))
    install()

    job = empty.sources.runner.wait(empty.sources.update_preview(summary.source.id))

    assert job.result["paths"]["changed"] == ["mixed.pdf", "scan.pdf"]


def test_what_the_engine_has_read_is_not_read_again(empty, scans, install):
    install()
    ingest(empty, scans)

    (told,) = ingest(empty, scans).result["sources"]

    assert (told["changed"], told["unchanged"]) == (0, 4)


def test_what_the_engine_could_not_read_is_not_tried_at_each_update(empty, scans, install):
    install(output="nothing\n")
    ingest(empty, scans)
    assert statuses(empty, "scan.pdf") == ["image_only"]

    (told,) = ingest(empty, scans).result["sources"]

    assert told["changed"] == 0


@pytest.fixture
def doubtful(tmp_path):
    """A fax with a line of text above its scan, and a mail that has a scan attached."""
    folder = tmp_path / "doubtful"
    folder.mkdir()
    data = scanned_pdf(picture_of(PAGE, dpi=75), dpi=75)
    mail = EmailMessage()
    mail["Subject"] = "The contract"
    mail.set_content("Please sign by Friday.")
    mail.add_attachment(data, maintype="application", subtype="pdf", filename="scan.pdf")
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    with pymupdf.open(stream=data) as document:
        stamp = "RECEIVED BY FAX 12/04/2019 FROM 555-0100 TO 555-0199 PAGE 3 OF 12"
        document[0].insert_text((15, 12), stamp, fontsize=5)
        (folder / "fax.pdf").write_bytes(document.tobytes())
    return folder


def test_pictures_beside_text_and_in_mails_wait_for_an_engine(empty, doubtful, install):
    ingest(empty, doubtful)
    waiting = empty.scans.waiting(workspace(empty))
    assert [(each.document.path, each.pages) for each in waiting] == [
        ("fax.pdf", (1,)),
        ("mail.eml", (2,)),
    ]
    assert "apt-get install tesseract-ocr" in documents(empty)["fax.pdf"].notes[0]
    assert ingest(empty, doubtful).result["sources"][0]["changed"] == 0
    install()

    (told,) = ingest(empty, doubtful).result["sources"]

    assert told["changed"] == 2
    assert statuses(empty, "fax.pdf") == ["ocr"]
    assert statuses(empty, "mail.eml") == ["text", "ocr"]
    assert empty.scans.waiting(workspace(empty)) == ()
    assert ingest(empty, doubtful).result["sources"][0]["changed"] == 0


def test_pictures_beside_text_and_in_mails_are_read_again_when_that_is_asked(
    empty, doubtful, install
):
    ingest(empty, doubtful)
    install()

    empty.ingestion.wait(empty.scans.read_again(workspace(empty)))

    assert statuses(empty, "fax.pdf") == ["ocr"]
    assert statuses(empty, "mail.eml") == ["text", "ocr"]


def test_another_language_has_scans_read_again(open_app, empty_home, scans, install):
    install(("eng", "deu"))
    app = open_app(empty_home)
    ingest(app, scans)
    before = documents(app)["scan.pdf"].version_id
    app.close()

    german = open_app(empty_home, ocr_languages="eng+deu")
    (told,) = ingest(german, scans).result["sources"]

    assert (told["changed"], told["unchanged"]) == (2, 2)
    assert documents(german)["scan.pdf"].version_id != before


def test_an_upload_is_read_again_once_there_is_an_engine(empty, install):
    data = scanned_pdf(picture_of(PAGE, dpi=75), dpi=75)
    upload(empty, "scan.pdf", data)
    install()

    job = upload(empty, "scan.pdf", data)

    assert only(empty, job).result["status"] == "updated"
    assert statuses(empty, "scan.pdf") == ["ocr"]
    again = upload(empty, "scan.pdf", data)
    assert only(empty, again).result["status"] == "unchanged"


def test_what_waits_is_read_again_from_the_kept_originals(empty, scans, install):
    ingest(empty, scans)
    text = documents(empty)["text.pdf"].version_id
    shutil.rmtree(scans)
    install()

    job = empty.ingestion.wait(empty.scans.read_again(workspace(empty)))

    assert job.status == "done"
    assert statuses(empty, "scan.pdf") == ["ocr"]
    assert documents(empty)["text.pdf"].version_id == text
    assert len(empty.library.versions(documents(empty)["scan.pdf"].id)) == 2
    assert empty.scans.waiting(workspace(empty)) == ()


def test_reading_again_what_comes_out_the_same_makes_no_version(empty, scans, install):
    install()
    ingest(empty, scans)
    scan = documents(empty)["scan.pdf"]

    empty.ingestion.wait(empty.scans.read_again(workspace(empty), [scan.id]))

    assert len(empty.library.versions(scan.id)) == 1


def test_reading_again_needs_an_engine_and_something_to_read(empty, scans, install):
    ingest(empty, scans)
    with pytest.raises(InputError, match="no OCR engine reads: install OCR with"):
        empty.scans.read_again(workspace(empty))
    install()
    notes = documents(empty)["notes.txt"]

    with pytest.raises(InputError, match="no document has pages that wait"):
        empty.scans.read_again(workspace(empty), [notes.id])


def test_excluded_documents_do_not_wait(empty, scans):
    ingest(empty, scans)

    empty.library.exclude(documents(empty)["scan.pdf"].id)

    assert [w.document.path for w in empty.scans.waiting(workspace(empty))] == ["mixed.pdf"]


def test_turned_off_ocr_reads_nothing_and_says_so(open_app, scans, install):
    install()
    app = open_app(ocr="off")

    ingest(app, scans)

    assert statuses(app, "scan.pdf") == ["image_only"]
    page = app.library.pages(documents(app)["scan.pdf"].version_id)[0]
    assert page.reason.endswith("OCR is turned off; set DOCQA_OCR=auto")


def check_of(app):
    checks = run_checks(app.settings, app.store, app.engines)
    return next(check for check in checks if check.check == "ocr")


def test_doctor_says_which_engine_reads_and_what_would_bring_one(open_app, install):
    app = open_app(ocr_languages="eng+deu")
    missing = check_of(app)
    install()
    lacking = check_of(app)
    install(("eng", "deu"))
    whole = check_of(app)

    assert missing.ok
    assert "apt-get install tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu" in missing.hint
    assert (lacking.ok, lacking.hint) == (False, "apt-get install tesseract-ocr-deu")
    assert "lacks deu" in lacking.detail
    assert (whole.ok, whole.hint) == (True, "")
    assert whole.detail == "tesseract reads scanned pages (eng+deu)"


def test_a_page_may_not_take_longer_than_a_reader_may_be_silent(open_app):
    app = open_app(ocr_timeout_s=900, reader_timeout_s=100)

    assert app.scans.setup().timeout_s == 80


def test_passages_of_scans_keep_their_confidence(empty, scans, install):
    install()
    ingest(empty, scans)

    passages = list(empty.store.documents.passages(documents(empty)["scan.pdf"].version_id))

    assert [passage.confidence for passage in passages] == [0.93]
