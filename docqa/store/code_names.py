"""Names in a codebase, as the store is asked for them within the caller's transaction.

Found is what stands in live versions: those that questions are about.
"""

import json
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from sqlalchemy import Connection

from docqa.core.references import Definition
from docqa.core.symbols import Import, UseKind
from docqa.store import code_rows, reindexing
from docqa.store.code_files import LIVE
from docqa.store.search_queries import execute

NameMatch = Literal["exact", "any case", "prefix"]
_BATCH = 200
_SYMBOL = (
    "s.ordinal, s.parent, s.name, s.path, s.kind, s.first_line, s.last_line, s.line, s.signature"
)
_PREFIX = "s.name >= {0} AND s.name < {0} || char(1114111)"
_QUALIFIER = re.compile(r"\.|::|->|#")


def definitions(
    connection: Connection,
    workspace_id: int,
    names: Collection[str],
    *,
    how: NameMatch,
    most: int,
) -> dict[str, tuple[Definition, ...]]:
    """Live definitions by each of these names, in path order."""
    parts = {name: parts for name in names if (parts := name_parts(name))}
    lasts = sorted({path[-1] for path in parts.values()})
    qualified = [(path[-1], _qualifier(path, how)) for path in parts.values() if len(path) > 1]
    plain = [path[-1] for path in parts.values() if len(path) == 1]
    condition = {
        "exact": "s.name IN (SELECT value FROM json_each(:names))",
        "any case": "lower(s.name) IN (SELECT lower(value) FROM json_each(:names))",
        "prefix": f"EXISTS (SELECT 1 FROM json_each(:names) WHERE {_PREFIX.format('value')})",
    }[how]
    rows = execute(
        connection,
        f"SELECT {_SYMBOL}, d.id, v.id, d.name, v.language, d.source_id FROM symbols s"
        " CROSS JOIN versions v ON v.id = s.version_id"
        " CROSS JOIN documents d ON d.id = v.document_id"
        f" WHERE {LIVE} AND {condition}{_within(how) if qualified else ''}"
        " ORDER BY d.path, d.source_id, s.ordinal LIMIT :most",
        workspace=workspace_id,
        names=json.dumps(lasts),
        **({"plain": json.dumps(plain), "qualified": json.dumps(qualified)} if qualified else {}),
        most=most,
    )
    found = [Definition(code_rows.to_symbol(row[:9]), *row[9:]) for row in rows]
    by_name = {
        name: tuple(each for each in found if _is_named(each, path, how))
        for name, path in parts.items()
    }
    return {name: each for name, each in by_name.items() if each}


def _qualifier(parts: Sequence[str], how: NameMatch) -> str:
    """What a path as `_within` has it contains before the last part; a dot is in all."""
    above = f".{'.'.join(parts[:-1])}."
    # SQLite knows no other letters' case.
    return above if how != "any case" or above.isascii() else "."


def _within(how: NameMatch) -> str:
    """That a name was asked for alone, or with what it stands in: before the most are taken."""
    path = "'.' || replace(replace(replace(s.path, '::', '.'), '->', '.'), '#', '.')"
    last, above = "json_extract(value, '$[0]')", "json_extract(value, '$[1]')"
    if how == "any case":
        path, above = f"lower({path})", f"lower({above})"
    alone, same = {
        "exact": ("s.name IN (SELECT value FROM json_each(:plain))", f"s.name = {last}"),
        "any case": (
            "lower(s.name) IN (SELECT lower(value) FROM json_each(:plain))",
            f"lower(s.name) = lower({last})",
        ),
        "prefix": (
            f"EXISTS (SELECT 1 FROM json_each(:plain) WHERE {_PREFIX.format('value')})",
            _PREFIX.format(last),
        ),
    }[how]
    return (
        f" AND ({alone} OR EXISTS"
        f" (SELECT 1 FROM json_each(:qualified) WHERE {same} AND instr({path}, {above})))"
    )


def name_parts(name: str) -> tuple[str, ...]:
    """The parts of a qualified name: `Flask.route()`, `Flask::route` and `Flask#route` are one."""
    return tuple(part for part in _QUALIFIER.split(name.strip().removesuffix("()")) if part)


def _is_named(definition: Definition, parts: Sequence[str], how: NameMatch) -> bool:
    symbol = definition.symbol
    above = tuple(name_parts(symbol.path))[-len(parts) : -1] if len(parts) > 1 else ()
    wanted = (symbol.name, parts[-1])
    if how == "any case":
        folded = tuple(part.lower() for part in above)
        return wanted[0].lower() == wanted[1].lower() and folded == tuple(
            part.lower() for part in parts[:-1]
        )
    matches = wanted[0].startswith(wanted[1]) if how == "prefix" else wanted[0] == wanted[1]
    return matches and above == tuple(parts[:-1])


def imports(
    connection: Connection, version_ids: Sequence[int]
) -> Iterator[tuple[int, tuple[Import, ...]]]:
    """(version id, imports) of those of these versions that import something."""
    rows = execute(
        connection,
        "SELECT version_id, imports FROM code_facts"
        " WHERE version_id IN (SELECT value FROM json_each(:ids)) AND imports <> '[]'",
        ids=json.dumps(list(version_ids)),
    )
    for version_id, stored in rows:
        yield version_id, code_rows.to_imports(json.loads(stored))


def candidates(
    connection: Connection, workspace_id: int, term: str, most: int
) -> tuple[list[int], bool]:
    """Live versions of code with passages that have the search term, and whether there are more."""
    name = reindexing.table(workspace_id)
    if not reindexing.exists(connection, workspace_id):
        return [], False
    # CROSS JOIN keeps SQLite from beginning at the documents, as in the search.
    rows = execute(
        connection,
        f"SELECT DISTINCT d.path, d.source_id, v.id FROM {name}"
        f" CROSS JOIN passages p ON p.id = {name}.rowid"
        " CROSS JOIN versions v ON v.id = p.version_id"
        " CROSS JOIN documents d ON d.id = v.document_id"
        f" WHERE {name} MATCH :expression AND {LIVE} AND v.kind = 'code'"
        " ORDER BY d.path, d.source_id LIMIT :most",
        workspace=workspace_id,
        expression=f'body : "{term}"',
        most=most + 1,
    )
    found = [int(row[2]) for row in rows]
    return found[:most], len(found) > most


def uses(
    connection: Connection, version_ids: Sequence[int], name: str
) -> Iterator[tuple[int, list[tuple[int, UseKind]]]]:
    """(version id, [(line, kind), ...]) of those of these versions that use the name."""
    key = json.dumps(name).encode() + b":[["
    for first in range(0, len(version_ids), _BATCH):
        batch = version_ids[first : first + _BATCH]
        rows = execute(
            connection,
            "SELECT version_id, uses FROM code_facts"
            " WHERE version_id IN (SELECT value FROM json_each(:ids))",
            ids=json.dumps(list(batch)),
        )
        packed = {int(row[0]): bytes(row[1]) for row in rows}
        for version_id in batch:
            data = zlib.decompress(packed[version_id]) if version_id in packed else b""
            at = data.find(key)
            if at >= 0:
                # Only this name's places: parsing all of a file's uses takes ten times as long.
                start = at + len(key) - 2
                end = data.index(b"]]", start) + 2
                yield version_id, [(line, kind) for line, kind in json.loads(data[start:end])]


def lines(
    connection: Connection, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[str, str]]:
    """By (version id, line) the text of the line and the path of the symbol that it stands in."""
    given = json.dumps([list(place) for place in places])
    asked = (
        "WITH asked AS MATERIALIZED"
        " (SELECT value ->> 0 AS version, value ->> 1 AS line FROM json_each(:places))"
    )
    passages = execute(
        connection,
        f"{asked} SELECT a.version, a.line, p.first_line, p.text FROM asked a"
        " CROSS JOIN passages p ON p.version_id = a.version"
        " AND p.first_line <= a.line AND p.last_line >= a.line ORDER BY p.ordinal DESC",
        places=given,
    )
    texts: dict[tuple[int, int], str] = {}
    for version_id, line, first_line, passage in passages:
        at = passage.split("\n")
        if line - first_line < len(at):
            texts[version_id, line] = at[line - first_line]
    symbols = execute(
        connection,
        f"{asked} SELECT a.version, a.line, s.path FROM asked a"
        " CROSS JOIN symbols s ON s.version_id = a.version"
        " AND s.first_line <= a.line AND s.last_line >= a.line ORDER BY s.ordinal",
        places=given,
    )
    # Outer symbols come first: what is kept is the innermost one.
    within = {(version_id, line): path for version_id, line, path in symbols}
    return {place: (texts.get(place, ""), within.get(place, "")) for place in places}


def occurring(connection: Connection, workspace_id: int, terms: Collection[str]) -> set[str]:
    """Those of these search terms that a live passage has, in its text, symbols or path."""
    name = reindexing.table(workspace_id)
    if not reindexing.exists(connection, workspace_id):
        return set()
    statement = (
        f"SELECT 1 FROM {name} CROSS JOIN passages p ON p.id = {name}.rowid"
        " CROSS JOIN versions v ON v.id = p.version_id"
        " CROSS JOIN documents d ON d.id = v.document_id"
        f" WHERE {name} MATCH :expression AND {LIVE} LIMIT 1"
    )
    return {
        term
        for term in terms
        if execute(connection, statement, workspace=workspace_id, expression=f'"{term}"').first()
    }
