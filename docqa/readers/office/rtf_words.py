"""The control words of rich text, and what they stand for; the specification is RTF 1.9.1."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from docqa.readers.office.building import FactsWithAsides
from docqa.readers.office.rtf_story import Story

Destination = Literal[
    "text", "label", "fonts", "styles", "title", "author", "silent", "nested", "skip"
]
"""What text of a group is for.

`silent` is left out, but groups in it may be something; `nested` defines a row in a cell.
"""

EDGES = frozenset(
    f"{edge}{which}" for edge in ("header", "footer") for which in ("", "l", "r", "f")
)
SKIPPED = frozenset(
    (
        *("colortbl", "pict", "objdata", "nonshppict", "nonesttables", "shprslt", "fldinst", "sp"),
        *("tc", "tcn", "xe", "rxe", "bkmkstart", "bkmkend", "revtbl", "filetbl", "template"),
        *("ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn"),
    )
)
OPTIONAL = frozenset(("shppict", "shpinst", "do", "annotation", "atnauthor", "nesttableprops"))
"""Destinations behind `\\*` that are read; all others are left out."""
DESTINATIONS: dict[str, Destination] = {
    **{"fonttbl": "fonts", "stylesheet": "styles", "listtext": "label", "pntext": "label"},
    **{"info": "silent", "shpinst": "silent", "do": "silent"},
    **{"shptxt": "text", "dptxbxtext": "text", "nesttableprops": "nested"},
}
HELD: dict[str, Destination] = {"title": "title", "atnauthor": "author"}
PIECES = {
    **{"tab": " ", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘"},
    **{"rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " "},
    **{"qmspace": " ", "nestcell": " | ", "zwnj": "\u200c", "zwj": "\u200d"},
}
SYMBOLS = {"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}"}
STORIES: dict[str, Callable[[Story], None]] = {
    **dict.fromkeys(("par", "sect", "page"), Story.end_paragraph),
    **{"cell": Story.end_cell, "row": Story.end_row, "pard": Story.reset},
    **{"trowd": Story.define_row, "trhdr": Story.define_header},
}


@dataclass(slots=True)
class Group:
    """What holds until the group ends."""

    destination: Destination = "text"
    codec: str = ""
    after_unicode: int = 1
    """Characters behind one in Unicode that say the same to older programs."""
    hidden: bool = False
    raised: bool = False
    deleted: bool = False
    story: str = ""
    """The kind of the story that ends with this group."""


@dataclass(slots=True)
class RtfFacts(FactsWithAsides):
    """What there is beside the text."""

    edges: list[str] = field(default_factory=list)
