"""Which OCR engine reads, and with what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OcrSetup:
    """Which engine reads pages that are pictures, and with what; `docqa.readers.ocr.registry`."""

    engine: str = ""
    """`tesseract` or `rapidocr`; empty where none can."""
    languages: str = ""
    """Those asked for that the engine has, as `eng+deu`."""
    timeout_s: float = 60.0
    """Seconds one page may take."""
    mend: str = ""
    """What has to be done to get an engine, or the languages that lack; empty if nothing lacks."""
    missing: str = ""
    """Languages asked for that the engine has not."""

    def identity_with(self, pages: int) -> str:
        """What is noted of a document that has pictures, so many of whose pages were read."""
        return f"{_OCR}{self.engine} {self.languages} {pages}" if self.engine else _UNREAD

    def would_repeat(self, identity: str, waiting_pages: int) -> bool:
        """Whether a document of which this was noted would be the same if it were read again.

        It would not where pages wait that this engine has not seen, nor where a language is there
        that was not. What is sure to be no better is not done: without an engine, nothing.
        """
        if not self.engine:
            return True
        if not identity:
            return not waiting_pages
        if identity == _UNREAD:
            return False
        engine, languages, _ = identity.removeprefix(_OCR).split(" ")
        if set(self.languages.split("+")) - set(languages.split("+")):
            return False
        return engine == self.engine or not waiting_pages


def without_ocr(identity: str) -> tuple[str, str]:
    """What is noted of a version, and of it what concerns OCR."""
    before, found, told = identity.rpartition(_OCR)
    return (before.removesuffix("; "), found + told) if found else (identity, "")


_OCR = "ocr "
_UNREAD = f"{_OCR}none - 0"
"""Noted where there was no engine for the pictures that a document has."""
NO_OCR = OcrSetup()
