"""The cells of reviews as a queue: taken under a token, given back, failed, queued again.

A cell that runs belongs to whoever took it: what comes of it is kept only under the same token.
"""

from collections.abc import Collection

from sqlalchemy import Select, bindparam, select, update

from docqa.core.escaping import encodable
from docqa.core.findings import Cell
from docqa.errors import UnknownItemError
from docqa.store.audit import append_in
from docqa.store.database import Database
from docqa.store.queries import among
from docqa.store.review_models import CellRow
from docqa.store.review_rows import CELL_COLUMNS, to_cell

_NAMED = 200
"""Cells that an audit entry names; of more it tells how many."""
_FINISHED = ("done", "failed", "cancelled")
_CLEAN = {"token": "", "error": "", "error_hint": "", "error_type": ""}
_NEXT: Select[int] = (
    select(CellRow.id)
    .where(CellRow.review_id == bindparam("review"), CellRow.state == "queued")
    .order_by(CellRow.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(CellRow)
    .where(CellRow.id.in_(_NEXT))
    .values(state="running", token=bindparam("claimant"))
    .returning(*CELL_COLUMNS)
)
_ALL = select(*CELL_COLUMNS).where(CellRow.review_id == bindparam("review")).order_by(CellRow.id)
_ONE = select(*CELL_COLUMNS).where(CellRow.id == bindparam("cell"))


class CellStore:
    """The cells of reviews."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cells(self, review_id: int) -> tuple[Cell, ...]:
        """All cells of the review, by document, then in the checklist's order."""
        with self._database.read() as connection:
            return tuple(map(to_cell, connection.execute(_ALL, {"review": review_id}).all()))

    def cell(self, cell_id: int) -> Cell:
        """The cell with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(_ONE, {"cell": cell_id}).first()
        if row is None:
            raise UnknownItemError("cell", cell_id)
        return to_cell(row)

    def claim(self, review_id: int, token: str, n: int) -> tuple[Cell, ...]:
        """Take up to `n` queued cells, the first in the grid's order; nobody else gets them."""
        asked = {"review": review_id, "claimant": token, "most": n}
        with self._database.write() as connection:
            rows = connection.execute(_CLAIM, asked).all()
        return tuple(sorted(map(to_cell, rows), key=lambda cell: cell.id))

    def requeue_running(self, review_id: int, *, but: str = "") -> int:
        """Let cells wait again that run under any other token; how many."""
        waiting = (
            update(CellRow)
            .where(CellRow.review_id == review_id, CellRow.state == "running")
            .where(CellRow.token != but)
            .values(state="queued", token="")
        )
        with self._database.write() as connection:
            return connection.execute(waiting).rowcount

    def fail(self, cell_id: int, token: str, error: str, hint: str, type: str) -> bool:
        """End a run without a finding; False, and nothing changed, if it is not this token's.

        An earlier finding, and what was decided on it, stay.
        """
        told = {"error": encodable(error), "error_hint": encodable(hint), "error_type": type}
        failing = (
            update(CellRow)
            .where(CellRow.id == cell_id, CellRow.state == "running", CellRow.token == token)
            .values(state="failed", token="", **told)
        )
        with self._database.write() as connection:
            return connection.execute(failing).rowcount > 0

    def requeue(self, review_id: int, cell_ids: Collection[int], *, user: str) -> int:
        """Run these cells again, those of them that neither wait nor run; how many."""
        waiting = (
            update(CellRow)
            .where(among(CellRow.id, cell_ids), CellRow.review_id == review_id)
            .where(CellRow.state.in_(_FINISHED))
            .values(state="queued", **_CLEAN)
            .returning(CellRow.id)
        )
        with self._database.write() as connection:
            ids = sorted(connection.scalars(waiting))
            if ids:
                told = {"review": review_id, "cells": len(ids), "first": ids[:_NAMED]}
                append_in(connection, user, "review.rerun", told)
        return len(ids)

    def cancel_queued(self, review_id: int) -> int:
        """Leave out the cells that wait; how many."""
        leaving = (
            update(CellRow)
            .where(CellRow.review_id == review_id, CellRow.state == "queued")
            .values(state="cancelled", **_CLEAN)
        )
        with self._database.write() as connection:
            return connection.execute(leaving).rowcount
