import hashlib
import json

import pymupdf
import pytest

from docqa.core.checklists import Checklist, Requirement
from docqa.errors import ExportFormatError, StoreError, UnknownItemError
from docqa.services.exporting.service import FORMATS, format_of
from tests.services import parts

CHECKLIST = Checklist(
    "dpa",
    "Processor agreements",
    "1",
    "GDPR, Article 28",
    (
        Requirement("breach", "The Supplier must notify the Customer of a breach within 72 hours."),
        Requirement("audits", "The Supplier lets the Customer's wombats inspect the premises."),
    ),
)


@pytest.fixture
def review(app):
    document = parts.documents(app)["agreement.pdf"]
    number = app.reviewing.submit(parts.workspace(app), CHECKLIST, document_ids=[document.id])
    app.reviewing.wait(number)
    return number


def test_each_export_is_on_record_with_its_hash_and_the_log_still_verifies(app, review, tmp_path):
    for format in ("csv", "xlsx", "json"):
        head = app.store.audit.head()

        path = app.exporting.export(review, format, tmp_path / f"review.{format}", user="Ana")

        (entry,) = app.store.audit.entries(1)
        assert (entry.user, entry.action) == ("Ana", "review.exported")
        assert entry.detail["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (entry.detail["format"], entry.detail["audit_head"]) == (format, head)
    assert app.store.audit.verify() is None
    assert [path.name for path in sorted(tmp_path.glob("*review*"))] == [
        "review.csv",
        "review.json",
        "review.xlsx",
    ]


def test_a_report_is_made_by_a_worker_from_the_documents_themselves(app, review, tmp_path):
    path = app.exporting.export(review, "pdf", tmp_path / "review.pdf", user="Ana")

    with pymupdf.open(path) as report:
        text = " ".join(" ".join(page.get_text() for page in report).split())
        assert sum(len(page.get_images()) for page in report) >= 1
    assert parts.BREACH in text
    assert "by Ana" in text
    assert app.store.audit.entries(1)[0].detail["format"] == "pdf"
    assert app.store.audit.verify() is None


def test_the_packet_names_the_original_that_each_finding_was_read_from(app, review, tmp_path):
    path = app.exporting.export(review, "json", tmp_path / "review.json")

    told = json.loads(path.read_text("utf-8"))

    document = parts.documents(app)["agreement.pdf"]
    assert [each["content_hash"] for each in told["versions"]] == [document.content_hash]
    assert {cell["version_id"] for cell in told["cells"]} == {document.version_id}
    assert told["exported"]["by"] == "local"


def test_an_export_takes_the_place_of_an_older_one_only_when_it_is_whole(app, tmp_path):
    (tmp_path / "review.csv").write_text("older")

    with pytest.raises(UnknownItemError):
        app.exporting.export(99, "csv", tmp_path / "review.csv")

    assert (tmp_path / "review.csv").read_text() == "older"
    assert app.store.audit.count() == 0


@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_that_is_not_there_is_said_and_nothing_recorded(app, review, tmp_path, format):
    before = app.store.audit.count()

    with pytest.raises(StoreError, match="nowhere"):
        app.exporting.export(review, format, tmp_path / "nowhere" / f"review.{format}")

    assert app.store.audit.count() == before


def test_the_name_of_a_file_says_its_format(tmp_path):
    assert format_of(tmp_path / "Review.XLSX") == "xlsx"
    with pytest.raises(ExportFormatError, match="does not say") as caught:
        format_of(tmp_path / "review.docx")
    assert ".pdf" in caught.value.hint
