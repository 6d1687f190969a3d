import zipfile

import pytest

from docqa.errors import BrokenFileError, DocumentBombError, EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.office import zipped
from docqa.readers.office.epub import EpubReader

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Two Voyages</dc:title></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="b" href="text/two%20.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="a2" href="text/one-more.xhtml" media-type="application/xhtml+xml"/>
<item id="css" href="book.css" media-type="text/css"/>
</manifest>
<spine toc="ncx"><itemref idref="cover"/><itemref idref="a"/><itemref idref="a2"/>
<itemref idref="b"/><itemref idref="css"/><itemref idref="a"/><itemref idref="none"/></spine>
</package>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>
<li><a href="text/one.xhtml">The <i>North</i></a><ol><li><a href="text/one.xhtml#x">In it</a></li>
</ol></li><li><a href="text/two%20.xhtml#top">The North</a></li></ol></nav></body></html>"""
NCX = """<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://x/ncx.dtd">
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Old North</text>
</navLabel><content src="text/one.xhtml"/></navPoint></navMap></ncx>"""


def page(inside):
    return (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
        f"<body>{inside}</body></html>"
    )


BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/nav.xhtml": NAV,
    "OEBPS/toc.ncx": NCX,
    "OEBPS/cover.xhtml": page('<img src="cover.jpg"/><p>Cover</p>'),
    "OEBPS/text/one.xhtml": page("<h1>North</h1><p>We sailed&#160;on.</p>"),
    "OEBPS/text/one-more.xhtml": page("<p>And on.</p>"),
    "OEBPS/text/two .xhtml": page("<p>Home.</p>"),
}


def read(tmp_path, parts):
    path = tmp_path / "file.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return EpubReader().read(path, "file.epub", ReaderOptions(), lambda done, total: None)


def test_a_book_is_read_in_its_order_with_chapters_as_parts(tmp_path):
    document = read(tmp_path, BOOK)

    assert [(str(p.locator), p.text) for p in document.passages] == [
        ("¶ 1", "Cover"),
        ("The North, ¶ 1", "North"),
        ("The North, ¶ 2-3", "We sailed on.\nAnd on."),
        ("The North (2), ¶ 1", "Home."),
    ]
    assert (document.title, document.kind) == ("Two Voyages", "document")
    assert document.notes == ("1 picture was not read",)


def test_chapters_come_from_the_older_table_of_contents_where_there_is_no_other(tmp_path):
    document = read(tmp_path, {**BOOK, "OEBPS/nav.xhtml": "<html><"})

    assert {p.locator.part for p in document.passages} == {"", "Old North"}


def test_pages_that_are_missing_are_counted(tmp_path):
    parts = {name: data for name, data in BOOK.items() if "two" not in name}

    assert "1 of 4 pages are missing in the file" in read(tmp_path, parts).notes


def test_a_book_that_is_protected_is_named_as_such(tmp_path):
    encryption = (
        "<encryption><EncryptedData><EncryptionMethod Algorithm='{}'/></EncryptedData></encryption>"
    )
    locked = encryption.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    fonts = encryption.format("http://www.idpf.org/2008/embedding")

    with pytest.raises(ReadError, match="protected against copying"):
        read(tmp_path, {**BOOK, "META-INF/encryption.xml": locked})
    assert read(tmp_path, {**BOOK, "META-INF/encryption.xml": fonts}).passages


def test_what_is_no_book_is_named(tmp_path):
    with pytest.raises(BrokenFileError):
        read(tmp_path, {"mimetype": "application/epub+zip"})
    with pytest.raises(BrokenFileError, match="no e-book"):
        read(tmp_path, {**BOOK, "META-INF/container.xml": "<container/>"})
    with pytest.raises(EmptyFileError):
        read(tmp_path, {**BOOK, "OEBPS/book.opf": "<package/>"})


def test_a_page_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "SMALL_BYTES", 100_000)

    with pytest.raises(DocumentBombError):
        read(tmp_path, {**BOOK, "OEBPS/text/one.xhtml": page("0" * 1_000_000)})


def test_first_bytes_or_name_tell_a_book():
    assert EpubReader().accepts(
        "a.zip", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip"
    )
    assert EpubReader().accepts("a.epub", b"PK\x03\x04 first another part")
    assert not EpubReader().accepts("a.epub", b"text")


def test_secrets_in_the_titles_of_chapters_are_masked(tmp_path):
    nav = NAV.replace("The <i>North</i>", "Use AKIA" + "IOSFODNN7EXAMPLQ")

    document = read(tmp_path, BOOK | {"OEBPS/nav.xhtml": nav})

    assert str(document.passages[1].locator) == "Use [masked: AWS access key], ¶ 1"
    assert "AKIA" not in str(document)
