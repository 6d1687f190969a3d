"""`python -m docqa.bench.big FOLDER...`: tens of thousands of pages, memory, and a `kill -9`.

The PDF files of the folders are repeated until they have so many pages; each copy says on its
pages which one it is, so that no two are alike. `docqa ingest` reads them, as a process of its own
that is killed in the middle with all its workers; a second one takes the work up. Then everything
is counted.
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from docqa.readers.mupdf import pymupdf
from docqa.settings import Settings, environment_of
from docqa.store.store import Store

SAMPLE_S = 0.25
PARTS = 10
"""Memory is told for each of so many parts of the work."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How far the work was, and the resident memory of docqa and its workers, in bytes."""

    done: int
    held: int


def make_files(folders: list[Path], target: Path, pages: int) -> dict[str, int]:
    """Copies of the folders' PDF files with that many pages or a few more: pages by file name."""
    base = sorted(path for folder in folders for path in folder.rglob("*.pdf"))
    made: dict[str, int] = {}
    copy = 0
    while sum(made.values()) < pages:
        for number, path in enumerate(base):
            if sum(made.values()) >= pages:
                break
            name = f"{copy:03}/{number:03}-{path.name}"
            made[name] = _write_copy(path, target / name, copy)
        copy += 1
    return made


def _write_copy(path: Path, target: Path, copy: int) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open(path) as document:
        for page in document:
            page.insert_text((36, page.rect.height - 12), f"Copy {copy} of this page", fontsize=6)
        document.save(target)
        return int(document.page_count)


def ingest(store: Store, source: Path, *, kill_at: int | None) -> tuple[list[Sample], float]:
    """Run `docqa ingest`, killed with its workers when so many files are done; samples, seconds.

    Raises:
        RuntimeError: If it fails by itself.
    """
    environment = environment_of(Settings(home=store.home, engine="extractive"))
    command = [sys.executable, "-m", "docqa.cli", "ingest", str(source), "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    samples: list[Sample] = []
    while process.poll() is None:
        time.sleep(SAMPLE_S)
        samples.append(Sample(_done(store), _held(process.pid)))
        if kill_at is not None and samples[-1].done >= kill_at:
            _kill(process)
            return samples, time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(process.stderr.read()[-2_000:] if process.stderr else "")
    return samples, time.perf_counter() - started


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield from [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return


def _held(pid: int) -> int:
    held = 0
    for process in _tree(pid):
        try:
            held += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return held


def _kill(process: "subprocess.Popen[str]") -> None:
    for each in list(_tree(process.pid)):
        try:
            each.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    process.wait()


def _rows(store: Store, query: str) -> list[Any]:
    with store.database.read() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _done(store: Store) -> int:
    query = "SELECT count(*) FROM job_items WHERE status IN ('done', 'skipped')"
    return int(_rows(store, query)[0][0])


def counted(store: Store, files: dict[str, int]) -> dict[str, Any]:
    """What is in the data folder: missing, doubled and halved documents and pages are errors."""
    stored = dict(
        _rows(
            store,
            "SELECT d.path, v.page_count FROM documents d JOIN versions v"
            " ON v.id = d.current_version_id WHERE v.status = 'ready' AND v.published",
        )
    )
    pages = dict(
        _rows(
            store,
            "SELECT d.path, count(*) FROM pages p JOIN versions v ON v.id = p.version_id"
            " JOIN documents d ON d.id = v.document_id GROUP BY d.path",
        )
    )
    twice = _rows(
        store, "SELECT document_id FROM versions GROUP BY document_id HAVING count(*) > 1"
    )
    segments = _rows(store, "SELECT count(*), count(DISTINCT document_id) FROM segments")[0]
    passages = _rows(
        store,
        "SELECT (SELECT count(*) FROM passages),"
        " (SELECT sum(passage_count) FROM segments), (SELECT sum(passage_count) FROM versions)",
    )[0]
    return {
        "documents": len(stored),
        "pages": sum(stored.values()),
        "missing": [name for name in files if name not in stored],
        "wrong_page_count": [name for name in files if stored.get(name) != files[name]],
        "page_rows_wrong": [name for name in files if pages.get(name) != files[name]],
        "documents_with_two_versions": len(twice),
        "segments": segments[0],
        "segments_of_one_document_twice": segments[0] - segments[1],
        "passages": passages[0],
        "passages_agree": len(set(passages)) == 1,
    }


def by_part(samples: list[Sample], total: int) -> list[int]:
    """The most memory held in each part of the work, in MB; 0 where no sample fell."""
    most = [0] * PARTS
    for sample in samples:
        part = min(sample.done * PARTS // max(total, 1), PARTS - 1)
        most[part] = max(most[part], sample.held)
    return [round(held / 1e6) for held in most]


def main(
    folders: Annotated[list[Path], typer.Argument(help="Folders of PDF files.")],
    pages: Annotated[int, typer.Option(help="Pages in all.")] = 20_000,
) -> None:
    """Print what was measured as JSON."""
    with tempfile.TemporaryDirectory(prefix="docqa-big-") as name:
        root = Path(name)
        files = make_files(folders, root / "files", pages)
        size = sum(path.stat().st_size for path in (root / "files").rglob("*.pdf"))
        with Store(root / "home") as store:
            first, killed_s = ingest(store, root / "files", kill_at=len(files) // 2)
            second, rest_s = ingest(store, root / "files", kill_at=None)
            found = counted(store, files)
        database = (root / "home" / "docqa.db").stat().st_size
    result = {
        "files": len(files),
        "pages_made": sum(files.values()),
        "bytes": size,
        "killed_after_files": first[-1].done,
        "seconds_before_kill": round(killed_s, 1),
        "seconds_after": round(rest_s, 1),
        "pages_per_s": round(sum(files.values()) / (killed_s + rest_s), 1),
        "peak_mb_by_tenth": by_part([*first, *second], len(files)),
        "database_mb": round(database / 1e6),
        **found,
    }
    print(json.dumps(result, indent=1))  # noqa: T201 - a program's result


if __name__ == "__main__":
    typer.run(main)
