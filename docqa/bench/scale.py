"""`python -m docqa.bench.scale`: what a corpus of millions of tokens costs docqa itself.

Real text (the folder given) is repeated with changes until it has so many tokens: numbers and some
words differ from copy to copy, so that no two documents are alike.
"""

import itertools
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console

from docqa.bootstrap import App, build_app
from docqa.core.documents import ParsedDocument
from docqa.core.indexing import document_fields
from docqa.errors import ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file
from docqa.settings import Settings
from docqa.store.values import NewVersion

WORKSPACE = "scale"
TEXT_SUFFIXES = (".txt", ".md", ".py", ".rs")
CHARACTERS_PER_TOKEN = 4.2
QUERIES = 200
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\b[a-z]{7,}\b")


def changed(document: ParsedDocument, copy: int) -> ParsedDocument:
    """The document with other numbers and every 20th long word marked, by copy."""
    chance = random.Random(copy)

    def number(match: re.Match[str]) -> str:
        return str((int(match[0][:9]) + copy) % 10 ** len(match[0][:9]))

    def word(match: re.Match[str]) -> str:
        return f"{match[0]}{copy % 97}" if chance.random() < 0.05 else match[0]

    passages = tuple(
        replace(passage, text=_WORD.sub(word, _NUMBER.sub(number, passage.text)), geometry=b"")
        for passage in document.passages
    )
    return replace(document, passages=passages)


def base_documents(data: Path) -> list[tuple[str, ParsedDocument]]:
    """The text and code files under a folder, read once."""
    found = []
    for path in sorted(data.rglob("*")):
        if path.suffix in TEXT_SUFFIXES and path.is_file():
            try:
                document = parse_file(path, path.name, ReaderOptions(), lambda done, total: None)
            except ReadError:
                continue
            if document.passages:
                found.append((path.relative_to(data).as_posix(), document))
    return found


def copies(data: Path, tokens: int) -> Iterator[tuple[str, ParsedDocument]]:
    """Documents, until they have about so many tokens."""
    base = base_documents(data)
    characters = 0
    for copy in itertools.count():
        for name, document in base:
            if characters > tokens * CHARACTERS_PER_TOKEN:
                return
            characters += sum(len(passage.text) for passage in document.passages)
            yield f"{copy:03}/{name}", changed(document, copy)


def stage(app: App, workspace_id: int, source_id: int, name: str, parsed: ParsedDocument) -> int:
    """Store a document as a worker does, unpublished; returns its version."""
    document_id = app.store.documents.add_document(workspace_id, source_id, name, name)
    rows = document_fields(name, parsed)
    new = NewVersion(document_id, f"{document_id:064x}", 1, "", parsed, rows)
    return app.store.documents.stage_version(new)


def measure(data: Path, tokens: int, home: Path) -> dict[str, Any]:
    """The figures, as plain values; seconds, tokens and MB."""
    app = build_app(Settings(home=home, engine="scripted", context_length=20_000_000))
    try:
        workspace_id = app.workspaces.get_or_create(WORKSPACE).id
        source_id = app.store.documents.add_source(workspace_id, "folder", "scale", "scale")
        result: dict[str, Any] = {}
        versions = [
            stage(app, workspace_id, source_id, name, parsed)
            for name, parsed in copies(data, tokens)
        ]
        app.library.pack(workspace_id)
        result["publish_s"] = timed(lambda: app.library.publish(workspace_id, versions))
        pack = app.library.pack(workspace_id)
        result |= {"tokens": pack.token_count, "passages": pack.passage_count}
        result["documents"] = pack.segment_count
        result["added"] = [added(app, workspace_id, source_id, data, number) for number in range(3)]
    finally:
        app.close()
    return result | measure_open(home)


def added(app: App, workspace_id: int, source_id: int, data: Path, number: int) -> dict[str, Any]:
    """Adding one document to the pack: its tokens and the seconds of staging and publishing."""
    base = base_documents(data)
    sizes = sorted(base, key=lambda item: sum(len(passage.text) for passage in item[1].passages))
    name, document = sizes[(len(sizes) - 1) * number // 2]
    before = app.library.pack(workspace_id).token_count
    parsed = changed(document, 1_000 + number)

    def add() -> None:
        version = stage(app, workspace_id, source_id, f"added/{number}-{name}", parsed)
        app.library.publish(workspace_id, [version])

    seconds = timed(add)
    return {"tokens": app.library.pack(workspace_id).token_count - before, "seconds": seconds}


def measure_open(home: Path) -> dict[str, Any]:
    """Opening the workspace and searching it in a fresh app; memory afterwards."""
    begun = time.perf_counter()
    app = build_app(Settings(home=home, engine="scripted", context_length=20_000_000))
    try:
        workspace_id = app.workspaces.get(WORKSPACE).id
        app.library.documents(workspace_id)
        app.estimating.estimate(workspace_id)
        app.conversations.all(workspace_id)
        opened = time.perf_counter() - begun
        queries = list(questions(app, workspace_id))
        seconds = sorted(
            timed(partial(app.searching.search, workspace_id, query)) for query in queries
        )
        memory = psutil.Process().memory_info().rss / 1e6
    finally:
        app.close()
    return {
        "open_s": round(opened, 3),
        "searches": len(seconds),
        "search_median_s": round(statistics.median(seconds), 4),
        "search_p95_s": round(seconds[int(0.95 * len(seconds))], 4),
        "search_max_s": round(seconds[-1], 4),
        "rss_mb": round(memory),
    }


def questions(app: App, workspace_id: int) -> Iterator[str]:
    """Sentences of random passages, 5 to 14 words long: what a person might look for."""
    chance = random.Random(7)
    documents = app.library.documents(workspace_id)
    for document in chance.sample(documents, min(QUERIES, len(documents))):
        ordinal = chance.randrange(document.passages)
        passage = app.store.documents.passages_by_ordinal(document.version_id, [ordinal])[ordinal]
        words = passage.text.split()
        start = chance.randrange(max(1, len(words) - 14))
        yield " ".join(words[start : start + chance.randint(5, 14)]) or document.name


def timed(act: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    act()
    return round(time.perf_counter() - begun, 3)


def main(
    data: Annotated[Path, typer.Argument(help="Folder with text and code.")],
    tokens: Annotated[int, typer.Option(help="About how many tokens.")] = 10_000_000,
    home: Annotated[Path | None, typer.Option(help="Keep the data here.")] = None,
) -> None:
    """Print the figures."""
    console = Console()
    if home is not None:
        console.print_json(data=measure(data, tokens, home))
        return
    with tempfile.TemporaryDirectory(prefix="docqa-scale-") as folder:
        console.print_json(data=measure(data, tokens, Path(folder)))


if __name__ == "__main__":
    typer.run(main)
