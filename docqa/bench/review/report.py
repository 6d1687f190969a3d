"""Figures of the bench: lines of a table, and the same as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured of how many, docqa's figure and plain BM25's, if it has one."""

    set: str
    what: str
    count: int
    docqa: str
    plain: str = ""


def share(part: int, total: int) -> str:
    """`0.123`; a dash where there is nothing to take a share of."""
    return f"{part / total:.3f}" if total else "-"


def table(figures: Sequence[Figure]) -> Table:
    """The figures for people."""
    made = Table(box=box.MARKDOWN)
    for title in ("set", "what", "of", "docqa", "plain BM25"):
        made.add_column(title, no_wrap=True)
    for each in figures:
        made.add_row(each.set, each.what, f"{each.count:,}", each.docqa, each.plain)
    return made
