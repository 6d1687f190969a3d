"""What people add by mistake, and what others add on purpose: each with its message."""

import io
import os
import warnings
import zipfile

import pymupdf
import pytest

from docqa.errors import InvalidNameError
from tests.services.parts import documents, ingest, items, make_pdf, only, upload


def failure(app, job):
    """(type, message) of the only file of the job."""
    item = only(app, job)
    assert item.status == "failed"
    assert item.error_hint
    return item.error_type, item.error


def zip_of(*members):
    """A zip archive with these (name, content)."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def pdf_without_pages():
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n"
        b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n106\n%%EOF\n"
    )


def test_an_empty_file(empty):
    assert failure(empty, upload(empty, "a.txt", b"")) == ("EmptyFileError", "the file is empty")


def test_a_pdf_without_pages(empty):
    error_type, message = failure(empty, upload(empty, "a.pdf", pdf_without_pages()))

    assert (error_type, message) == ("EmptyFileError", "the PDF has no pages")


def test_a_pdf_that_ends_too_early(empty, tmp_path):
    whole = make_pdf(tmp_path / "whole.pdf").read_bytes()

    error_type, message = failure(empty, upload(empty, "a.pdf", whole[:120]))

    assert error_type in ("BrokenFileError", "EmptyFileError")
    assert message


def test_a_pdf_that_lost_only_its_end_is_repaired_and_says_so(empty, tmp_path):
    whole = make_pdf(tmp_path / "whole.pdf").read_bytes()

    upload(empty, "a.pdf", whole[: whole.rindex(b"xref")])

    document = documents(empty)["a.pdf"]
    assert document.status == "ready"
    assert document.pages == 2
    assert any("repaired" in note for note in document.notes)


def test_a_picture_called_pdf(empty):
    picture = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 8, 8)).tobytes("png")

    upload(empty, "a.pdf", picture)

    document = documents(empty)["a.pdf"]
    assert document.kind == "image"
    assert document.notes[0] == "its name ends in .pdf, but it is a picture and was read as one"


def test_a_pdf_called_text_is_read_as_what_it_is(empty, tmp_path):
    upload(empty, "a.txt", make_pdf(tmp_path / "whole.pdf").read_bytes())

    document = documents(empty)["a.txt"]
    assert document.kind == "pdf"
    assert any("does not end in .pdf" in note for note in document.notes)


def test_a_file_of_300_megabytes_is_refused_before_it_is_copied(empty, tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(300_000_000)

    error_type, message = failure(empty, ingest(empty, path))

    assert (error_type, message) == ("FileTooLargeError", "has 300 MB, the limit is 200 MB")
    assert not list(empty.store.originals.hashes())


def test_an_upload_above_the_limit(open_app):
    app = open_app(max_file_mb=1)

    error_type, message = failure(app, upload(app, "a.txt", b"word " * 300_000))

    assert (error_type, message) == ("FileTooLargeError", "has 2 MB, the limit is 1 MB")


def test_a_zip_bomb(empty):
    bomb = zip_of(("a.txt", bytes(50_000_000)))

    error_type, message = failure(empty, upload(empty, "a.zip", bomb))

    assert error_type == "ArchiveBombError"
    assert "unpacks to 50 MB" in message


@pytest.mark.parametrize("member", ["../../climbs.txt", "/climbs.txt", "C:\\climbs.txt"])
def test_an_archive_whose_member_climbs_out(empty, member, tmp_path):
    error_type, message = failure(empty, upload(empty, "a.zip", zip_of((member, b"climbs"))))

    assert error_type == "UnsafePathError"
    assert "leads outside of it" in message
    assert not list(tmp_path.rglob("climbs.txt"))


def test_an_archive_that_is_damaged(empty):
    numbers = " ".join(map(str, range(5_000))).encode()
    damaged = bytearray(zip_of(("a.txt", numbers), ("b.txt", b"Another text.")))
    damaged[5_000:5_030] = bytes(30)

    job = upload(empty, "a.zip", bytes(damaged))

    assert set(documents(empty)) == {"b.txt"}
    assert {name: each.error_type for name, each in items(empty, job).items()} == {
        "a.txt": "BrokenFileError",
        "b.txt": "",
    }


def test_an_archive_that_claims_less_than_it_holds(open_app):
    app = open_app(max_file_mb=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packed = bytearray(zip_of(("a.txt", b"word " * 400_000), ("b.txt", b"Another text.")))
    # The size in the central directory: 24 bytes into the entry.
    at = packed.index(b"PK\x01\x02") + 24
    packed[at : at + 4] = (1_000).to_bytes(4, "little")

    upload(app, "a.zip", bytes(packed))

    found = documents(app)
    assert found["b.txt"].status == "ready"
    assert "a.txt" not in found or found["a.txt"].size <= 1_000_000


def test_an_empty_archive_and_an_empty_folder(empty, tmp_path):
    (tmp_path / "empty").mkdir()

    assert failure(empty, ingest(empty, tmp_path / "empty"))[1] == "there is nothing in it"
    assert failure(empty, upload(empty, "a.zip", zip_of()))[0] in (
        "EmptyFileError",
        "UnsupportedFileError",
    )


def test_a_pipe_is_refused_rather_than_waited_for(empty, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")

    error_type, message = failure(empty, ingest(empty, tmp_path / "pipe.txt"))

    assert (error_type, message) == ("ReadError", "not a regular file")


def test_text_with_every_byte_there_is(empty):
    job = upload(empty, "bytes.bin", bytes(range(256)) * 20)

    assert failure(empty, job) == ("UnsupportedFileError", "is binary, not text")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\notes\\passwd", "a\x00b", "", "x" * 400, "-rf", "<b>.txt"]
)
def test_an_upload_may_have_any_name(empty, name, tmp_path):
    upload(empty, name, b"Backups are kept for 35 days.")

    (document,) = empty.library.documents(empty.workspaces.get("default").id)
    assert document.status == "ready"
    assert "/" not in document.name
    assert not list(tmp_path.rglob("passwd"))


@pytest.mark.parametrize("name", ["a/b", "", " ", "..\\up", "x" * 81, "tab\tname", "/"])
def test_a_workspace_name_with_slashes_and_the_like(empty, name):
    with pytest.raises(InvalidNameError, match="is not a valid workspace name"):
        empty.workspaces.get_or_create(name)
