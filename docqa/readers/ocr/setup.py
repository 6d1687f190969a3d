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

    @property
    def identity(self) -> str:
        """What of this changes the words; empty where nothing is read."""
        return f"ocr {self.engine} {self.languages}" if self.engine else ""


NO_OCR = OcrSetup()
