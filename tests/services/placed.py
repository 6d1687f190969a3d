"""Documents of places as the readers of office files make them, put into a library."""

from dataclasses import replace

from docqa.bootstrap import App
from docqa.core.cells import CellMap, CellSpan
from docqa.core.documents import (
    PageInfo,
    PageLocator,
    ParsedDocument,
    Passage,
    PlaceLocator,
)
from docqa.core.indexing import index_fields
from docqa.store.values import NewVersion

HEADER = ("Region", "Owner", "Budget 2024", "Spent", "Remark")
REGIONS = ("North", "South", "East", "West", "Coast", "Harbour", "Islands", "Plains")


def sheet(rows: int = 60, *, sheets: tuple[str, ...] = ("Budget", "Head count")) -> ParsedDocument:
    """A workbook whose header is in every passage, as are its cells."""
    passages: list[Passage] = []
    for name in sheets:
        for first in range(2, rows + 2, 12):
            last = min(first + 11, rows + 1)
            passages.append(_rows(len(passages), name, first, last))
    pages = tuple(PageInfo(n, 0, 0, "text") for n in range(1, len(sheets) + 1))
    pages += (PageInfo(len(sheets) + 1, 0, 0, "empty", "the sheet has no cells"),)
    return ParsedDocument("sheet", tuple(passages), pages, reader="sheet/1")


def row_of(number: int) -> tuple[str, ...]:
    """The cells of a row, as the sheet shows them."""
    region = REGIONS[number % len(REGIONS)]
    budget = 40_000 + number * 731
    return (region, f"Team {number}", f"{budget:,}", f"{budget * 0.81:,.0f}", "approved")


def _rows(ordinal: int, name: str, first: int, last: int) -> Passage:
    text, spans = "", []
    for row in (1, *range(first, last + 1)):
        for column, cell in enumerate(HEADER if row == 1 else row_of(row), 1):
            text += " | " if column > 1 else "\n" if text else ""
            spans.append(CellSpan(len(text), len(text) + len(cell), row, column))
            text += cell
    begins = 1 if first == 2 else first
    return Passage(
        ordinal,
        text,
        PlaceLocator("rows", begins, last, name, "A:E"),
        "table",
        geometry=CellMap.of(spans).to_bytes(),
    )


def with_ships(parsed: ParsedDocument) -> ParsedDocument:
    """The sheet with ships in its first cell: characters that take two units in a browser."""
    ships = "🚢🚢🚢 "
    passages = []
    for passage in parsed.passages:
        first, *others = CellMap.from_bytes(passage.geometry).spans
        moved = [first._replace(end=first.end + len(ships))]
        moved += [
            each._replace(start=each.start + len(ships), end=each.end + len(ships))
            for each in others
        ]
        geometry = CellMap.of(moved).to_bytes()
        passages.append(replace(passage, text=ships + passage.text, geometry=geometry))
    return replace(parsed, passages=tuple(passages))


def slides() -> ParsedDocument:
    """Three slides; the third is a picture."""
    told = (
        ("heading", "Plan for the harbour", 1),
        ("list", "Two berths are rebuilt in 2025\nThe crane is rented, not bought", 1),
        ("heading", "Costs", 2),
        ("table", "Item | Cost\nBerths | 1.2 million\nCrane | 0.3 million", 2),
        ("paragraph", "Notes: the board decided this on 4 March.", 2),
    )
    passages = tuple(
        Passage(at, text, PlaceLocator("slide", number, number), kind)
        for at, (kind, text, number) in enumerate(told)
    )
    pages = (
        PageInfo(1, 960, 540, "text", characters=80),
        PageInfo(2, 960, 540, "text", characters=90),
        PageInfo(3, 960, 540, "image_only", "the slide has a picture and no text"),
    )
    return ParsedDocument("slides", passages, pages, reader="pptx/1")


def document(paragraphs: int = 30) -> ParsedDocument:
    """A text of headings, paragraphs, a list and a table."""
    told: list[tuple[str, str, str]] = [
        ("heading", "Travel policy", ""),
        ("paragraph", "Journeys are booked by the travel desk.", "Travel policy"),
        ("heading", "Costs", "Travel policy"),
        ("paragraph", "Hotels are paid up to 140 euros a night.", "Travel policy > Costs"),
        ("list", "trains in second class\ntaxis after 22:00", "Travel policy > Costs"),
        (
            "table",
            "Country | Hotel | Meals\nFrance | 160 | 45\nNorway | 190 | 60",
            "Travel policy > Costs",
        ),
        ("heading", "Approval", "Travel policy"),
    ]
    for number in range(paragraphs):
        text = f"Rule {number + 1}: whoever leads the team approves a journey in time. " * 4
        told.append(("paragraph", text.strip(), "Travel policy > Approval"))
    passages = tuple(
        Passage(at, text, PlaceLocator("paragraph", at + 1, at + 1), kind, heading)
        for at, (kind, text, heading) in enumerate(told)
    )
    return ParsedDocument("document", passages, reader="docx/1", language="en")


def notebook() -> ParsedDocument:
    """Cells of text and of code."""
    told = (
        ("heading", "Cleaning", 1),
        ("paragraph", "Rows without a date are dropped.", 1),
        ("code", "frame = frame.dropna(subset=['date'])\nprint(len(frame))", 2),
        ("paragraph", "1284", 2),
    )
    passages = tuple(
        Passage(at, text, PlaceLocator("cell", number, number), kind)
        for at, (kind, text, number) in enumerate(told)
    )
    return ParsedDocument("notebook", passages, reader="ipynb/1")


def mail() -> ParsedDocument:
    """A message with a scanned attachment, of whose words the OCR was not sure."""
    letter = PlaceLocator("paragraph", 1, 1)
    scan = PlaceLocator("page", 2, 2, "offer.pdf")
    passages = (
        Passage(0, "From: Ada <ada@example.org>\nTo: Bo\nSubject: The offer <b>now</b>", letter),
        Passage(1, "The offer is attached.", PlaceLocator("paragraph", 2, 2)),
        Passage(2, "The crane costs 300,000 euros in all.", scan, confidence=0.62),
    )
    return ParsedDocument("mail", passages, reader="eml/1")


def scan() -> ParsedDocument:
    """Pages of a PDF: text, OCR of different quality, a picture, and nothing."""
    passages = (
        Passage(0, "A page of plain text about the harbour.", PageLocator(1, 1)),
        Passage(1, "A scanned page about the crane.", PageLocator(2, 2), confidence=0.91),
        Passage(2, "A faint page about the berths.", PageLocator(3, 3), confidence=0.62),
    )
    pages = (
        PageInfo(1, 612, 792, "text", characters=40),
        PageInfo(2, 612, 792, "ocr", characters=31, confidence=0.91),
        PageInfo(3, 612, 792, "ocr", characters=30, confidence=0.62),
        PageInfo(4, 612, 792, "image_only", "a scanned page without text"),
        PageInfo(5, 612, 792, "empty"),
    )
    return ParsedDocument("pdf", passages, pages, reader="pdf/9")


ALL = {
    "budget.xlsx": sheet,
    "harbour.pptx": slides,
    "travel.docx": document,
    "cleaning.ipynb": notebook,
    "offer.eml": mail,
}


def add(
    app: App, name: str, parsed: ParsedDocument, *, workspace_id: int | None = None
) -> tuple[int, int]:
    """Put a parsed document into the library; ids of the document and of its version."""
    where = workspace_id or app.workspaces.get_or_create("default").id
    store = app.store.documents
    source = store.find_source(where, "folder", "/office")
    source_id = source.id if source else store.add_source(where, "folder", "office", "/office")
    document_id = store.add_document(where, source_id, name, name)
    digest = f"{abs(hash((name, parsed))):064x}"[-64:]
    rows = [index_fields(name, passage, parsed.kind) for passage in parsed.passages]
    version_id = store.stage_version(NewVersion(document_id, digest, 1_000, "", parsed, rows))
    app.library.publish(where, [version_id])
    return document_id, version_id


def add_all(app: App) -> dict[str, int]:
    """One document of each kind; their versions by name."""
    return {name: add(app, name, make())[1] for name, make in ALL.items()}
