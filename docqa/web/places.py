"""What the viewer of files without pages or lines fetches: passages, and a list of places.

Texts travel as they are, with offsets of their cells; the browser makes text nodes of them.
"""

from dataclasses import replace
from typing import Any

from docqa.bootstrap import App
from docqa.core.cells import CellMap
from docqa.core.citations import ocr_note
from docqa.core.documents import Passage, PlaceLocator
from docqa.store.places import Heading, PartOf

MOST = 100
"""Passages in an answer."""
TITLE_CHARACTERS = 120

Json = dict[str, Any]


def places(app: App, version_id: int, start: int, count: int) -> Json:
    """At most `count` passages from the 0-based position `start`, and what stands before them.

    Raises:
        UnknownItemError: If there is no such version.
    """
    total = app.library.version(version_id).passages
    start = max(0, min(start, total))
    end = min(total, start + max(1, min(count, MOST)))
    found = app.store.documents.passages_by_ordinal(version_id, range(max(0, start - 1), end))
    shown = [found[number] for number in range(start, end) if number in found]
    return {
        "start": start,
        "total": total,
        "before": _block(found[start - 1]) if start - 1 in found else None,
        "blocks": [_block(passage) for passage in shown],
    }


def _block(passage: Passage) -> Json:
    at = passage.locator
    here = at if isinstance(at, PlaceLocator) else None
    block: Json = {
        "n": passage.ordinal,
        "kind": passage.kind,
        "text": passage.text,
        "unit": here.unit if here else "",
        "part": here.part if here else "",
        "first": here.first if here else 0,
        "last": here.last if here else 0,
        "label": str(replace(here, part="")) if here else str(at),
        "level": min(depth_of(passage.heading) + 1, 4) if passage.kind == "heading" else 0,
    }
    if here and here.unit == "rows" and passage.geometry:
        block["cells"] = [list(span) for span in CellMap.from_bytes(passage.geometry).spans]
    if note := ocr_note(passage.confidence):
        block["note"] = note
    return block


def outline(app: App, version_id: int) -> Json:
    """Sheets, slides, chapters, attachments and headings: [position from 0, label, level].

    Raises:
        UnknownItemError: If there is no such version.
    """
    kind = app.library.version(version_id).kind
    store = app.store.places
    parts = store.parts(version_id)
    named = parts if any(part.name for part in parts) else ()
    with_slides = {part.name for part in parts if part.unit == "slide"}
    unnamed = "Message" if kind == "mail" else "Beginning"
    entries = [(part.ordinal, 0, _part_label(part) or unnamed) for part in named]
    if with_slides:
        for slide in store.slides(version_id):
            label = f"{slide.number} · {_title(slide)}".removesuffix(" · ")
            entries.append((slide.ordinal, int(bool(named)), label))
    for head in store.headings(version_id):
        if head.part not in with_slides:
            entries.append((head.ordinal, bool(named) + depth_of(head.above), _title(head)))
    entries.sort(key=lambda entry: entry[:2])
    return {"places": [[at, label, level] for at, level, label in entries]}


def depth_of(heading: str) -> int:
    """How many headings a path of headings has."""
    return heading.count(" > ") + 1 if heading else 0


def _part_label(part: PartOf) -> str:
    if part.unit != "rows":
        return part.name
    return f"{part.name} · {part.last:,} rows"


def _title(head: Heading) -> str:
    return " ".join(head.text.split())[:TITLE_CHARACTERS]
