"""Texts written as Word, OpenDocument, RTF, HTML, e-book and notebook, and read again.

`python -m docqa.bench.documents FOLDER`: of the text files in a folder. Each word has to come back
once and in order. Peers (python-docx, striprtf, Beautiful Soup, markitdown) read the same files in
the same run where they are installed; their words are counted too.
"""

import importlib
import json
import re
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer

from docqa.readers.base import Reader, ReaderOptions
from docqa.readers.office.docx import DocxReader
from docqa.readers.office.epub import EpubReader
from docqa.readers.office.html import HtmlReader
from docqa.readers.office.notebook import NotebookReader
from docqa.readers.office.odt import OdtReader
from docqa.readers.office.rtf import RtfReader

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

_NOT_WRITTEN = re.compile("[|\x00-\x08\x0b-\x1f\u00ad]")

Paragraphs = Sequence[str]


def main(
    folder: Annotated[Path, typer.Argument(help="Text files to write in each format.")],
    *,
    peers: Annotated[bool, typer.Option(help="Let peers read the same files.")] = True,
) -> None:
    """Print a line of JSON for each format and reader."""
    texts = [path.read_text(errors="replace") for path in sorted(folder.glob("*.txt"))]
    documents = [_paragraphs(text) for text in texts]
    words = [" ".join(paragraphs).split() for paragraphs in documents]
    with tempfile.TemporaryDirectory() as scratch:
        for suffix, (write, reader) in _FORMATS.items():
            paths = []
            for count, paragraphs in enumerate(documents):
                paths.append(Path(scratch) / f"{count}.{suffix}")
                write(paths[-1], paragraphs)
            _measure(suffix, "docqa", paths, words, _ours(reader))
            for name, read in _peers(suffix).items() if peers else ():
                _measure(suffix, name, paths, words, read)


def _measure(
    suffix: str,
    name: str,
    paths: Sequence[Path],
    words: Sequence[Sequence[str]],
    read: Callable[[Path], str],
) -> None:
    read(paths[0])  # imports, once
    started = time.process_time()
    found = [read(path).split() for path in paths]
    seconds = time.process_time() - started
    said = sum(len(" ".join(each)) for each in words)
    row = {
        "format": suffix,
        "reader": name,
        "file_mb": round(sum(path.stat().st_size for path in paths) / 1e6, 2),
        "text_mb_per_s": round(said / 1e6 / seconds, 1),
        "files_read_exactly": sum(
            [each for each in got if each not in ("|", "-")] == list(want)
            for got, want in zip(found, words, strict=True)
        ),
        "files": len(paths),
        "words": sum(map(len, words)),
        "words_read": sum(map(len, found)),
    }
    typer.echo(json.dumps(row))


def _ours(reader: Reader) -> Callable[[Path], str]:
    def read(path: Path) -> str:
        document = reader.read(path, path.name, ReaderOptions(), lambda done, total: None)
        return "\n".join(passage.text for passage in document.passages)

    return read


def _paragraphs(text: str) -> list[str]:
    """The lines that have text, without signs that readers leave out or put in."""
    kept = _NOT_WRITTEN.sub(" ", text)
    lines = (" ".join(word for word in line.split() if word != "-") for line in kept.split("\n"))
    return [line for line in lines if line]


def _docx(path: Path, paragraphs: Paragraphs) -> None:
    body = "".join(f"<w:p><w:r><w:t>{escape(each)}</w:t></w:r></w:p>" for each in paragraphs)
    main = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml"'
            f' ContentType="{kind}"/></Types>',
        )
        made.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{relations}"><Relationship Id="a" Type="{office}"'
            ' Target="word/document.xml"/></Relationships>',
        )
        made.writestr("word/document.xml", main)


def _odt(path: Path, paragraphs: Paragraphs) -> None:
    body = "".join(f"<text:p>{escape(each)}</text:p>" for each in paragraphs)
    spaces = f'xmlns:office="{_ODF}:office:1.0" xmlns:text="{_ODF}:text:1.0"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        made.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
        )


def _rtf(path: Path, paragraphs: Paragraphs) -> None:
    def coded(text: str) -> str:
        for sign in "\\{}":
            text = text.replace(sign, f"\\{sign}")
        return "".join(c if ord(c) < 128 else _unicode(c) for c in text)

    body = "".join(f"{coded(each)}\\par\n" for each in paragraphs)
    path.write_text(f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\\pard {body}}}")


def _unicode(character: str) -> str:
    """The character as RTF writes it: signed numbers of UTF-16, each with a stand-in."""
    data = character.encode("utf-16-le")
    return "".join(f"\\u{unit}?" for (unit,) in struct.iter_unpack("<h", data))


def _page(paragraphs: Paragraphs) -> str:
    body = "".join(f"<p>{escape(each)}</p>\n" for each in paragraphs)
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'


def _html(path: Path, paragraphs: Paragraphs) -> None:
    path.write_text(_page(paragraphs))


def _epub(path: Path, paragraphs: Paragraphs) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/epub+zip")
        made.writestr(
            "META-INF/container.xml", '<container><rootfile full-path="a.opf"/></container>'
        )
        made.writestr(
            "a.opf",
            '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
            '</manifest><spine><itemref idref="a"/></spine></package>',
        )
        made.writestr("a.xhtml", _page(paragraphs))


def _notebook(path: Path, paragraphs: Paragraphs) -> None:
    cells = [{"cell_type": "raw", "source": each} for each in paragraphs]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))


_FORMATS: dict[str, tuple[Callable[[Path, Paragraphs], None], Reader]] = {
    "docx": (_docx, DocxReader()),
    "odt": (_odt, OdtReader()),
    "rtf": (_rtf, RtfReader()),
    "html": (_html, HtmlReader()),
    "epub": (_epub, EpubReader()),
    "ipynb": (_notebook, NotebookReader()),
}


def _peers(suffix: str) -> dict[str, Callable[[Path], str]]:
    """What else is installed here that reads such files."""
    found: dict[str, Callable[[Path], str]] = {}
    if suffix == "docx" and (docx := _imported("docx")):
        found["python-docx"] = lambda path: "\n".join(
            each.text for each in docx.Document(str(path)).paragraphs
        )
    if suffix == "rtf" and (striprtf := _imported("striprtf.striprtf")):
        found["striprtf"] = lambda path: str(striprtf.rtf_to_text(path.read_text()))
    if suffix == "html" and (bs4 := _imported("bs4")):
        found["beautifulsoup4"] = lambda path: str(
            bs4.BeautifulSoup(path.read_bytes(), "lxml").get_text("\n")
        )
    if suffix in ("docx", "html", "epub", "ipynb") and (markitdown := _imported("markitdown")):
        converter = markitdown.MarkItDown()
        found["markitdown"] = lambda path: str(converter.convert(str(path)).text_content)
    return found


def _imported(name: str) -> Any:  # noqa: ANN401 (packages that docqa does not need)
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


if __name__ == "__main__":
    typer.run(main)
