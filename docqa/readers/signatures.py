"""What a file is that no reader takes, by its first bytes, in words."""

from pathlib import PurePosixPath

from docqa.readers.encoding import looks_binary
from docqa.readers.formats import PICTURES, WORKBOOKS, format_of, is_picture

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
    (b"RIFF", "a sound or film"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound (MP3)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"SQLite format 3\x00", "a database"),
    (b"%!PS", "a PostScript document"),
)
_ALL_SIGNATURES = tuple(signature for signature, _ in _SIGNATURES)
_ZIPPED = {".jar": "a Java archive", ".whl": "a Python package"}
_OLD = {
    ".doc": "an old Word document; save it as .docx",
    ".dot": "an old Word document; save it as .docx",
    ".ppt": "an old PowerPoint presentation; save it as .pptx",
    ".pps": "an old PowerPoint presentation; save it as .pptx",
    ".msi": "a Windows installer",
}
_LOCKED = (".docx", ".docm", ".pptx", ".pptm")


def unsupported_reason(name: str, head: bytes, *, in_code: bool = False) -> str:
    """What the file is if no reader takes it; empty if one does."""
    if format_of(name, head, in_code=in_code) is not None:
        return ""
    suffix = PurePosixPath(name.lower()).suffix
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_office(suffix)
    what = _signed(head)
    if in_code and is_picture(head):
        return f"is {what or 'a picture'} among code; add it by itself to have it read"
    if not what:
        return "is binary, not text"
    kind = _ZIPPED.get(suffix, what) if head.startswith(b"PK") else what
    named = f", although its name ends in {suffix}" if _lies(suffix) else ""
    return f"is {kind}{named}; docqa does not read that"


def _signed(head: bytes) -> str:
    if not head.startswith(_ALL_SIGNATURES):
        return ""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a picture (WebP)"
    is_binary = looks_binary(head)
    # Text may begin with letters such as BM or MZ.
    return next(
        (
            what
            for signature, what in _SIGNATURES
            if head.startswith(signature) and (is_binary or not signature.isalnum())
        ),
        "",
    )


def _old_office(suffix: str) -> str:
    if suffix in _LOCKED:
        return (
            "is protected by a password, or an old Office document under a new name; save it as"
            f" {suffix} without a password"
        )
    if suffix in _OLD:
        return f"is {_OLD[suffix]}"
    return "is an old Office document; docqa reads those called .xls and .msg"


def _lies(suffix: str) -> bool:
    return suffix in (".pdf", ".txt", ".md", ".py", ".csv", ".json", *WORKBOOKS, *PICTURES)
