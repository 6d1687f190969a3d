"""What a source holds or what an update would bring, told before anything is added."""

from collections import Counter
from pathlib import Path
from typing import Any

from docqa.readers.git import Commit
from docqa.readers.ocr.setup import OcrSetup
from docqa.services.input_listing import is_being_read
from docqa.services.jobs import JobContext
from docqa.services.looking import (
    Looked,
    changes_by_commit,
    changes_by_content,
    changes_by_hash,
    look_at,
)
from docqa.services.repositories import Repositories
from docqa.services.source_changes import SourceChanges, about_tokens, options_from
from docqa.store.store import Store
from docqa.store.values import NewJobItem, Source, SourceOptions

LARGEST = 5
MOST_LEFT_OUT = 2_000


def look(repositories: Repositories, context: JobContext, item: NewJobItem) -> dict[str, Any]:
    """What is in a folder, archive, file or repository that is to be added.

    Raises:
        ReadError: If it cannot be read.
    """
    options = options_from(item.payload.get("options", {}), SourceOptions())
    place = item.payload["place"]
    if "git" in place:
        looked = repositories.look(context, place["git"], options)
    else:
        looked = look_at(Path(place["path"]), name=item.name)
    largest = sorted(looked.files, key=lambda file: (-file.size, file.path))[:LARGEST]
    return {
        "name": looked.name,
        "uri": looked.uri,
        "kind": looked.kind,
        "revision": looked.revision,
        "ref": looked.ref,
        "committed_at": looked.committed_at,
        "files": len(looked.files),
        "bytes": looked.size,
        "tokens": about_tokens(looked.files),
        "left_out": dict(Counter(each.category for each in looked.left_out)),
        "left_out_files": [
            [each.path, each.reason, each.category, each.size]
            for each in looked.left_out[:MOST_LEFT_OUT]
        ],
        "largest": [[file.path, file.size] for file in largest],
    }


def look_for_update(
    store: Store, repositories: Repositories, context: JobContext, source: Source, ocr: OcrSetup
) -> dict[str, Any]:
    """What reading a source again would bring.

    Raises:
        ReadError: If it cannot be read.
    """
    known = store.source_files.files(source.id)
    if source.kind == "git":
        looked = repositories.look(context, source.uri, source.options)
        differing = None
        if source.revision and not is_being_read(store, source.id):
            differing = repositories.changed(looked, source.revision)
        changes = changes_by_commit(looked, known, source.options, differing, ocr=ocr)
        if differing is None:  # the repository was fetched anew: what may have changed is looked at
            may_be = [file for file in changes.to_read if file.path in known]
            hashes = repositories.hashes(looked, may_be)
            changes = changes_by_hash(looked, known, source.options, hashes, ocr=ocr)
    else:
        path = Path(source.uri)
        looked = look_at(path, name=source.name, put_back=source.options.put_back)
        changes = changes_by_content(looked, known, source.options, ocr=ocr)
    return _told(source, looked, changes, repositories)


def _told(
    source: Source, looked: Looked, changes: SourceChanges, repositories: Repositories
) -> dict[str, Any]:
    commits: tuple[Commit, ...] = ()
    if looked.repository is not None and source.revision not in ("", looked.revision):
        commits = repositories.commits(looked, source.revision)
    return {
        "source_id": source.id,
        "name": source.name,
        "revision": looked.revision,
        "committed_at": looked.committed_at,
        **changes.counts(),
        "paths": changes.paths(),
        "tokens": about_tokens(changes.to_read),
        "left_out": dict(Counter(each.category for each in looked.left_out)),
        "commits": [
            {
                "id": commit.id,
                "author": commit.author,
                "at": commit.at,
                "subject": commit.subject,
            }
            for commit in commits
        ],
    }
