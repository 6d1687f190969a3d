"""The grid: documents against requirements, a verdict in a word in each cell."""

import html
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from docqa.core.findings import Cell
from docqa.services.reviewing import Grid
from docqa.ui import messages
from docqa.ui.review import place, wording
from docqa.ui.review.table import Table, requirements_first, table

FIRST = "first"
TEXT = "text"
ROW_PX = 34
FEW_ROWS = 15
FEW_COLUMNS = 3
MAX_VALUE = 60
MAX_HELP = 400
MIN_ID_PX = 110
MAX_ID_PX = 220


def draw(full: Grid, shown: Grid, *, narrow: bool) -> None:
    """The cells that the filter shows. A pressed one is opened beside the grid."""
    if not shown.cells:
        st.html('<div class="empty small">No cell matches.</div>')
        return
    here = place.current()
    made = table(shown, rows_are_requirements=requirements_first(full, turned=here.turned))
    key = f"review-grid-{full.review.id}-{int(made.requirements_first)}"
    at = made.place(here.cell) if here.cell is not None else None
    chosen = [(at[0], _name(at[1]))] if at else []
    if _selected(key) != chosen:
        st.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": chosen}}
    data = _data(shown, made, narrow=narrow)
    few = len(made.rows) <= FEW_ROWS
    with st.container(key="review-grid-short" if few else "review-grid-long"):
        st.dataframe(
            data,
            key=key,
            hide_index=True,
            on_select=partial(_open, key, made),
            selection_mode="single-cell",
            height="content" if few else "stretch",
            row_height=ROW_PX,
            column_config=_columns(made, data, narrow=narrow),
            placeholder="",
            lazy=False,
            alt=f"{full.review.title}: {len(shown.cells):,} cells",
        )
        _legend(data)


def _legend(data: Mapping[str, list[Any]]) -> None:
    """What the marks that stand in the cells mean."""
    written = {
        words[0] for name, column in data.items() if name[:1] == "c" for words in column if words
    }
    letters = set("".join(written))
    said = " · ".join(
        f"<b>{html.escape(mark)}</b> {html.escape(meaning)}"
        for mark, meaning in wording.LEGEND
        if mark in letters
    )
    if said:
        st.html(f'<div class="legend">{said}</div>')


def _name(column: int) -> str:
    return f"c{column}"


def _selected(key: str) -> list[tuple[int, str]]:
    found = st.session_state.get(key)
    return [tuple(cell) for cell in found["selection"]["cells"]] if found else []


def _open(key: str, made: Table) -> None:
    """The cell that was pressed; a press on a name or beside the cells opens nothing."""
    for row, name in _selected(key):
        column = int(name[1:]) if name[1:].isdigit() else -1
        cell = made.at(row, column)
        if cell is not None:
            place.open_cell(cell.id)
            return
    place.open_cell(None)


def _data(shown: Grid, made: Table, *, narrow: bool) -> dict[str, list[Any]]:
    requirements = {r.id: r for r in shown.review.checklist.requirements}

    def word(cell: Cell | None) -> list[str]:
        if cell is None:
            return []
        conflict, stale = cell.id in shown.conflicts, cell.id in shown.stale
        requirement = requirements[cell.requirement_id]
        said = wording.shown(cell, requirement, conflict=conflict, stale=stale)
        value = " ".join(cell.value.split())[:MAX_VALUE]
        return [said, value] if value else [said]

    data: dict[str, list[Any]] = {FIRST: [axis.name for axis in made.rows]}
    if made.requirements_first and not narrow:
        data[TEXT] = [axis.help for axis in made.rows]
    for column in range(len(made.columns)):
        data[_name(column)] = [word(cells[column]) for cells in made.cells]
    return data


def _columns(made: Table, data: Mapping[str, list[Any]], *, narrow: bool) -> dict[str, Any]:
    dark = st.context.theme.type == "dark"
    columns: dict[str, Any] = {}
    if made.requirements_first:
        longest = max(len(axis.name) for axis in made.rows)
        width = min(MAX_ID_PX, max(MIN_ID_PX, 34 + 8 * longest))
        columns[FIRST] = st.column_config.TextColumn("Requirement", pinned=True, width=width)
        columns[TEXT] = st.column_config.TextColumn(
            "Text", width=440 if len(made.columns) < FEW_COLUMNS else 270
        )
    else:
        width = 150 if narrow else 230
        columns[FIRST] = st.column_config.TextColumn("Document", pinned=True, width=width)
    for number, axis in enumerate(made.columns):
        cells = [row[number] for row in made.cells]
        colours = _colours(cells, data[_name(number)], dark=dark)
        columns[_name(number)] = st.column_config.MultiselectColumn(
            axis.name,
            help=messages.plain(axis.help[:MAX_HELP]) or None,
            width=150 if not made.requirements_first else 190,
            options=list(colours),
            color=list(colours.values()),
        )
    return columns


def _colours(
    cells: Sequence[Cell | None], words: Sequence[list[str]], *, dark: bool
) -> Mapping[str, str]:
    """The words of a column with their backgrounds."""
    return {
        said[0]: wording.colour(cell, dark=dark)
        for cell, said in zip(cells, words, strict=True)
        if cell is not None
    }
