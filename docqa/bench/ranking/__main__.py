"""`python -m docqa.bench.ranking`: the table of ranking, each set beside its floor.

Needs the bundle of benchmark data: a folder (`--data` or DOCQA_BENCH_DATA), or the archive
`shared/bench/given.tar.xz` beside the repository.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from docqa.bench.quality import bundle
from docqa.bench.ranking.measure import FLOORS, FOLDERS, RANKERS, SETS, Line, measure


def table(lines: Sequence[Line]) -> Table:
    """The lines for people: shares of the questions, first / in the first five."""
    rankers = list(dict.fromkeys(name for line in lines for name in line.ranked))
    made = Table(box=box.MARKDOWN)
    titles = ("set", "what", "questions", "README's floor", "plain BM25", *rankers)
    for title in (*titles, *(f"{ranker}, ms" for ranker in rankers)):
        made.add_column(title, no_wrap=True)
    for line in lines:
        made.add_row(
            line.set,
            line.what,
            f"{line.plain.questions:,}",
            FLOORS.get((line.set, line.what), ""),
            str(line.plain),
            *(str(line.ranked[ranker]) for ranker in rankers),
            *(line.milliseconds(ranker) for ranker in rankers),
        )
    return made


def main(
    sets: Annotated[
        list[str] | None, typer.Argument(help=f"{', '.join(SETS)}; all if none")
    ] = None,
    data: Annotated[Path | None, typer.Option(envvar="DOCQA_BENCH_DATA")] = None,
    ranker: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(RANKERS)}; all if none")
    ] = None,
) -> None:
    """Measure ranking on the benchmark data, beside plain BM25 in the same run."""
    chosen, columns = tuple(sets or SETS), tuple(ranker or RANKERS)
    for known, given in ((SETS, chosen), (RANKERS, columns)):
        if unknown := sorted(set(given).difference(known)):
            raise typer.BadParameter(f"unknown: {unknown[0]!r}")
    folders = list(dict.fromkeys(FOLDERS[name] for name in chosen))
    with bundle(data, folders=folders) as folder:
        lines = measure(folder, chosen, {name: RANKERS[name] for name in columns})
    Console(width=200).print(table(lines))


if __name__ == "__main__":
    typer.run(main)
