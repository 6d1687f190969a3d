"""`python -m docqa.bench.review`: how well docqa finds, quotes and misses evidence in reviews.

Needs the bundle of benchmark data: a folder (`--data` or DOCQA_BENCH_DATA), or the archive
`shared/bench/given.tar.xz` beside the repository; `--scale` needs none.
"""

import json
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from docqa.bench.quality import bundle
from docqa.bench.review import deletion, ranking, scale, whole
from docqa.bench.review.corpus import filled, opened
from docqa.bench.review.gold import SETS
from docqa.bench.review.report import Figure, table

POLICIES = "policies"
PARTS = ("ranking", "extractive", "scripted")
_FOLDERS = {**{name: each.folder for name, each in SETS.items()}, POLICIES: deletion.FOLDER}


def measure(
    data: Path,
    sets: Sequence[str] = (),
    parts: Collection[str] = PARTS,
    say: Callable[[str], None] = lambda text: None,
) -> list[Figure]:
    """The figures of these sets (`nda`, `contracts`, `policies`), or of all.

    `parts` narrows the first two to `ranking` or to whole reviews (`extractive`, `scripted`).
    """
    figures: list[Figure] = []
    for name in sets or tuple(_FOLDERS):
        with tempfile.TemporaryDirectory(prefix="docqa-review-") as folder:
            if name == POLICIES:
                figures += _policies(name, data, Path(folder), say)
            else:
                figures += _annotated(name, data, Path(folder), parts, say)
    return figures


def _annotated(
    name: str, data: Path, folder: Path, parts: Collection[str], say: Callable[[str], None]
) -> list[Figure]:
    given = SETS[name]
    documents = folder / "documents"
    documents.mkdir()
    figures: list[Figure] = []
    with opened(folder / "home", "extractive") as app:
        checklist = app.checklists.get(given.checklist_id)
        ids = [requirement.id for requirement in checklist.requirements]
        cells = given.prepare(data, documents, ids)
        say(f"{name}: reading")
        corpus = filled(app, documents)
        if "ranking" in parts:
            say(f"{name}: ranking")
            figures += ranking.measure(name, corpus, checklist, cells)
        if "extractive" in parts:
            say(f"{name}: a review by quotes alone")
            figures += whole.figures(name, "extractive", whole.run(corpus, checklist, folder))
    if "scripted" in parts:
        with opened(folder / "home", "scripted") as app:
            say(f"{name}: a review with the scripted engine")
            made = whole.run(filled(app, documents), whole.with_hostile(checklist), folder)
            figures += whole.figures(name, "scripted", made)
    return figures


def _policies(name: str, data: Path, folder: Path, say: Callable[[str], None]) -> list[Figure]:
    with opened(folder / "home", "extractive") as app:
        say(f"{name}: reading")
        corpus = filled(app, data / deletion.FOLDER / "procedures")
        say(f"{name}: with and without the mapped procedures")
        return deletion.measure(name, corpus, deletion.requirements(data))


def main(
    sets: Annotated[
        list[str] | None, typer.Argument(help="nda, contracts, policies; all if none")
    ] = None,
    data: Annotated[Path | None, typer.Option(envvar="DOCQA_BENCH_DATA")] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="ranking, extractive or scripted; all if none")
    ] = None,
    scale_up: Annotated[
        bool, typer.Option("--scale", help="10,000 cells of made-up documents instead")
    ] = False,
    json_path: Annotated[Path | None, typer.Option("--json", help="Also write JSON here.")] = None,
) -> None:
    """Measure reviews on the benchmark data, beside plain BM25 in the same run."""
    unknown = sorted(set(sets or ()).difference(_FOLDERS))
    if unknown:
        raise typer.BadParameter(f"unknown set {unknown[0]!r}")
    strange = sorted(set(part or ()).difference(PARTS))
    if strange:
        raise typer.BadParameter(f"unknown part {strange[0]!r}")
    progress = Console(stderr=True)
    if scale_up:
        figures = scale.measure(progress.print)
    else:
        folders: Mapping[str, str] = {name: _FOLDERS[name] for name in sets or _FOLDERS}
        with bundle(data, folders=tuple(folders.values())) as folder:
            figures = measure(folder, tuple(folders), part or PARTS, progress.print)
    Console(width=140).print(table(figures))
    if json_path is not None:
        json_path.write_text(json.dumps([asdict(each) for each in figures], indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
