"""E-books (.epub): the pages of the book in its order, each chapter a part called by its title."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from lxml import etree

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office.building import Blocks, document_of, pictures_note, tidied
from docqa.readers.office.html import add_html
from docqa.readers.office.xml import local, tree, value
from docqa.readers.office.zipped import ZippedFile, opened
from docqa.readers.secrets import masked

_MIMETYPE = b"mimetypeapplication/epub+zip"
_FONT_ALGORITHMS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Fonts are garbled in books that anyone may read."""
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "")
_TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package document says."""

    title: str
    pages: tuple[str, ...]
    """The parts with the text, in reading order."""
    contents: tuple[str, ...]
    """The parts with tables of contents."""


class EpubReader:
    """Reads a book without copy protection."""

    name = "epub/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the archive says that it is a book, or its name does."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        return _MIMETYPE in head[:100] or PurePosixPath(name.lower()).suffix == ".epub"

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; paragraphs are counted within their chapter.

        Raises:
            DocumentBombError: If it unpacks to far more than its size.
            BrokenFileError: If it is damaged, or no e-book.
            EmptyFileError: If there is no text in it, only pictures.
            ReadError: If it is protected against copying, or has too much text.
        """
        blocks = Blocks(name)
        with opened(path, name) as parts:
            _refuse_protected(parts, name)
            book = _book(parts, name)
            titles = {
                page: masked(title, name, options)[0]
                for page, title in _titles(parts, book, name).items()
            }
            _add_pages(parts, book, blocks, name, titles=titles, progress=progress)
        return document_of(blocks, name, options, reader=self.name, title=book.title)


def _add_pages(
    parts: ZippedFile,
    book: _Book,
    blocks: Blocks,
    name: str,
    *,
    titles: Mapping[str, str],
    progress: Progress,
) -> None:
    chapter, taken = "", {""}
    pictures = missing = 0
    for count, page in enumerate(book.pages, 1):
        if page not in parts:
            missing += 1
            continue
        if page in titles:
            chapter = _untaken(titles[page], taken)
            taken.add(chapter)
        blocks.enter(chapter)
        pictures += add_html(parts.read(page), blocks, name).pictures
        progress(count, len(book.pages))
    if pictures:
        blocks.notes.append(pictures_note(pictures))
    if missing:
        blocks.notes.append(f"{missing:,} of {len(book.pages):,} pages are missing in the file")


def _untaken(title: str, taken: set[str]) -> str:
    """The title, numbered if an earlier chapter has it: paragraphs count from 1 in each."""
    count, numbered = 1, title
    while numbered in taken:
        count += 1
        numbered = f"{title} ({count})"
    return numbered


def _refuse_protected(parts: ZippedFile, name: str) -> None:
    if "META-INF/encryption.xml" not in parts:
        return
    for each in _elements(parts, "META-INF/encryption.xml", name):
        if local(each.tag) == "EncryptionMethod" and each.get("Algorithm") not in _FONT_ALGORITHMS:
            if any(local(above.tag) == "EncryptedKey" for above in each.iterancestors()):
                continue
            raise ReadError(name, "is protected against copying (DRM)")


def _book(parts: ZippedFile, name: str) -> _Book:
    roots = [
        value(each.attrib, "full-path")
        for each in _elements(parts, "META-INF/container.xml", name)
        if local(each.tag) == "rootfile"
    ]
    if not roots:
        raise BrokenFileError(name, "is a zip archive, but no e-book")
    package, title = roots[0], ""
    items: dict[str, str] = {}
    pages: list[str] = []
    contents: list[str] = []
    for each in _elements(parts, package, name):
        match local(each.tag):
            case "title" if not title:
                title = tidied("".join(each.itertext()))
            case "item":
                part = _resolved(package, each.get("href", ""))
                kind = each.get("media-type", "")
                if kind in _PAGE_TYPES:
                    items[each.get("id", "")] = part
                if "nav" in each.get("properties", "").split() or kind.endswith("dtbncx+xml"):
                    contents.append(part)
            case "itemref" if each.get("idref", "") in items:
                pages.append(items[each.get("idref", "")])
    # Of the table of contents, the newer form comes first; a page is read once.
    contents.sort(key=lambda part: part.endswith(".ncx"))
    return _Book(title, tuple(dict.fromkeys(pages)), tuple(contents))


def _titles(parts: ZippedFile, book: _Book, name: str) -> dict[str, str]:
    """The pages at which chapters begin, with the chapters' titles."""
    for contents in book.contents:
        if contents not in parts:
            continue
        found: dict[str, str] = {}
        try:
            for href, title in _links(parts, contents, name):
                page = _resolved(contents, href)
                if title and page in book.pages:
                    found.setdefault(page, title[:_TITLE_CHARACTERS])
        except BrokenFileError:
            continue  # chapters are found by the other table of contents, or have no titles
        if found:
            return found
    return {}


def _links(parts: ZippedFile, contents: str, name: str) -> Iterator[tuple[str, str]]:
    """Address and title of each entry, outer ones before those in them."""
    label = ""
    for each in _elements(parts, contents, name):
        match local(each.tag):
            case "navLabel":
                label = tidied("".join(each.itertext())).replace("\n", " ")
            case "content":
                yield each.get("src", ""), label
            case "a":
                yield each.get("href", ""), tidied("".join(each.itertext())).replace("\n", " ")


def _elements(parts: ZippedFile, part: str, name: str) -> Iterator[etree._Element]:
    root = tree(parts.read(part), name)
    return (each for each in root.iter() if isinstance(each.tag, str))


def _resolved(base: str, href: str) -> str:
    """The part that an address in another part means."""
    path = unquote(href.partition("#")[0])
    folder = posixpath.dirname(base)
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
