"""What a file is by its first bytes, and whether any reader takes it."""

from pathlib import PurePosixPath

from docqa.readers.encoding import looks_binary

HEAD_BYTES = 4_096

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a compiled class"),
    (b"\x00asm", "a WebAssembly program"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"BM", "a picture (BMP)"),
    (b"RIFF", "a sound, film or WebP picture"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound (MP3)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"SQLite format 3\x00", "a database"),
    (b"{\\rtf", "a rich text document"),
    (b"%!PS", "a PostScript document"),
)
_ALL_SIGNATURES = tuple(signature for signature, _ in _SIGNATURES)
_OFFICE = {
    ".docx": "a Word document",
    ".xlsx": "an Excel workbook",
    ".pptx": "a PowerPoint presentation",
    ".odt": "an OpenDocument text",
    ".ods": "an OpenDocument table",
    ".odp": "an OpenDocument presentation",
    ".epub": "an e-book",
    ".jar": "a Java archive",
    ".whl": "a Python package",
}


def unsupported_reason(name: str, head: bytes) -> str:
    """What the file is if no reader takes it; empty if one does."""
    if b"%PDF-" in head[:1024]:
        return ""
    is_binary = looks_binary(head)
    signed = head.startswith(_ALL_SIGNATURES)
    if not is_binary and not signed:
        return ""
    suffix = PurePosixPath(name.lower()).suffix
    for signature, what in _SIGNATURES:
        # Text may begin with letters such as BM or MZ.
        if head.startswith(signature) and (is_binary or not signature.isalnum()):
            kind = _OFFICE.get(suffix, what) if signature.startswith(b"PK") else what
            named = f", although its name ends in {suffix}" if _lies(suffix, what) else ""
            return f"is {kind}{named}; docqa does not read that"
    if suffix == ".pdf" or not is_binary:
        return ""
    return "is binary, not text"


def _lies(suffix: str, what: str) -> bool:
    return suffix in (".pdf", ".txt", ".md", ".py", ".csv", ".json") and not what.startswith(
        "a rich"
    )
