"""HTML onto the pages of a PDF, block after block. MuPDF: for worker processes only.

MuPDF lays out a small HTML with CSS, shapes Arabic and Indic scripts, and has fonts for what the
page's font lacks. A block stays on one page where that leaves less than half a page empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.core.formulas import clean
from docqa.readers.mupdf import pymupdf

A4 = pymupdf.paper_rect("a4")
MARGIN = 50
"""Points, on all sides; below are 14 more for the foot."""
WIDTH = A4.width - 2 * MARGIN
_BOX = pymupdf.Rect(MARGIN, MARGIN + 8, A4.x1 - MARGIN, A4.y1 - MARGIN - 14)
_FOOT = pymupdf.Rect(MARGIN, A4.y1 - MARGIN + 4, A4.x1 - MARGIN - 80, A4.y1 - 16)
_GAP = 4
_LOW = 120
"""Points that may be too few for a table's head and two rows."""
_MUCH = 0.45 * _BOX.height
"""Points that are too many to be left empty: a block that begins here goes on on the next page."""
_LEAST = 30
"""Points that have to be left for a block to begin on a page."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a heading stands; pages count from 1."""

    level: int
    title: str
    page: int


class Flow:
    """Writes blocks of HTML to a PDF file, from top to bottom, from page to page."""

    def __init__(self, path: Path, css: str, foot: str) -> None:
        """Begin; `foot` is HTML for the bottom of every page."""
        self.marks: list[Mark] = []
        self.pages = 0
        self._css = css
        self._foot = pymupdf.Story(html=foot, user_css=css)
        self._writer = pymupdf.DocumentWriter(str(path), "compress,compress-images,compress-fonts")
        self._device = None
        self._top = _BOX.y0
        self._row_height = 14.0
        """Points, as the last rows of a table had; a guess to begin with."""
        self._pending = ""
        self._pending_marks: list[tuple[int, str]] = []

    def heading(self, level: int, title: str, html: str) -> None:
        """A heading, which stays with the block that follows."""
        self._pending += html
        self._pending_marks.append((level, title))

    def add(self, html: str, images: Mapping[str, bytes] | None = None) -> None:
        """A block; `images` are the pictures that it names, by name."""
        archive = pymupdf.Archive()
        for name, content in (images or {}).items():
            archive.add(content, name)
        story = pymupdf.Story(html=self._pending + html, user_css=self._css, archive=archive)
        self._pending = ""
        more, filled = self._begin(story)
        self._settle_marks()
        story.draw(self._device)
        while more:
            self.break_page()
            more, filled = story.place(self._room())
            story.draw(self._device)
        self._top = pymupdf.Rect(filled).y1 + _GAP

    def table(self, head: str, rows: Sequence[str]) -> None:
        """A table of `<tr>` rows; on every page that it runs over, `head` stands above them."""
        left = list(rows)
        while left:
            space = _BOX.y1 - self._top
            low = self.pages and space < _LOW and self._top > _BOX.y0
            if low and not self._fits(_table(head, left[:2])):
                self.break_page()
                space = _BOX.y1 - self._top
            take = min(len(left), max(2, int(space / self._row_height)))
            while take > 2 and not self._fits(_table(head, left[:take])):
                take -= max(1, take // 8)
            before = self._top
            self.add(_table(head, left[:take]))
            if self._top > before:
                self._row_height = max(8.0, (self._top - before) / (take + 1))
            del left[:take]

    def _fits(self, html: str) -> bool:
        """Whether this and what is pending fit on the rest of the page."""
        story = pymupdf.Story(html=self._pending + html, user_css=self._css)
        more, _ = story.place(self._room())
        return not more

    def break_page(self) -> None:
        """What follows stands on a new page."""
        if self._device is not None:
            self._writer.end_page()
        self._device = self._writer.begin_page(A4)
        self.pages += 1
        self._top = _BOX.y0
        self._foot.reset()
        self._foot.place(_FOOT)
        self._foot.draw(self._device)

    def close(self) -> None:
        """Write what is left and close the file."""
        if self._pending:
            self.add("")
        if self._device is None:
            self.break_page()
        self._writer.end_page()
        self._writer.close()

    def _begin(self, story: "pymupdf.Story") -> "tuple[int, pymupdf.Rect]":
        """Lay it out: here if it fits, or much would be left empty, else on a new page."""
        if self._device is None:
            self.break_page()
        fresh = self._top == _BOX.y0
        if fresh or _BOX.y1 - self._top >= _LEAST:
            more, filled = story.place(self._room())
            if fresh or not more:
                return more, filled
            if _BOX.y1 - self._top > _MUCH:
                return more, filled
            story.reset()
            too_long, _ = story.place(_BOX)
            story.reset()
            if too_long:
                return self._placed(story)
        self.break_page()
        return self._placed(story)

    def _placed(self, story: "pymupdf.Story") -> "tuple[int, pymupdf.Rect]":
        more, filled = story.place(self._room())
        return more, filled

    def _room(self) -> "pymupdf.Rect":
        return pymupdf.Rect(_BOX.x0, self._top, _BOX.x1, _BOX.y1)

    def _settle_marks(self) -> None:
        marks = (Mark(level, title, self.pages) for level, title in self._pending_marks)
        self.marks.extend(marks)
        self._pending_marks.clear()


def finish(draft: Path, path: Path, marks: list[Mark], metadata: Mapping[str, str]) -> int:
    """Number the pages, add the outline, and write a small file; returns how many pages."""
    with pymupdf.open(draft) as document:
        count = int(document.page_count)
        for number, page in enumerate(document, 1):
            text = f"Page {number:,} of {count:,}"
            left = A4.x1 - MARGIN - pymupdf.get_text_length(text, "helv", 7)
            page.insert_text((left, A4.y1 - MARGIN + 13), text, fontsize=7, color=(0.4,) * 3)
        document.set_toc(_nested(marks), collapse=2)
        document.set_metadata(dict(metadata))
        document.subset_fonts()
        document.save(path, garbage=3, deflate=True, use_objstms=1)
    return count


def _table(head: str, rows: Sequence[str]) -> str:
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _nested(marks: list[Mark]) -> list[list[object]]:
    """The outline as MuPDF takes it: no level is left out."""
    outline: list[list[object]] = []
    level = 0
    for mark in marks:
        level = min(mark.level, level + 1)
        outline.append([level, " ".join(clean(mark.title).split())[:120] or "…", mark.page])
    return outline
