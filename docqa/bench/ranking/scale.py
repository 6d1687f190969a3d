"""`python -m docqa.bench.ranking.scale`: what an index of a million passages costs.

Real text (the folder given) is repeated with changes until it has so many passages. `build` stages
them as a worker does, `ask` searches them in a process of its own, whose memory is what is told.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from docqa.bench.scale import copies
from docqa.core.documents import ParsedDocument
from docqa.core.indexing import document_fields
from docqa.store.store import Store
from docqa.store.values import NewVersion

_WORKSPACE = "million"
_DOCUMENTS_AT_ONCE = 64
_QUERIES = 100
_TOKENS = 10**10
_MB = 10**6

cli = typer.Typer(add_completion=False, no_args_is_help=True)


def fill(store: Store, data: Path, passages: int) -> dict[str, Any]:
    """Stage and publish about so many passages; seconds by what they were spent on."""
    workspace_id = store.workspaces.get_or_create(_WORKSPACE).id
    source_id = store.documents.add_source(workspace_id, "folder", "bench", "bench")
    terms_s = store_s = 0.0
    done = documents = 0
    given = _documents(data, passages)
    while group := list(islice(given, _DOCUMENTS_AT_ONCE)):
        ids = store.documents.add_documents(workspace_id, source_id, [(n, n) for n, _ in group])
        begun = time.perf_counter()
        versions = [
            NewVersion(number, str(number), 0, "", parsed, document_fields(name, parsed))
            for number, (name, parsed) in zip(ids, group, strict=True)
        ]
        middle = time.perf_counter()
        store.documents.stage_many(versions)
        terms_s += middle - begun
        store_s += time.perf_counter() - middle
        done += sum(len(parsed.passages) for _, parsed in group)
        documents += len(group)
    _publish(store)
    return {
        "documents": documents,
        "passages": done,
        "terms_s": round(terms_s, 1),
        "stored_and_indexed_s": round(store_s, 1),
        "passages_per_s": round(done / (terms_s + store_s)),
    }


def multiply(store: Store, times: int) -> dict[str, Any]:
    """Put all documents in again, so many times in all, as new ones; seconds and passages."""
    begun = time.perf_counter()
    with store.database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM passages").scalar_one()
    for copy in range(1, times):
        with store.database.write() as connection:
            for statement in _copying(connection.exec_driver_sql, copy):
                connection.exec_driver_sql(statement)
    return {"passages": count * times, "copied_s": round(time.perf_counter() - begun, 1)}


def ask(store: Store, questions: Sequence[str]) -> dict[str, Any]:
    """How long the questions take, the first included, and the memory of this process after."""
    workspace_id = store.workspaces.get_or_create(_WORKSPACE).id
    took, worked = [], []
    for question in questions:
        begun, working = time.perf_counter(), time.process_time()
        store.search.search(workspace_id, question, k=20)
        took.append(time.perf_counter() - begun)
        worked.append(time.process_time() - working)
    first, ordered = took[0], sorted(took)
    return {
        "questions": len(ordered),
        "first_s": round(first, 3),
        "median_s": round(statistics.median(ordered), 3),
        "p95_s": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "longest_s": round(ordered[-1], 3),
        "median_of_processor_s": round(statistics.median(worked), 3),
        "p95_of_processor_s": round(sorted(worked)[int(0.95 * (len(worked) - 1))], 3),
        "rss_mb": round(psutil.Process().memory_info().rss / _MB),
    }


def snippets(store: Store, count: int = _QUERIES) -> list[str]:
    """5 to 14 words in a row of random passages: what a person might remember of a text."""
    chance = random.Random(7)
    with store.database.read() as connection:
        last = int(connection.exec_driver_sql("SELECT max(id) FROM passages").scalar_one())
        ids = [chance.randint(1, last) for _ in range(count)]
        query = "SELECT text FROM passages WHERE id IN (SELECT value FROM json_each(:ids))"
        found = connection.exec_driver_sql(query, {"ids": json.dumps(ids)})
        return [_snippet(text, chance) for (text,) in found]


@cli.command()
def build(
    data: Annotated[Path, typer.Argument(help="Folder with text and code.")],
    home: Annotated[Path, typer.Argument(help="Where the index goes.")],
    passages: Annotated[int, typer.Option(help="About how many.")] = 1_000_000,
    times: Annotated[int, typer.Option(help="Each of them so many times.")] = 1,
) -> None:
    """Make the index."""
    with Store(home) as store:
        typer.echo(json.dumps(fill(store, data, passages // times)))
        if times > 1:
            typer.echo(json.dumps(multiply(store, times)))


@cli.command("ask")
def ask_command(
    data: Annotated[Path, typer.Argument(help="Folder with text and code.")],
    home: Annotated[Path, typer.Argument(help="Where the index is.")],
) -> None:
    """Search it: words of its passages, and Wikipedia's questions."""
    items = json.loads((data / "nq_haystack" / "items_400.json").read_text())
    with Store(home) as store:
        told = {"words of passages": ask(store, snippets(store))}
        told["questions"] = ask(store, [item["question"] for item in items[:_QUERIES]])
        size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    typer.echo(json.dumps(told | {"disk_mb": round(size / _MB)}, indent=1))


@cli.command()
def both(
    data: Annotated[Path, typer.Argument(help="Folder with text and code.")],
    passages: Annotated[int, typer.Option(help="About how many.")] = 1_000_000,
    times: Annotated[int, typer.Option(help="Each of them so many times.")] = 1,
) -> None:
    """Make the index, then search it in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="docqa-million-") as home:
        build(data, Path(home), passages, times)
        command = [sys.executable, "-m", "docqa.bench.ranking.scale", "ask", str(data), home]
        subprocess.run(command, check=True)


def _documents(data: Path, passages: int) -> Iterator[tuple[str, ParsedDocument]]:
    for name, parsed in copies(data, _TOKENS):
        yield name, parsed
        passages -= len(parsed.passages)
        if passages <= 0:
            return


def _publish(store: Store) -> None:
    """What the search index asks of a published version, without a pack."""
    with store.database.write() as connection:
        connection.exec_driver_sql("UPDATE versions SET published = 1")
        connection.exec_driver_sql(
            "UPDATE documents SET current_version_id ="
            " (SELECT max(id) FROM versions v WHERE v.document_id = documents.id)"
        )


def _copying(execute: Callable[[str], Any], copy: int) -> Iterator[str]:
    """What adds the first documents once more, with their passages and index rows."""
    name = f"fts_w{execute('SELECT min(id) FROM workspaces').scalar_one()}"
    shifted = {
        "documents": {"id": "documents", "current_version_id": "versions"},
        "versions": {"id": "versions", "document_id": "documents"},
        "passages": {"id": "passages", "version_id": "versions"},
        name: {"rowid": "passages"},
    }
    last = {
        table: execute(f"SELECT max(id) FROM {table}").scalar_one() // copy
        for table in ("documents", "versions", "passages")
    }
    for table, keys in shifted.items():
        found = execute(f"SELECT name FROM pragma_table_info('{table}')")
        columns = [*(("rowid",) if "rowid" in keys else ()), *found.scalars()]
        values = [
            f"{each} + {last[keys[each]] * copy}" if each in keys else each for each in columns
        ]
        if table == "documents":
            values[columns.index("path")] = f"path || ' {copy}'"
        key = "rowid" if "rowid" in keys else "id"
        yield (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
            f" FROM {table} WHERE {key} <= {last['passages' if key == 'rowid' else table]}"
        )


def _snippet(passage: str, chance: random.Random) -> str:
    words = passage.split()
    start = chance.randrange(max(1, len(words) - 14))
    return " ".join(words[start : start + chance.randint(5, 14)]) or "nothing"


if __name__ == "__main__":
    cli()
