"""Which reader takes a file. What its bytes say counts more than its name.

A reader is imported when a file needs it: a worker that reads text loads no PDF library.
"""

from collections.abc import Callable
from dataclasses import dataclass

from docqa.errors import UnsupportedFileError
from docqa.readers.base import Reader
from docqa.readers.formats import Format, format_of
from docqa.readers.languages import language_of
from docqa.readers.signatures import unsupported_reason


@dataclass(frozen=True, slots=True)
class ReaderEntry:
    """A reader that is not loaded yet."""

    name: str
    """The reader's own, for example `pdf/1`."""
    make: Callable[[], Reader]


def _pdf() -> Reader:
    from docqa.readers.pdf import PdfReader

    return PdfReader()


def _workbook() -> Reader:
    from docqa.readers.sheets.reader import WorkbookReader

    return WorkbookReader()


def _csv() -> Reader:
    from docqa.readers.sheets.reader import CsvReader

    return CsvReader()


def _html() -> Reader:
    from docqa.readers.office.html import HtmlReader

    return HtmlReader()


def _docx() -> Reader:
    from docqa.readers.office.docx import DocxReader

    return DocxReader()


def _epub() -> Reader:
    from docqa.readers.office.epub import EpubReader

    return EpubReader()


def _notebook() -> Reader:
    from docqa.readers.office.notebook import NotebookReader

    return NotebookReader()


def _image() -> Reader:
    from docqa.readers.images import ImageReader

    return ImageReader()


def _odt() -> Reader:
    from docqa.readers.office.odt import OdtReader

    return OdtReader()


def _rtf() -> Reader:
    from docqa.readers.office.rtf import RtfReader

    return RtfReader()


def _pptx() -> Reader:
    from docqa.readers.slides.pptx import PptxReader

    return PptxReader()


def _odp() -> Reader:
    from docqa.readers.slides.odp import OdpReader

    return OdpReader()


def _eml() -> Reader:
    from docqa.readers.mail.eml import EmlReader

    return EmlReader()


def _msg() -> Reader:
    from docqa.readers.mail.msg import MsgReader

    return MsgReader()


def _code() -> Reader:
    from docqa.readers.code.reader import CodeReader

    return CodeReader()


def _text() -> Reader:
    from docqa.readers.text import TextReader

    return TextReader()


_CODE = ReaderEntry("code/2", _code)
_BY_FORMAT: dict[Format, ReaderEntry] = {
    "pdf": ReaderEntry("pdf/2", _pdf),
    "image": ReaderEntry("image/1", _image),
    "docx": ReaderEntry("docx/1", _docx),
    "odt": ReaderEntry("odt/1", _odt),
    "rtf": ReaderEntry("rtf/1", _rtf),
    "html": ReaderEntry("html/1", _html),
    "epub": ReaderEntry("epub/1", _epub),
    "notebook": ReaderEntry("notebook/1", _notebook),
    "workbook": ReaderEntry("sheet/1", _workbook),
    "csv": ReaderEntry("csv/1", _csv),
    "pptx": ReaderEntry("pptx/1", _pptx),
    "odp": ReaderEntry("odp/1", _odp),
    "eml": ReaderEntry("eml/1", _eml),
    "msg": ReaderEntry("msg/1", _msg),
    "text": ReaderEntry("text/2", _text),
}
READERS: tuple[ReaderEntry, ...] = (*_BY_FORMAT.values(), _CODE)
READER_NAMES = frozenset(entry.name for entry in READERS)
"""Documents that other readers made are read anew."""


def reader_for(name: str, head: bytes, *, in_code: bool = False) -> Reader:
    """The reader for a file of this name that begins with these bytes (`HEAD_BYTES` of them).

    `in_code` says whether it stands in a codebase; see `docqa.readers.formats`.

    Raises:
        UnsupportedFileError: If there is none, saying what the file is.
    """
    return entry_for(name, head, in_code=in_code).make()


def entry_for(name: str, head: bytes, *, in_code: bool = False) -> ReaderEntry:
    """The entry of the reader that `reader_for` gives; nothing is loaded.

    Raises:
        UnsupportedFileError: If there is none, saying what the file is.
    """
    found = format_of(name, head, in_code=in_code)
    if found is None:
        raise UnsupportedFileError(name, unsupported_reason(name, head, in_code=in_code))
    return _CODE if found == "text" and language_of(name) else _BY_FORMAT[found]
