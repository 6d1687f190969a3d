"""`docqa bench code-scale`: reading codebases, against reading and tokenizing their bytes.

The standard library of the running Python (or a folder that is given) is ingested, symbols and all,
and its bytes are read and tokenized in the same run; then a tree of many files is made from it,
ingested, opened and searched, 3 of 1,000 files are changed, and 100,000 tiny files are listed.
"""

import os
import statistics
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from docqa.bench.code_trees import make_tiny, make_tree, python_files
from docqa.bench.memory import PeakMemory
from docqa.bootstrap import App, build_app
from docqa.readers.sources import list_source
from docqa.services.segments import PACK_TOKENIZER
from docqa.settings import Settings
from docqa.tokenizers.registry import tokenizer

WORKSPACE = "code-scale"
PARTS = ("library", "tree", "update", "tiny")
QUERIES = 60
BYTES_PER_TOKEN = 4
"""Of Python, with what a segment adds."""


@dataclass(frozen=True, slots=True)
class ScaleOptions:
    """What is measured."""

    folder: Path
    parts: tuple[str, ...] = PARTS
    files: int = 30_000
    tokens: int = 10_000_000
    updated_files: int = 1_000
    tiny_files: int = 100_000
    processes: int = 2


def standard_library() -> Path:
    """The standard library of the running Python."""
    return Path(sysconfig.get_path("stdlib"))


def run_code_scale(options: ScaleOptions, say: Callable[[str], None]) -> dict[str, Any]:
    """The figures by part, as plain values: seconds, MB, tokens, ratios."""
    measures = {
        "library": measure_library,
        "tree": measure_tree,
        "update": measure_update,
        "tiny": measure_tiny,
    }
    result: dict[str, Any] = {"processes": options.processes, "cores": os.cpu_count()}
    for part in options.parts:
        say(part)
        with tempfile.TemporaryDirectory(prefix="docqa-code-scale-") as folder:
            result[part] = measures[part](options, Path(folder))
    return result


def measure_library(options: ScaleOptions, work: Path) -> dict[str, Any]:
    """Ingestion with symbols against reading and tokenizing, the same files, in the same run."""
    tree = work / "tree"
    for path in python_files(options.folder):
        copy = tree / path.relative_to(options.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    files = python_files(tree)
    tokenizer(PACK_TOKENIZER).count("warm")
    bare = _timed(lambda: _tokenized(files))
    with _app(work, options) as opened, PeakMemory() as memory:
        ingested = _timed(lambda: opened.ingest(tree))
        told = opened.told()
    return {
        "files": len(files),
        "mb": round(sum(path.stat().st_size for path in files) / 1e6, 1),
        **told,
        "read_and_tokenize": bare,
        "ingest": ingested,
        "ratio": round(ingested["seconds"] / max(bare["seconds"], 1e-3), 2),
        "cpu_ratio": round(ingested["cpu_s"] / max(bare["cpu_s"], 1e-3), 2),
        "peak_mb": round(memory.peak_bytes / 1e6),
    }


def measure_tree(options: ScaleOptions, work: Path) -> dict[str, Any]:
    """Many files: ingested; opened and searched by a fresh app."""
    tree = work / "tree"
    made = make_tree(
        options.folder,
        tree,
        files=options.files,
        bytes_each=BYTES_PER_TOKEN * options.tokens // options.files,
    )
    with _app(work, options) as opened, PeakMemory() as memory:
        ingested = _timed(lambda: opened.ingest(tree))
        told = opened.told()
    with _app(work, options) as opened:
        app, workspace_id = opened.app, opened.workspace_id
        rows = _timed(lambda: app.code.tree(workspace_id))
        overview = _timed(lambda: app.code.overview(workspace_id))
        searches = [
            _timed(partial(app.searching.search, workspace_id, query))["seconds"]
            for query in opened.queries()
        ]
        resident = psutil.Process().memory_info().rss
    return {
        "files": options.files,
        "mb": round(made / 1e6, 1),
        **told,
        "ingest": ingested,
        "peak_mb": round(memory.peak_bytes / 1e6),
        "tree_s": rows["seconds"],
        "overview_s": overview["seconds"],
        "search_median_s": round(statistics.median(searches), 3),
        "search_max_s": max(searches),
        "opened_mb": round(resident / 1e6),
    }


def measure_update(options: ScaleOptions, work: Path) -> dict[str, Any]:
    """Three of many files changed: what is read, and whether the old prefix still begins it."""
    tree = work / "tree"
    make_tree(options.folder, tree, files=options.updated_files, bytes_each=4_000)
    with _app(work, options) as opened:
        first = _timed(lambda: opened.ingest(tree))
        before = opened.app.library.pack(opened.workspace_id)
        chains = _chains(opened.app, before.id)
        for path in python_files(tree)[:: options.updated_files // 3][:3]:
            path.write_bytes(path.read_bytes() + b"\n\ndef added():\n    return 1\n")
        second = _timed(lambda: opened.ingest(tree))
        after = opened.app.library.pack(opened.workspace_id)
        kept = _chains(opened.app, after.id)[: len(chains)] == chains
    return {
        "files": options.updated_files,
        "first": first,
        "second": second,
        "tokens_before": before.token_count,
        "tokens_added": after.token_count - before.token_count,
        "segments_added": after.segment_count - before.segment_count,
        "prefix_kept": kept,
    }


def measure_tiny(options: ScaleOptions, work: Path) -> dict[str, Any]:
    """Listing very many tiny files."""
    tree = work / "tree"
    make_tiny(tree, options.tiny_files)
    with PeakMemory() as memory:
        listed = _timed(lambda: list_source(tree))
    return {"files": options.tiny_files, **listed, "peak_mb": round(memory.peak_bytes / 1e6)}


class _Opened:
    """An app with a workspace."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.workspace_id = app.workspaces.get_or_create(WORKSPACE).id

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()

    def ingest(self, folder: Path) -> None:
        """Add a folder, or what changed in it."""
        ingestion = self.app.ingestion
        job = ingestion.wait(ingestion.submit_paths(self.workspace_id, [folder]))
        if job.status != "done":
            raise RuntimeError(f"the job {job.status}: {job.error}")

    def told(self) -> dict[str, Any]:
        """Tokens and passages of the pack."""
        pack = self.app.library.pack(self.workspace_id)
        return {"tokens": pack.token_count, "passages": pack.passage_count}

    def queries(self) -> Sequence[str]:
        """What a person might look for: parts of names and words of some of the files."""
        documents = self.app.library.documents(self.workspace_id)
        found = []
        for document in documents[:: max(1, len(documents) // QUERIES)]:
            symbols = (
                self.app.store.code.symbols(document.version_id) if document.version_id else ()
            )
            words = " ".join(symbol.name.replace("_", " ") for symbol in symbols[:3])
            found.append(f"where is {words or document.name} done?")
        return found[:QUERIES]


def _app(work: Path, options: ScaleOptions) -> _Opened:
    home = work / "home"
    return _Opened(build_app(Settings(home=home, workers=options.processes, engine="extractive")))


def _chains(app: App, pack_id: int) -> list[str]:
    """The hashes of the pack's segments, each chained to the one before."""
    return [segment.segment.chain for segment in app.store.packs.segments(pack_id)]


def _tokenized(files: Sequence[Path]) -> None:
    count = tokenizer(PACK_TOKENIZER).count
    for path in files:
        count(path.read_bytes().decode(errors="replace"))


def _timed(act: Callable[[], object]) -> dict[str, float]:
    """Seconds that a call takes, and the CPU seconds of this process and its children."""
    cpu, begun = _cpu_s(), time.perf_counter()
    act()
    seconds, spent = time.perf_counter() - begun, _cpu_s() - cpu
    return {"seconds": round(seconds, 3), "cpu_s": round(spent, 3)}


def _cpu_s() -> float:
    """CPU seconds of this process and of its children that live."""
    spent = 0.0
    me = psutil.Process()
    for process in [me, *me.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
    return spent


def table(result: dict[str, Any]) -> Table:
    """The figures for people."""
    drawn = Table("part", "figure", "value", title="Codebases at scale")
    for part, figures in result.items():
        if not isinstance(figures, dict):
            continue
        for name, value in figures.items():
            shown = (
                ", ".join(f"{k} {v}" for k, v in value.items())
                if isinstance(value, dict)
                else value
            )
            drawn.add_row(part, name, str(shown))
    return drawn
