"""Web pages: the text that is shown, its headings, lists and tables; nothing is fetched or run."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.encoding import decode, looks_binary, marked_encoding
from docqa.readers.office.building import Blocks, document_of, pictures_note
from docqa.readers.office.html_events import HtmlEvents

HTML_SUFFIXES = frozenset((".html", ".htm", ".xhtml", ".xht"))

_CHUNK = 1 << 16
_HEAD_BYTES = 4_096
_BEGINS = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.I)
_TEXT_ENCODING = re.compile(r"(?:utf-?8|utf-?16|iso|latin|windows|cp\d|koi|gb|big5|shift|sjis|euc)")
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""What browsers read where a page says the former."""
_EMPTY = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
    r"([A-Za-z][\w:-]{0,60})(\s[^<>]*)?/>"
)
"""An element that is empty in XML, where HTML only sees its beginning."""
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class HtmlFacts:
    """What a page tells beside its blocks."""

    title: str = ""
    encoding: str = ""
    pictures: int = 0
    hidden: int = 0
    """Characters that are not shown, and were not read."""


class HtmlReader:
    """Reads a web page as it stands in the file."""

    name = "html/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name says a web page, or the first bytes do."""
        if looks_binary(head):
            return False
        suffix = PurePosixPath(name.lower()).suffix
        return suffix in HTML_SUFFIXES or _BEGINS.match(head) is not None

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document: shown text only.

        Raises:
            EmptyFileError: If nothing is shown but pictures.
            ReadError: If it cannot be read, or has too much text.
        """
        blocks = Blocks(name)
        facts = add_html(path.read_bytes(), blocks, name)
        if facts.pictures:
            blocks.notes.append(pictures_note(facts.pictures))
        if facts.hidden:
            blocks.notes.append(f"{facts.hidden:,} characters that are not shown were not read")
        return document_of(
            blocks, name, options, reader=self.name, title=facts.title, encoding=facts.encoding
        )


def add_html(page: bytes | str, blocks: Blocks, name: str) -> HtmlFacts:
    """Add what a page shows to the blocks; of bytes the encoding is found out.

    Nothing is fetched and nothing run. Time and memory grow with the page's length, however deep
    its elements are nested.

    Raises:
        ReadError: If it has too much text, or the parser gives up.
    """
    encoding = ""
    if isinstance(page, bytes):
        encoding = _encoding(page)
        decoded = decode(page) if not encoding else None
        encoding = decoded.encoding if decoded else encoding
        page = decoded.text if decoded else page.decode(encoding, errors="replace")
    page = _SURROGATES.sub("\ufffd", page.replace("\0", "\ufffd"))
    if "http://www.w3.org/1999/xhtml" in page[:_HEAD_BYTES]:
        page = _EMPTY.sub(r"<\1\2></\1>", page)
    events = HtmlEvents(blocks)
    # The encoding is said because the page's own declaration is about the bytes, not this text.
    parser = etree.HTMLParser(target=events, huge_tree=True, encoding="utf-8")
    try:
        for at in range(0, len(page), _CHUNK):
            parser.feed(page[at : at + _CHUNK].encode())
        if page.strip():
            parser.close()
    except etree.LxmlError as error:
        raise BrokenFileError(name, f"cannot be read as a web page ({error})") from error
    return HtmlFacts(events.title, encoding, events.pictures, events.hidden)


def _encoding(page: bytes) -> str:
    """The encoding that a page declares, as Python calls it; empty where it is to be guessed."""
    found = _DECLARED.search(page[:_HEAD_BYTES])
    if found is None or marked_encoding(page) or _is_utf8(page):
        return ""
    said = found[1].decode("ascii").lower()
    if not _TEXT_ENCODING.match(said):
        return ""
    try:
        known = codecs.lookup(said).name
    except LookupError:
        return ""
    return "" if known.startswith("utf") else _WIDER.get(known, known)


def _is_utf8(page: bytes) -> bool:
    """Whether the bytes are UTF-8, whatever the page says."""
    if page.isascii():
        return False
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
