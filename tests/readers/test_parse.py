import gzip
import io
import zipfile

import pytest

from docqa.errors import (
    BrokenFileError,
    EmptyFileError,
    FileTooLargeError,
    ReadError,
    UnsupportedFileError,
)
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file, reader_name
from tests.readers.pdf_maker import pdf_of


@pytest.fixture
def parse(tmp_path):
    def parse(data, name, **options):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return parse_file(path, name, ReaderOptions(**options), lambda done, total: None)

    return parse


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_each_kind_goes_to_its_reader(parse):
    assert parse(pdf_of([(72, 72, "Text")]), "a.pdf").reader == "pdf/2"
    assert parse(b"# Title\n", "a.md").reader == "text/2"
    assert parse(b"x = 1\n", "a.py").reader == "code/2"
    assert parse(b"All rights reserved.\n", "LICENSE").reader == "text/2"


def test_a_pdf_named_as_text_is_read_as_a_pdf_and_says_so(parse):
    document = parse(pdf_of([(72, 72, "Inside.")]), "notes.txt")

    assert document.kind == "pdf"
    assert "it is a PDF" in document.notes[0]


def test_text_named_as_pdf_is_read_as_text_and_says_so(parse):
    document = parse(b"Just a few plain words.\n", "report.pdf")

    assert document.kind == "text"
    assert "it is text" in document.notes[0]


@pytest.mark.parametrize(
    ("data", "name", "what"),
    [
        (zipped(a="b"), "report.pdf", "zip archive, although its name ends in .pdf"),
        (b"MZ\x90\x00\x03\x00\x00\x00" * 9, "readme.md", "Windows program"),
        (b"\x7fELF\x02\x01\x01\x00" * 9, "tool", "program"),
        (gzip.compress(b"words", mtime=0), "words.txt", "gzip"),
        (bytes(range(256)), "data.md", "binary"),
    ],
)
def test_what_docqa_cannot_read_is_named(parse, data, name, what):
    with pytest.raises(UnsupportedFileError, match=what):
        parse(data, name)


def test_bytes_that_are_no_pdf_fail_clearly_when_named_so(parse):
    with pytest.raises(BrokenFileError, match="not a PDF"):
        parse(bytes(range(256)) * 4, "scan.pdf")


def test_an_empty_file_is_said_to_be_empty(parse):
    with pytest.raises(EmptyFileError, match="empty"):
        parse(b"", "a.pdf")


def test_a_file_that_is_too_large_is_not_opened(parse):
    with pytest.raises(FileTooLargeError):
        parse(b"x" * 2_000, "big.txt", max_file_bytes=1_000)


def test_a_file_that_is_gone_is_a_read_error(tmp_path):
    with pytest.raises(ReadError, match="cannot be opened"):
        parse_file(tmp_path / "gone", "gone.txt", ReaderOptions(), lambda done, total: None)


def test_the_reader_is_known_without_reading(tmp_path):
    path = tmp_path / "stored"
    path.write_bytes(b"x = 1\n")

    assert reader_name(path, "a.py") == "code/2"


def test_what_is_called_something_else_is_read_as_what_it_is(parse):
    page = b"<!DOCTYPE html><html><body><p>Sold: twelve.</p></body></html>"

    document = parse(page, "report.xls")
    table = parse(b"Name\tAge\nBo\t7\n", "list.xls")
    data = zipped(**{"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})

    assert document.kind == "document"
    assert document.notes[0] == ("its name ends in .xls, but it is a web page and was read as one")
    assert table.kind == "sheet"
    with pytest.raises(ReadError):
        parse(data, "a.xlsx")


def test_files_of_a_codebase_are_text(parse):
    page = b"<!DOCTYPE html><html><body><p>Sold: twelve.</p></body></html>"

    assert parse(page, "a.html").kind == "document"
    assert parse(page, "a.html", in_code=True).kind == "code"
    assert parse(b"a,b\n1,2\n", "a.csv").kind == "sheet"
    assert parse(b"a,b\n1,2\n", "a.csv", in_code=True).kind == "text"


def test_words_that_look_like_a_signature_are_text(parse):
    assert parse(b"BM stands for benchmark, MZ for nothing.\n", "a.txt").kind == "text"
