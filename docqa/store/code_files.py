"""The files of a codebase, as the store is asked for them within the caller's transaction.

Live are versions that questions are about: current, published, readable, not excluded.
"""

from collections.abc import Iterator
from operator import attrgetter

from sqlalchemy import Connection

from docqa.core.code_tree import TreeFile, TreeStatus
from docqa.core.references import CodeFile, LineFile
from docqa.store.search_queries import execute

LIVE = """
    v.id = d.current_version_id AND d.workspace_id = :workspace
    AND v.status = 'ready' AND v.published AND NOT d.excluded
"""


def has_code(connection: Connection, workspace_id: int) -> bool:
    """Whether a live version is source code."""
    statement = (
        "SELECT 1 FROM documents d JOIN versions v ON v.id = d.current_version_id"
        f" WHERE {LIVE} AND v.kind = 'code' LIMIT 1"
    )
    return execute(connection, statement, workspace=workspace_id).first() is not None


def files(connection: Connection, workspace_id: int) -> Iterator[CodeFile]:
    """Live source files by source and path."""
    statement = (
        "SELECT d.id, v.id, d.name, d.path, d.source_id, v.language, v.token_count"
        " FROM documents d JOIN versions v ON v.id = d.current_version_id"
        f" WHERE {LIVE} AND v.kind = 'code' ORDER BY d.source_id, d.path"
    )
    for row in execute(connection, statement, workspace=workspace_id):
        yield CodeFile(*row)


def line_files(connection: Connection, workspace_id: int) -> Iterator[LineFile]:
    """Live files that have lines, by path."""
    statement = (
        "SELECT d.id, v.id, d.name, d.path, v.line_count, v.revision"
        " FROM documents d JOIN versions v ON v.id = d.current_version_id"
        f" WHERE {LIVE} AND v.line_count > 0 AND v.kind <> 'map' ORDER BY d.path, d.source_id"
    )
    for row in execute(connection, statement, workspace=workspace_id):
        yield LineFile(*row)


def tree(connection: Connection, workspace_id: int) -> list[TreeFile]:
    """All files of all sources in path order, those that were left out among them."""
    # What is gone because it is left out now is listed once, as left out.
    documents = execute(
        connection,
        """
        SELECT d.path, d.source_id, d.id, d.excluded, d.removed, v.id, v.status, v.published,
            v.token_count, v.kind, v.language, v.error
        FROM documents d LEFT JOIN versions v ON v.id = d.current_version_id
        WHERE d.workspace_id = :workspace AND d.path <> '' AND v.kind IS NOT 'map'
            AND NOT (d.removed <> '' AND EXISTS (
                SELECT 1 FROM left_out l WHERE l.source_id = d.source_id AND l.path = d.path))
        """,
        workspace=workspace_id,
    )
    left_out = execute(
        connection,
        """
        SELECT l.path, l.source_id, l.reason FROM left_out l JOIN sources s ON s.id = l.source_id
        WHERE s.workspace_id = :workspace AND NOT EXISTS (
            SELECT 1 FROM documents d
            WHERE d.source_id = l.source_id AND d.path = l.path AND d.removed = '')
        """,
        workspace=workspace_id,
    )
    found = [_tree_file(*row) for row in documents.all()]
    found += [
        TreeFile(path, _last(path), source_id, None, 0, "left out", reason=reason)
        for path, source_id, reason in left_out
    ]
    found.sort(key=_TREE_ORDER)
    return found


_TREE_ORDER = attrgetter("path", "source_id")


def _tree_file(
    path: str,
    source_id: int,
    document_id: int,
    excluded: bool,
    removed: str,
    version_id: int | None,
    status: TreeStatus | None,
    published: bool | None,
    tokens: int,
    kind: str,
    language: str,
    error: str,
) -> TreeFile:
    shown: TreeStatus = status or "staged"
    if excluded and status == "ready":
        shown = "removed" if removed else "excluded"
    return TreeFile(
        path,
        _last(path),
        source_id,
        document_id,
        tokens if published else 0,
        shown,
        language if kind == "code" else "",
        error or (f"gone since {removed[:12]}" if shown == "removed" else ""),
        version_id or 0,
    )


def _last(path: str) -> str:
    return path.rpartition("/")[2] or path
