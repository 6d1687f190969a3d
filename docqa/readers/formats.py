"""What kind of file these bytes are; the name decides where the bytes leave it open. Pure."""

import re
from pathlib import PurePosixPath
from typing import Literal

from docqa.readers.encoding import looks_binary

Format = Literal[
    "pdf",
    "image",
    "docx",
    "odt",
    "rtf",
    "html",
    "epub",
    "notebook",
    "workbook",
    "csv",
    "pptx",
    "odp",
    "eml",
    "msg",
    "text",
]
"""A reader each; source code is `text` here, and told apart by its name."""

WHAT: dict[str, str] = {
    "pdf": "a PDF",
    "image": "a picture",
    "docx": "a Word document",
    "odt": "an OpenDocument text",
    "rtf": "a rich text document",
    "html": "a web page",
    "epub": "an e-book",
    "notebook": "a notebook",
    "workbook": "a workbook",
    "csv": "a table",
    "pptx": "a presentation",
    "odp": "an OpenDocument presentation",
    "eml": "an e-mail",
    "msg": "an e-mail",
    "text": "text",
}

WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".ods", ".ots")
PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".gif", ".bmp", ".webp")
_SUFFIXES: tuple[tuple[Format, tuple[str, ...]], ...] = (
    ("pdf", (".pdf",)),
    ("image", PICTURES),
    ("docx", (".docx", ".docm", ".dotx", ".dotm")),
    ("odt", (".odt", ".ott", ".odm")),
    ("rtf", (".rtf",)),
    ("html", (".html", ".htm", ".xhtml", ".xht")),
    ("epub", (".epub",)),
    ("notebook", (".ipynb",)),
    ("workbook", WORKBOOKS),
    ("csv", (".csv", ".tsv")),
    ("pptx", (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm")),
    ("odp", (".odp", ".otp")),
    ("eml", (".eml", ".mht", ".mhtml")),
    ("msg", (".msg",)),
)
_BY_SUFFIX: dict[str, Format] = {
    suffix: found for found, suffixes in _SUFFIXES for suffix in suffixes
}
SUFFIXES: tuple[str, ...] = tuple(_BY_SUFFIX)
"""Endings of names that say what a file is, other than text and code."""
_WRITTEN_AS_TEXT = frozenset(("html", "csv", "notebook", "eml"))
"""In a codebase these are source files."""
_IN_ZIP = frozenset(("docx", "odt", "epub", "workbook", "pptx", "odp"))

_PDF_PARTS = (b" obj", b"xref", b"trailer", b"startxref")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_OLE = b"\xd0\xcf\x11\xe0"
_FIRST_MEMBERS = re.compile(
    rb"\[Content_Types\]\.xml|_rels/|docProps/|docMetadata/|customXml/|word/|xl/|ppt/"
)
_PARTS: tuple[tuple[bytes, Format], ...] = (
    (b"word/document", "docx"),
    (b"xl/workbook", "workbook"),
    (b"ppt/presentation", "pptx"),
    (b"word/", "docx"),
    (b"xl/worksheets", "workbook"),
    (b"ppt/slides", "pptx"),
)
_MIME_TYPES: tuple[tuple[bytes, Format], ...] = (
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "workbook"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/epub+zip", "epub"),
)
_HTML_START = re.compile(
    rb"[\s\xef\xbb\xbf]*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html\b)", re.I | re.S
)


def format_of(name: str, head: bytes, *, in_code: bool = False) -> Format | None:
    """What a file of this name is that begins with these bytes (some thousands of them).

    In a codebase, web pages, tables, notebooks and saved messages are source files like any other,
    and pictures are no documents. None if it is nothing that docqa reads.
    """
    named = named_format(name)
    if b"%PDF-" in head[:1024] or (named == "pdf" and _may_be_pdf(head)):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, named)
    if head.startswith(_OLE):
        return named if named in ("workbook", "msg") else None
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if is_picture(head):
        return None if in_code else "image"
    return None if looks_binary(head) else _written(head, named, in_code=in_code)


def named_format(name: str) -> Format | None:
    """What a name says that a file is; None where it says nothing, or text or code."""
    return _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix)


def is_picture(head: bytes) -> bool:
    """Whether these are the first bytes of a picture."""
    if head.startswith(_PICTURES):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith(b"BM") and looks_binary(head)  # text may begin with BM


def reads_otherwise_in_code(name: str) -> bool:
    """Whether a file of this name is read as text in a codebase, and as more elsewhere."""
    return named_format(name) in _WRITTEN_AS_TEXT


def _may_be_pdf(head: bytes) -> bool:
    """Whether bytes that do not begin as a PDF may be what is left of one."""
    if head.startswith((b"PK\x03\x04", _OLE)) or is_picture(head):
        return False
    return looks_binary(head) or any(part in head for part in _PDF_PARTS)


def _zipped(head: bytes, named: Format | None) -> Format | None:
    """What a zip file is: its members count more than its name, a strange first member most."""
    first = head[30:]
    if first.startswith(b"mimetype"):
        for mime, found in _MIME_TYPES:
            if mime in head[38:200]:
                return found
    if _FIRST_MEMBERS.match(first):
        for part, found in _PARTS:
            if part in head:
                return found
    return named if named in _IN_ZIP else None


def _written(head: bytes, named: Format | None, *, in_code: bool) -> Format:
    """What text is: in a codebase, text."""
    if in_code:
        return "text"
    if named in _WRITTEN_AS_TEXT:
        return named
    if named in ("workbook", "docx"):
        # Programs write web pages and tables under the names of what is to open them.
        if _HTML_START.match(head):
            return "html"
        if named == "workbook" and head.count(b"\t") >= head.count(b"\n"):
            return "csv"
    return "text"
