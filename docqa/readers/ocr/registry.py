"""Which OCR engines are installed, and which of them reads. Loads none of them."""

import importlib.util
import shutil
import subprocess
import time
from functools import lru_cache
from typing import Literal

from docqa.readers.ocr.base import OcrEngine
from docqa.readers.ocr.setup import OcrSetup

Choice = Literal["auto", "off", "tesseract", "rapidocr"]

RAPID_LANGUAGES = frozenset(
    (
        *(
            "afr",
            "aze",
            "bos",
            "cat",
            "ces",
            "chi_sim",
            "chi_tra",
            "cym",
            "dan",
            "deu",
            "ell",
            "eng",
        ),
        *("epo", "est", "eus", "fin", "fra", "gle", "glg", "hrv", "hun", "ind", "isl", "ita"),
        *("jpn", "lat", "lav", "lit", "ltz", "mlt", "msa", "nld", "nor", "pol", "por", "ron"),
        *("slk", "slv", "spa", "sqi", "swa", "swe", "tgl", "tur", "uzb", "vie"),
    )
)
"""What PP-OCRv6's characters cover, as Tesseract names languages: Latin, Greek, Chinese, kana."""
INSTALL_RAPID = "pip install 'docqa[ocr]'"


def ocr_setup(choice: Choice, languages: str, timeout_s: float) -> OcrSetup:
    """The engine that reads pages that are pictures, or what would bring one."""
    if choice == "off":
        return OcrSetup(timeout_s=timeout_s, mend="OCR is turned off; set DOCQA_OCR=auto")
    wanted = tuple(dict.fromkeys(each for each in languages.split("+") if each)) or ("eng",)
    names = ("tesseract", "rapidocr") if choice == "auto" else (choice,)
    found = [_setup(name, wanted, timeout_s) for name in names]
    # Whichever lacks the fewest languages; where both have them all, the first.
    usable = [setup for setup in found if setup.engine]
    if usable:
        return min(usable, key=lambda setup: setup.missing.count("+") + bool(setup.missing))
    mend = " or ".join(dict.fromkeys(f"`{setup.mend}`" for setup in found))
    return OcrSetup(timeout_s=timeout_s, mend=f"install OCR with {mend}, then read it again")


def _setup(name: str, wanted: tuple[str, ...], timeout_s: float) -> OcrSetup:
    has = tesseract_languages() if name == "tesseract" else rapid_languages()
    known = [each for each in wanted if each in has]
    missing = [each for each in wanted if each not in has]
    if name == "tesseract":
        packages = ["tesseract-ocr"] if not has else []
        packages += [f"tesseract-ocr-{each.replace('_', '-')}" for each in missing]
        mend = f"apt-get install {' '.join(packages)}" if missing else ""
    else:
        mend = INSTALL_RAPID if not has else ""
    return OcrSetup(
        engine=name if known else "",
        languages="+".join(known),
        timeout_s=timeout_s,
        mend=mend,
        missing="+".join(missing),
    )


@lru_cache(maxsize=1)
def engine_of(setup: OcrSetup) -> OcrEngine:
    """The engine of a setup that has one; the same one as long as the setup is the same."""
    if setup.engine == "rapidocr":
        from docqa.readers.ocr.rapid import RapidOcr

        return RapidOcr()
    from docqa.readers.ocr.tesseract import Tesseract

    return Tesseract(setup.languages)


def tesseract_languages() -> frozenset[str]:
    """The languages of the installed program; empty where there is none."""
    program = shutil.which("tesseract")
    # Asked again each minute: a worker lives on while languages are installed.
    return _listed(program, int(time.monotonic() // 60)) if program else frozenset()


@lru_cache(maxsize=4)
def _listed(program: str, _minute: int) -> frozenset[str]:
    try:
        told = subprocess.run(
            [program, "--list-langs"], capture_output=True, check=False, timeout=10
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    lines = told.decode("utf-8", "replace").splitlines()
    return frozenset(line.strip() for line in lines[1:] if line.strip()) - {"osd", "equ"}


def rapid_languages() -> frozenset[str]:
    """The languages of the installed package; empty where it is not installed."""
    found = importlib.util.find_spec("rapidocr") and importlib.util.find_spec("onnxruntime")
    return RAPID_LANGUAGES if found else frozenset()
