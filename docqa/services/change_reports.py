"""What changed, and what is there twice, as the JSON of the command line."""

from typing import Any

from docqa.core.citations import place_label
from docqa.core.version_changes import Change, ChangeKind, Place, VersionChanges
from docqa.services.duplicates import DuplicateGroup
from docqa.store.values import VersionInfo

Json = dict[str, Any]
KINDS: tuple[ChangeKind, ...] = ("changed", "added", "removed", "moved")


def changes_json(
    document: str, before: VersionInfo, after: VersionInfo, found: VersionChanges
) -> Json:
    """Two versions of a document and how they differ."""
    return {
        "document": document,
        "from": _version_json(before),
        "to": _version_json(after),
        **{kind: found.counts.get(kind, 0) for kind in KINDS},
        "same": found.same,
        "changes": [_change_json(change) for change in found.changes],
    }


def _version_json(version: VersionInfo) -> Json:
    return {
        "version": version.number,
        "read_at": version.created_at,
        "revision": version.revision,
        "pages": version.pages,
        "tokens": version.tokens,
    }


def _change_json(change: Change) -> Json:
    return {
        "kind": change.kind,
        "before": _place_json(change.before),
        "after": _place_json(change.after),
        "words": [[piece.kind, piece.text] for piece in change.pieces],
    }


def _place_json(place: Place | None) -> Json | None:
    if place is None:
        return None
    return {
        "text": place.text,
        "heading": place.heading,
        "page": place.page,
        "lines": list(place.lines) if place.lines else None,
        "place": place.place or None,
    }


def where(place: Place) -> str:
    """`p. 3`, `L10-L12`, `slide 3`."""
    return place_label(place.page, place.lines, place.place)


def group_json(group: DuplicateGroup) -> Json:
    """Documents that say the same, or nearly: the one that is kept and the others."""
    return {
        "kept": group.kept.path or group.kept.name,
        "kept_id": group.kept.id,
        "tokens": group.tokens,
        "others": [
            {
                "id": member.document.id,
                "document": member.document.path or member.document.name,
                "similarity": round(member.similarity, 3),
                "same_file": member.same_file,
                "tokens": member.document.tokens,
            }
            for member in group.others
        ],
    }
