"""Which reader takes a file. What its bytes say counts more than its name."""

from docqa.errors import UnsupportedFileError
from docqa.readers.base import Reader
from docqa.readers.code.reader import CodeReader
from docqa.readers.encoding import looks_binary
from docqa.readers.pdf import PdfReader
from docqa.readers.signatures import unsupported_reason
from docqa.readers.text import TextReader

READERS: tuple[Reader, ...] = (PdfReader(), CodeReader(), TextReader())
_PDF_PARTS = (b" obj", b"xref", b"trailer", b"startxref")


def reader_for(name: str, head: bytes) -> Reader:
    """The reader for a file of this name that begins with these bytes (`HEAD_BYTES` of them).

    Raises:
        UnsupportedFileError: If there is none, saying what the file is.
    """
    reason = unsupported_reason(name, head)
    if reason:
        raise UnsupportedFileError(name, reason)
    pdf, code, text = READERS
    if b"%PDF-" in head[:1024]:
        return pdf
    if name.lower().endswith(".pdf") and (looks_binary(head) or _is_headless_pdf(head)):
        return pdf
    return code if code.accepts(name, head) else text


def _is_headless_pdf(head: bytes) -> bool:
    return sum(part in head for part in _PDF_PARTS) >= 1
