"""The floor to compare with: PyMuPDF's `get_text("dict")` over files, one page after the other.

Run as a process of its own: `python -m docqa.bench.bare_loop FILE...` prints one JSON object.
"""

import json
import re
import resource
import sys
import time
from pathlib import Path

import pymupdf


def main(paths: list[str]) -> None:
    """Read the files and tell pages, seconds (the start of Python left out) and peak memory."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    pages = 0
    begun, cpu_begun = time.perf_counter(), time.process_time()
    for path in paths:
        try:
            pages += read(path)
        except (pymupdf.FileDataError, pymupdf.EmptyFileError):
            continue  # docqa does not read it either
    figures = {
        "pages": pages,
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - cpu_begun,
        "peak_memory_bytes": peak_memory_bytes(),
    }
    sys.stdout.write(json.dumps(figures))


def read(path: str) -> int:
    """Read one file, unless it is encrypted; the number of its pages."""
    with pymupdf.open(path) as document:
        if document.needs_pass:
            return 0
        for page in document:
            page.get_text("dict")
        return int(document.page_count)


def peak_memory_bytes() -> int:
    """The most memory this process has held so far (its resident set)."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`: on Linux that starts with what the parent held when it forked.
        peak_kib = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("ascii", "replace"))
        if peak_kib:
            return int(peak_kib[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, others KiB


if __name__ == "__main__":
    main(sys.argv[1:])
