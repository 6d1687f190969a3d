"""PowerPoint presentations (.pptx), by python-pptx; nothing in them is run or fetched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from lxml import etree
from pptx import Presentation
from pptx.exc import PythonPptxError

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, DocumentBombError, EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office.zipped import ZippedFile, opened, refuse_dense
from docqa.readers.slides.slide import MOST_CHARACTERS, MOST_SLIDES, Slide, presentation_of

MOST_XML_BYTES = 60_000_000
"""Of a part; its tree needs ten times that, and more."""
MOST_XML_BYTES_IN_ALL = 100_000_000
"""Of all parts that are XML: their trees are held at once."""
SMALL_XML_BYTES = 10_000_000
"""Of all parts that are XML; what is more must not have been packed to next to nothing."""
MOST_BYTES = 1_000_000_000
"""Of all parts together: they are held while the presentation is read."""
MOST_NESTED = 30
"""Groups in groups."""
MOST_SHAPES = 100_000
"""Of a slide."""
_EMU_PER_POINT = 12_700
_ERRORS = (
    *(PythonPptxError, etree.LxmlError, BadZipFile, OSError),
    *(KeyError, ValueError, AttributeError, IndexError, TypeError, NotImplementedError),
)
"""What the library raises for files that are not as the standard says."""
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"


class PptxReader:
    """Reads the slides in their order: title, texts, tables, diagrams, values of charts, notes."""

    name = "pptx/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it is a zip file."""
        return head.startswith(b"PK\x03\x04")

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a `PageInfo` for each slide; a slide that cannot be read says why.

        Raises:
            EmptyFileError: If it has no slides.
            BrokenFileError: If it cannot be opened.
            DocumentBombError: If it was made to unpack to more than anyone wrote.
        """
        with opened(path, name) as parts:
            _refuse_large(parts, name)
        try:
            presentation = Presentation(str(path))
            ids = list(presentation.slides._sldIdLst)[:MOST_SLIDES]
        except _ERRORS as error:
            raise BrokenFileError(name, f"it is no presentation ({_said(error)})") from error
        if not ids:
            raise EmptyFileError(name, "there are no slides in it")
        slides, characters = [], 0
        for number in range(1, len(ids) + 1):
            slide = Slide(number)
            if characters <= MOST_CHARACTERS:
                _fill(slide, presentation, number - 1)
            else:
                slide.damage = "there is more text in the presentation than docqa reads of one"
            characters += slide.characters
            slides.append(slide)
            progress(number, len(ids))
        width, height = presentation.slide_width or 0, presentation.slide_height or 0
        return presentation_of(
            slides,
            name,
            options,
            reader=self.name,
            title=_title(presentation),
            size=(width / _EMU_PER_POINT, height / _EMU_PER_POINT),
        )


def _refuse_large(parts: ZippedFile, name: str) -> None:
    total = 0
    trees = {part for part in parts.names if part.endswith((".xml", ".rels"))}
    for part in parts.names:
        size = parts.size(part)
        total += size
        if total > MOST_BYTES or (size > MOST_XML_BYTES and part in trees):
            raise DocumentBombError(
                name, f"its part {part[:100]!r} unpacks to {size / 1e6:,.0f} MB"
            )
    xml = sum(map(parts.size, trees))
    if xml > MOST_XML_BYTES_IN_ALL:
        raise DocumentBombError(name, f"its XML parts unpack to {xml / 1e6:,.0f} MB together")
    refuse_dense(name, xml, sum(map(parts.packed_size, trees)), SMALL_XML_BYTES)


def _fill(slide: Slide, presentation: Any, index: int) -> None:  # noqa: ANN401
    try:
        source = presentation.slides[index]
        slide.hidden = source._element.get("show") == "0"
        title = source.shapes.title
        if title is not None:
            slide.title = title.text_frame.text
    except _ERRORS as error:
        slide.damage = f"it cannot be read ({_said(error)})"
        return
    for shape in _shapes(source.shapes, slide):
        if title is not None and shape._element is title._element:
            continue
        try:
            _add(slide, shape, source)
        except _ERRORS as error:
            slide.damage = f"a shape on it cannot be read ({_said(error)})"
    try:
        if source.has_notes_slide:
            frame = source.notes_slide.notes_text_frame
            slide.notes += [frame.text] if frame is not None else []
    except _ERRORS as error:
        slide.damage = f"its notes cannot be read ({_said(error)})"


def _shapes(shapes: Any, slide: Slide, depth: int = 0) -> Iterator[Any]:  # noqa: ANN401
    """The shapes in the order in which they lie, those in groups among them."""
    try:
        for count, shape in enumerate(shapes):
            if count >= MOST_SHAPES or depth > MOST_NESTED:
                slide.damage = "it has more shapes than docqa reads"
                return
            if hasattr(shape, "shapes"):
                yield from _shapes(shape.shapes, slide, depth + 1)
            else:
                yield shape
    except _ERRORS as error:
        slide.damage = f"a shape on it cannot be read ({_said(error)})"


def _add(slide: Slide, shape: Any, source: Any) -> None:  # noqa: ANN401
    if getattr(shape, "has_table", False):
        slide.add_rows([[cell.text for cell in row.cells] for row in shape.table.rows])
    elif getattr(shape, "has_chart", False):
        _add_chart(slide, shape.chart)
    elif shape.has_text_frame:
        _add_text(slide, shape.text_frame)
        slide.pictures += "blipFill" in shape._element.xml and not shape.text_frame.text.strip()
    elif "graphicFrame" in shape._element.tag:
        texts = list(_diagram(shape, source))
        for text in texts:
            slide.add(text, "list")
        slide.objects += not texts
    elif shape._element.tag.endswith("}pic"):
        slide.pictures += 1


def _add_text(slide: Slide, frame: Any) -> None:  # noqa: ANN401
    """Paragraphs; those of a lower level, and several short ones, are items of a list."""
    paragraphs = [(each.text, each.level) for each in frame.paragraphs if each.text.strip()]
    is_list = len(paragraphs) > 1
    for text, level in paragraphs:
        slide.add(text, "list" if is_list or level else "paragraph")


def _add_chart(slide: Slide, chart: Any) -> None:  # noqa: ANN401
    """The values of a chart as a table: a row for each category."""
    if chart.has_title and chart.chart_title.has_text_frame:
        slide.add(chart.chart_title.text_frame.text)
    plot = chart.plots[0]
    categories = [str(category) for category in plot.categories]
    series = [(each.name or "", list(each.values)) for each in plot.series]
    rows = [["", *(name for name, _ in series)]]
    for number, category in enumerate(categories[:MOST_SHAPES]):
        values = [each[number] if number < len(each) else None for _, each in series]
        rows.append([category, *("" if value is None else f"{value:g}" for value in values)])
    slide.add_rows(rows)


def _diagram(shape: Any, source: Any) -> Iterator[str]:  # noqa: ANN401
    """The texts of a SmartArt diagram, which stand in a part of their own."""
    for key, value in (
        (key, value)
        for element in shape._element.iter("{*}relIds")
        for key, value in element.attrib.items()
    ):
        if not key.endswith("}dm") or value not in source.part.rels:
            continue
        blob = source.part.rels[value].target_part.blob
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        for paragraph in etree.fromstring(blob, parser).iter(_PARAGRAPH):
            text = "".join(each.text or "" for each in paragraph.iter(_TEXT))
            if text.strip():
                yield text


def _title(presentation: Any) -> str:  # noqa: ANN401
    try:
        title = str(presentation.core_properties.title or "")
    except _ERRORS:
        return ""
    return "" if title.strip().lower() in ("powerpoint presentation", "untitled") else title


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:150] or type(error).__name__
