"""Hard PDFs of other projects: no crash, no hang, the right page count or a clear error.

`python -m docqa.bench.robust DATA` with the folder of the unpacked benchmark bundle. Each file is
read in a process of its own, with `--ocr` its scanned pages too. Prints JSON; exit
status 1 if a file crashed, hung or lost pages.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from docqa.errors import ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.ocr.registry import ocr_setup
from docqa.readers.ocr.setup import NO_OCR
from docqa.readers.parse import parse_file

TIMEOUT_S = 60
OCR_TIMEOUT_S = 600
"""Of a file, when its scanned pages are read."""
OCR_PAGE_S = 60


def measure(data: Path, *, ocr: bool = False) -> dict[str, object]:
    """What became of each file, and how many of each outcome."""
    counts: Counter[str] = Counter()
    files = []
    for entry in json.loads((data / "pdf_robust" / "manifest.json").read_text(encoding="utf-8")):
        begun = time.perf_counter()
        outcome = _read_apart(data / entry["file"], ocr=ocr)
        outcome["seconds"] = round(time.perf_counter() - begun, 2)
        outcome["verdict"] = verdict = _verdict(outcome, entry)
        counts[verdict] += 1
        files.append({"file": entry["file"], "class": entry["cls"], **outcome})
    return {
        "files": len(files),
        **counts,
        "slowest_s": max(f["seconds"] for f in files),
        "each": files,
    }


def _read_apart(path: Path, *, ocr: bool) -> dict[str, object]:
    """Read a file in another process, which may die."""
    command = [sys.executable, "-m", "docqa.bench.robust", "--one", str(path)]
    command += ["--ocr"] if ocr else []
    timeout_s = OCR_TIMEOUT_S if ocr else TIMEOUT_S
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=timeout_s, check=False, text=True
        )
    except subprocess.TimeoutExpired:
        return {"crash": f"took longer than {timeout_s} s"}
    if done.returncode or not done.stdout:
        return {"crash": f"exit status {done.returncode}: {done.stderr[-300:]}"}
    outcome: dict[str, object] = json.loads(done.stdout)
    if done.stderr:
        outcome["noise"] = done.stderr[-300:]
    return outcome


def _read_one(path: Path, *, ocr: bool) -> dict[str, object]:
    options = ReaderOptions(ocr=ocr_setup("auto", "eng", OCR_PAGE_S) if ocr else NO_OCR)
    try:
        document = parse_file(path, path.name, options, lambda done, total: None)
    except ReadError as error:
        return {"error": f"{type(error).__name__}: {error.detail}"}
    return {
        "pages": len(document.pages),
        "statuses": Counter(page.status for page in document.pages),
        "reasons": sorted({page.reason for page in document.pages if page.reason}),
        "passages": len(document.passages),
        "notes": document.notes,
    }


def _verdict(outcome: dict[str, object], entry: dict[str, object]) -> str:
    if "crash" in outcome:
        return "crashed or hung"
    if "error" in outcome:
        return "refused with a message" if entry["cls"] != "ok" else "refused, but others open it"
    if entry["cls"] == "ok" and outcome["pages"] != entry["pages"]:
        return "other page count"
    return "read"


def main(arguments: Sequence[str]) -> int:
    """Measure and print; with `--one`, read one file."""
    ocr = "--ocr" in arguments
    if arguments[0] == "--one":
        sys.stdout.write(json.dumps(_read_one(Path(arguments[1]), ocr=ocr)))
        return 0
    result = measure(Path(arguments[0]), ocr=ocr)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 1 if {"crashed or hung", "other page count"} & result.keys() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
