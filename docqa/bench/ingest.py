"""`docqa bench ingest`: whole ingestion against a bare loop of PyMuPDF, same files, same run."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from docqa.bench.memory import PeakMemory
from docqa.bootstrap import build_app
from docqa.errors import EmptyFileError
from docqa.settings import Settings

WORKSPACE = "bench"


def run_bench(
    paths: Sequence[Path], *, processes: int = 1, home: Path | None = None
) -> dict[str, Any]:
    """Ingest the PDFs under `paths` with so many reader processes, and read them in a bare loop.

    Ingestion is parse, passages, rectangles, tokens, search index and store, from submitting to
    published, the start of its processes included. The bare loop's seconds leave the start of
    Python out. CPU seconds tell more than seconds where the machine does other work as well.
    `home` is an empty folder for the data; by default one that is removed again.

    Raises:
        EmptyFileError: If there is no PDF under `paths`.
    """
    files = pdf_files(paths)
    if not files:
        raise EmptyFileError(", ".join(map(str, paths)), "there is no PDF file in it")
    _read_once(files)
    bare = measure_bare_loop(files)
    if home is not None:
        whole = measure_ingestion(files, processes=processes, home=home)
    else:
        with tempfile.TemporaryDirectory(prefix="docqa-bench-") as folder:
            whole = measure_ingestion(files, processes=processes, home=Path(folder))
    return {
        "files": len(files),
        "processes": processes,
        "bare_loop": bare,
        "ingestion": whole,
        "ratio": round(whole["pages_per_s"] / bare["pages_per_s"], 3),
    }


def pdf_files(paths: Iterable[Path]) -> list[Path]:
    """The PDF files among these files and anywhere under these folders, sorted."""
    found: set[Path] = set()
    for path in paths:
        found.update(path.rglob("*.pdf") if path.is_dir() else [path])
    return sorted(found)


def measure_bare_loop(files: Sequence[Path]) -> dict[str, Any]:
    """Pages, seconds, pages/s and peak memory of `get_text("dict")`, in a process of its own."""
    command = [sys.executable, "-m", "docqa.bench.bare_loop", *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return _with_speed(figures)


def measure_ingestion(files: Sequence[Path], *, processes: int, home: Path) -> dict[str, Any]:
    """Pages, passages, tokens, seconds, pages per second and peak memory of docqa's ingestion."""
    settings = Settings(home=home, workers=processes)
    cpu_begun = _cpu_seconds()
    with PeakMemory() as memory:
        app = build_app(settings)
        try:
            workspace = app.workspaces.get_or_create(WORKSPACE)
            begun = time.perf_counter()
            app.ingestion.wait(app.ingestion.submit_paths(workspace.id, files))
            seconds = time.perf_counter() - begun
            documents = app.library.documents(workspace.id)
        finally:
            app.close()
    figures = {
        "documents": len(documents),
        "failed": sum(document.status == "failed" for document in documents),
        "pages": sum(document.pages for document in documents),
        "passages": sum(document.passages for document in documents),
        "tokens": sum(document.tokens for document in documents),
        "seconds": seconds,
        "cpu_seconds": _cpu_seconds() - cpu_begun,
        "peak_memory_bytes": memory.peak_bytes,
    }
    return _with_speed(figures)


def table(result: dict[str, Any]) -> Table:
    """The figures as a table for a terminal."""
    shown = Table(title=f"{result['files']:,} PDF files")
    for heading in (
        "",
        "pages",
        "seconds",
        "CPU seconds",
        "pages/s",
        "of bare loop",
        "peak memory",
    ):
        shown.add_column(heading, justify="left" if not heading else "right")
    processes = result["processes"]
    named = f"docqa ingestion, {processes} process{'' if processes == 1 else 'es'}"
    rows = [("bare get_text loop, 1 process", result["bare_loop"]), (named, result["ingestion"])]
    for name, figures in rows:
        shown.add_row(
            name,
            f"{figures['pages']:,}",
            f"{figures['seconds']:.1f}",
            f"{figures['cpu_seconds']:.1f}",
            f"{figures['pages_per_s']:,.0f}",
            f"{figures['pages_per_s'] / result['bare_loop']['pages_per_s']:.2f}",
            f"{figures['peak_memory_bytes'] / 1e6:,.0f} MB",
        )
    return shown


def _with_speed(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        **figures,
        "seconds": round(figures["seconds"], 3),
        "cpu_seconds": round(figures["cpu_seconds"], 3),
        "pages_per_s": round(figures["pages"] / figures["seconds"], 1),
    }


def _cpu_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _read_once(files: Sequence[Path]) -> None:
    """Have the operating system hold the files, so that neither side waits for the disk."""
    for file in files:
        with file.open("rb") as opened:
            while opened.read(1 << 20):
                pass
