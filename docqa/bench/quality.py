"""`python -m docqa.bench.quality`: how well docqa finds and quotes, beside plain BM25.

Needs the bundle of benchmark data: a folder (`--data` or DOCQA_BENCH_DATA), or the archive
`shared/bench/given.tar.xz` beside the repository.
"""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from docqa.bench import quality_code, quality_contracts, quality_nq
from docqa.bench.scores import Row
from docqa.errors import EmptyFileError
from docqa.store.store import Store

ARCHIVE = Path(__file__).resolve().parents[3] / "shared" / "bench" / "given.tar.xz"
_SETS = {
    "contracts": quality_contracts.measure,
    "code": quality_code.measure,
    "nq": quality_nq.measure,
}
_FOLDERS = {"contracts": "cuad25", "code": "code_qa", "nq": "nq_haystack"}


def measure(data: Path, sets: Sequence[str] = ()) -> list[Row]:
    """The scores of these sets (`contracts`, `code`, `nq`), or of all, over an unpacked bundle."""
    rows: list[Row] = []
    for name in sets or _SETS:
        with tempfile.TemporaryDirectory(prefix="docqa-quality-") as home:
            store = Store(Path(home))
            rows.extend(_SETS[name](store, data))
            store.close()
    return rows


def table(rows: Sequence[Row]) -> Table:
    """The scores as a table: shares of the questions."""
    made = Table(box=box.MARKDOWN)
    for title in ("set", "what", "questions", "docqa", "plain BM25", "s/question"):
        made.add_column(title, no_wrap=True)
    for row in rows:
        made.add_row(
            row.set, row.what, f"{row.questions:,}", row.docqa, row.plain, f"{row.seconds:.3f}"
        )
    return made


@contextmanager
def bundle(
    folder: Path | None, sets: Sequence[str] = (), *, folders: Sequence[str] = ()
) -> Iterator[Path]:
    """The folder of the bundle; what the sets need is unpacked if only the archive is there.

    `folders` names parts of the bundle instead of sets.

    Raises:
        EmptyFileError: If there is neither.
    """
    if folder is not None:
        yield folder
        return
    if not ARCHIVE.exists():
        raise EmptyFileError(str(ARCHIVE), "the benchmark data is not there")
    wanted = folders or [_FOLDERS[name] for name in sets or _SETS]
    with tempfile.TemporaryDirectory(prefix="docqa-bundle-") as unpacked:
        with tarfile.open(ARCHIVE) as archive:
            for member in archive:
                if any(part in wanted for part in member.name.split("/")[:3]):
                    _extract(archive, member, Path(unpacked))
        yield next(Path(unpacked).rglob(wanted[0])).parent


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a file of the archive; its other kinds of members are not needed."""
    path = folder / member.name
    packed = archive.extractfile(member) if member.isfile() else None
    if packed is None or not path.resolve().is_relative_to(folder.resolve()):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)


def main(
    sets: Annotated[
        list[str] | None, typer.Argument(help="contracts, code, nq; all if none")
    ] = None,
    data: Annotated[Path | None, typer.Option(envvar="DOCQA_BENCH_DATA")] = None,
) -> None:
    """Measure ranking and extractive answers on the benchmark data."""
    unknown = sorted(set(sets or ()).difference(_SETS))
    if unknown:
        raise typer.BadParameter(f"unknown set {unknown[0]!r}")
    with bundle(data, sets or ()) as folder:
        Console(width=120).print(table(measure(folder, sets or ())))


if __name__ == "__main__":
    typer.run(main)
