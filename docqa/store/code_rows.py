"""The structure of source files as rows: symbols, imports, uses, places of secrets."""

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from docqa.core.documents import ParsedDocument
from docqa.core.escaping import encodable
from docqa.core.symbols import Import, Secret, Symbol, Use
from docqa.store.models import SecretRow, SymbolRow

_LEVEL = 1
_INSERT_SYMBOL = (
    "INSERT INTO symbols (version_id, ordinal, parent, name, path, kind, first_line, last_line,"
    " line, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_FACTS = "INSERT INTO code_facts (version_id, imports, uses) VALUES (?, ?, ?)"
_INSERT_SECRET = (
    'INSERT OR IGNORE INTO secrets (version_id, line, start, "end", kind) VALUES (?, ?, ?, ?, ?)'
)
_SYMBOL = SymbolRow.__table__.c
SYMBOL_COLUMNS = (
    _SYMBOL.ordinal,
    _SYMBOL.parent,
    _SYMBOL.name,
    _SYMBOL.path,
    _SYMBOL.kind,
    _SYMBOL.first_line,
    _SYMBOL.last_line,
    _SYMBOL.line,
    _SYMBOL.signature,
)


def insert(connection: Connection, version_id: int, parsed: ParsedDocument) -> None:
    """Add what the reader found in the version, in the caller's transaction."""
    facts = parsed.facts
    if facts.symbols:
        connection.exec_driver_sql(
            _INSERT_SYMBOL,
            [
                (
                    *(version_id, each.ordinal, each.parent, encodable(each.name)),
                    *(encodable(each.path), each.kind, each.first_line, each.last_line),
                    *(each.line, encodable(each.signature)),
                )
                for each in facts.symbols
            ],
        )
    if facts.imports or facts.uses:
        imports = json.dumps([[each.target, each.line, list(each.names)] for each in facts.imports])
        connection.exec_driver_sql(_INSERT_FACTS, (version_id, imports, packed(facts.uses)))
    if parsed.secrets:
        connection.exec_driver_sql(
            _INSERT_SECRET,
            [(version_id, each.line, each.start, each.end, each.kind) for each in parsed.secrets],
        )


def packed(uses: Iterable[Use]) -> bytes:
    """The uses by name, compressed: `{"name": [[line, kind], ...]}`."""
    by_name: dict[str, list[tuple[int, str]]] = {}
    for use in uses:
        by_name.setdefault(use.name, []).append((use.line, use.kind))
    return zlib.compress(json.dumps(by_name, separators=(",", ":")).encode(), _LEVEL)


def unpacked(data: bytes) -> tuple[Use, ...]:
    """What `packed` made small, by name and then by line."""
    by_name: dict[str, list[tuple[int, Any]]] = json.loads(zlib.decompress(data))
    return tuple(Use(name, line, kind) for name, places in by_name.items() for line, kind in places)


def to_symbol(row: Sequence[Any]) -> Symbol:
    """A row of `SYMBOL_COLUMNS`."""
    return Symbol(*row)


def to_imports(rows: Sequence[Sequence[Any]]) -> tuple[Import, ...]:
    """The JSON of a version's imports."""
    return tuple(Import(target, line, tuple(names)) for target, line, names in rows)


def secrets_of(connection: Connection, version_id: int) -> tuple[Secret, ...]:
    """The places of a version's secrets, in the order of the text."""
    query = (
        select(SecretRow.line, SecretRow.start, SecretRow.end, SecretRow.kind)
        .where(SecretRow.version_id == version_id)
        .order_by(SecretRow.line, SecretRow.start)
    )
    return tuple(Secret(*row) for row in connection.execute(query))
