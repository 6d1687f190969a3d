"""What the Code page's components fetch: the tree of files, and who wrote which lines."""

from datetime import UTC, datetime
from typing import Any

from docqa.bootstrap import App
from docqa.readers.git import BlameLine

SHORT_COMMIT = 7
BOUNDARY = "The history was not fetched: lines of the oldest commit shown may be older."


def tree(app: App, workspace_id: int) -> dict[str, Any]:
    """All files as [path, tokens, status, document id or null, reason, source id].

    `sources` are the names of the sources that the ids mean.

    Raises:
        UnknownItemError: If there is no such workspace.
    """
    app.workspaces.by_id(workspace_id)
    files = app.code.tree(workspace_id)
    used = {file.source_id for file in files}
    return {
        "sources": {
            source.id: source.name
            for source in app.library.sources(workspace_id)
            if source.id in used
        },
        "files": [
            (file.path, file.tokens, file.status, file.document_id, file.reason, file.source_id)
            for file in files
        ],
    }


def blame(app: App, version_id: int) -> dict[str, Any]:
    """Runs of lines with who wrote them and when, and what to know about that.

    Raises:
        DocqaError: If nobody knows.
    """
    app.library.version(version_id)  # whoever asks for one that is gone is told so
    runs = app.code.blame(version_id)
    return {
        "lines": [_run(run) for run in runs],
        "note": BOUNDARY if any(run.boundary for run in runs) else "",
    }


def _run(run: BlameLine) -> dict[str, Any]:
    when = datetime.fromtimestamp(run.at, UTC).date().isoformat()
    commit = run.commit[:SHORT_COMMIT]
    return {
        "first": run.first,
        "last": run.last,
        "who": run.author,
        "when": when,
        "title": f"{commit} {run.author}, {when}: {run.summary}",
    }
