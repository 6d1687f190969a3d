"""What reads scanned pages, as the settings say and as far as it is installed."""

from docqa.readers.ocr.registry import ocr_setup
from docqa.readers.ocr.setup import OcrSetup
from docqa.settings import Settings

SHARE = 0.8
"""Of the time in which a reader must say something: one page may take so much."""


def setup_of(settings: Settings) -> OcrSetup:
    """The engine, or what would bring one. Looks at what is installed: some 20 ms."""
    timeout_s = min(settings.ocr_timeout_s, SHARE * settings.reader_timeout_s)
    return ocr_setup(settings.ocr, settings.ocr_languages, timeout_s)
