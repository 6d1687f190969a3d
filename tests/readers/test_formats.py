import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.readers.formats import SUFFIXES, WHAT, format_of, reads_otherwise_in_code
from docqa.readers.registry import READER_NAMES, READERS, entry_for
from docqa.readers.signatures import unsupported_reason

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(60)


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member in members:
            name, _, data = member.partition("=")
            archive.writestr(name, data)
    return out.getvalue()


DOCX = zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")
PPTX = zipped("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml")
ODS = zipped("mimetype=application/vnd.oasis.opendocument.spreadsheet", "content.xml")


def test_every_reader_has_the_name_that_it_is_registered_by():
    for entry in READERS:
        assert entry.make().name == entry.name
    assert {entry.name for entry in READERS} == READER_NAMES


@pytest.mark.parametrize(
    ("name", "head", "in_code"),
    [
        ("run.exe", b"MZ\x90\x00\x03\x00\x00\x00" * 9, False),
        ("a.zip", zipped("letter.txt=words"), False),
        ("a.zip", zipped("letter.docx=PK\x03\x04 word/document.xml"), False),
        ("letter.doc", OLE, False),
        ("letter.docx", OLE, False),
        ("letter", OLE, False),
        ("clip.avi", b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(40), False),
        ("logo.png", PNG, True),
    ],
)
def test_what_no_reader_takes_is_told_in_words(name, head, in_code):
    assert format_of(name, head, in_code=in_code) is None
    assert unsupported_reason(name, head, in_code=in_code).startswith("is ")


@given(
    st.sampled_from((*SUFFIXES, ".txt", ".py", ".zip", "")),
    st.binary(max_size=200),
    st.sampled_from((b"", b"PK\x03\x04", OLE, PNG, DOCX, XLSX, ODS, b"{\\rtf", b"%PDF-")),
    st.booleans(),
)
@settings(deadline=None)  # the first name loads the list of languages
def test_bytes_are_either_read_or_named_and_never_both(suffix, data, start, in_code):
    name, head = f"a{suffix}", start + data

    found = format_of(name, head, in_code=in_code)

    assert (found is None) == bool(unsupported_reason(name, head, in_code=in_code))
    if found is not None:
        assert found in WHAT
        assert entry_for(name, head, in_code=in_code).name in READER_NAMES


def test_only_what_is_written_as_text_is_read_otherwise_in_code():
    assert not any(map(reads_otherwise_in_code, ("a.docx", "a.xlsx", "a.py", "a.txt", "a.pdf")))
