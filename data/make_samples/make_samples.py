"""Make the sample PDFs again: `make samples`.

The texts are in `source/`, the PDFs go to `data/samples/`. The same PyMuPDF makes the same bytes
every time: the date is fixed and there is no random id.
"""

# ruff: noqa: RUF005 - adding a tuple to a point or a rectangle of PyMuPDF moves it
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pymupdf

SOURCE = Path(__file__).parent / "source"
SAMPLES = Path(__file__).parents[1] / "samples"
PAGE = pymupdf.paper_rect("a4")
MARGIN = 62
GREY = (0.35, 0.35, 0.35)
RULE = (0.7, 0.7, 0.7)

CSS = """
body { margin: 0; font-family: serif; font-size: 11.5px; line-height: 1.42; color: #1a1a1a; }
h1, h2, h3, th, td, p.subtitle { font-family: sans-serif; }
h1 { font-size: 22px; margin: 0 0 2px 0; color: #14324f; }
h2 { font-size: 14px; margin: 18px 0 6px 0; color: #14324f; }
h3 { font-size: 12px; margin: 10px 0 4px 0; color: #14324f; }
p { margin: 0 0 7px 0; text-align: justify; }
p.subtitle { font-size: 10.5px; color: #555555; margin: 0 0 14px 0; text-align: left; }
li { margin: 0 0 3px 0; }
table { margin: 6px 0 10px 0; border-collapse: collapse; width: 100%; }
th, td { font-size: 10px; text-align: left; padding: 5px 6px; border: 0.5px solid #9fb0c0; }
th { color: #14324f; }
div.break { page-break-before: always; }
"""

Rects = Callable[[int], list[pymupdf.Rect]]
"""The columns of a page, by its 0-based number."""


@dataclass(frozen=True)
class Running:
    """What stands at the top and the bottom of every page."""

    header_left: str
    header_right: str
    footer: str


def one_column(_page: int) -> list[pymupdf.Rect]:
    """The text area of a page."""
    return [PAGE + (MARGIN, 78, -MARGIN, -74)]


def two_columns(page: int) -> list[pymupdf.Rect]:
    """Two columns; on the first page they begin under the title."""
    area = one_column(page)[0]
    top = area.y0 + (250 if page == 0 else 0)
    middle = (area.x0 + area.x1) / 2
    return [
        pymupdf.Rect(area.x0, top, middle - 10, area.y1),
        pymupdf.Rect(middle + 10, top, area.x1, area.y1),
    ]


def typeset(name: str, rects: Rects, css: str = CSS) -> pymupdf.Document:
    """The pages of `source/NAME.html`, filled column by column."""
    story = pymupdf.Story((SOURCE / f"{name}.html").read_text("utf-8"), user_css=css)

    def place(number: int, _filled: pymupdf.Rect) -> tuple[pymupdf.Rect, pymupdf.Rect, None]:
        columns = len(rects(0))
        page, column = divmod(number, columns)
        return (PAGE if column == 0 else pymupdf.Rect()), rects(page)[column], None

    return story.write_with_links(place)


def add_running(document: pymupdf.Document, running: Running, *, pages_after: int = 0) -> None:
    """Write the header, the footer and the page number on every page."""
    count = document.page_count + pages_after
    for page in document:
        width, height = page.rect.width, page.rect.height
        write(page, (MARGIN, 50), running.header_left)
        write_right(page, width - MARGIN, 50, running.header_right)
        page.draw_line((MARGIN, 57), (width - MARGIN, 57), color=RULE, width=0.5)
        page.draw_line((MARGIN, height - 58), (width - MARGIN, height - 58), color=RULE, width=0.5)
        write(page, (MARGIN, height - 45), running.footer)
        number = f"Page {page.number + 1} of {count}"
        write_right(page, width - MARGIN, height - 45, number)


def write(page: pymupdf.Page, at: tuple[float, float], text: str, size: float = 8) -> None:
    """Write a grey line of text."""
    page.insert_text(at, text, fontname="helv", fontsize=size, color=GREY)


def write_right(page: pymupdf.Page, right: float, y: float, text: str, size: float = 8) -> None:
    """Write a grey line of text that ends at `right`."""
    width = pymupdf.get_text_length(text, fontname="helv", fontsize=size)
    write(page, (right - width, y), text, size)


def scanned(name: str) -> bytes:
    """A typeset page as a scanner sees it: a slightly crooked, speckled grey picture (JPEG)."""
    sheet = typeset(name, one_column, CSS)
    matrix = pymupdf.Matrix(1.6, 1.6).prerotate(0.7)
    picture = sheet[0].get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY, alpha=False)
    speckle = random.Random(7)
    for _ in range(900):
        spot = (speckle.randrange(picture.width), speckle.randrange(picture.height))
        picture.set_pixel(*spot, (speckle.randrange(80, 200),))
    return bytes(picture.tobytes("jpeg", jpg_quality=45))


def draw_monitor(page: pymupdf.Page, area: pymupdf.Rect) -> None:
    """Figure 1 of the manual: the front of the device."""
    body = pymupdf.Rect(area.x0 + 20, area.y0, area.x0 + 200, area.y0 + 118)
    page.draw_rect(body, color=(0.1, 0.1, 0.1), fill=(0.93, 0.94, 0.95), width=1.2, radius=0.08)
    screen = body + (16, 16, -16, -42)
    page.draw_rect(screen, color=(0.2, 0.2, 0.2), fill=(0.82, 0.88, 0.82), width=0.8)
    page.insert_text(screen.tl + (14, 36), "4.6 °C", fontname="hebo", fontsize=26)
    page.insert_text(screen.tl + (14, 52), "48 % RH", fontname="helv", fontsize=10)
    for number in range(3):
        centre = (body.x0 + 40 + 44 * number, body.y1 - 20)
        page.draw_circle(centre, 9, color=(0.2, 0.2, 0.2), fill=(1, 1, 1), width=0.8)
    page.draw_circle((body.x1 - 22, body.y1 - 20), 5, color=None, fill=(0.15, 0.6, 0.25))
    legend = ["1  Display", "2  Keys: Menu, Acknowledge, Mute", "3  Status light"]
    anchors = [
        (screen.x1, screen.y0 + 20),
        (body.x0 + 128, body.y1 - 27),
        (body.x1 - 17, body.y1 - 20),
    ]
    for number, (text, anchor) in enumerate(zip(legend, anchors, strict=True)):
        label = pymupdf.Point(body.x1 + 45, body.y0 + 30 + 36 * number)
        page.draw_line(anchor, label + (-4, -3), color=GREY, width=0.6)
        page.insert_text(label, text, fontname="helv", fontsize=9)
    caption = "Figure 1: Front of the FX-9"
    page.insert_text((body.x0, body.y1 + 16), caption, fontname="heit", fontsize=9)


def data_processing_agreement() -> pymupdf.Document:
    """The agreement; its last page is a scan."""
    document = typeset("data-processing-agreement", one_column)
    parties = "Tessary Freight Ltd / Norvane Systems B.V."
    # Before the scan is added: that page stays a picture and nothing else.
    add_running(
        document, Running("Data Processing Agreement", "NV-DPA-2025-0417", parties), pages_after=1
    )
    page = document.new_page(width=PAGE.width, height=PAGE.height)
    page.insert_image(page.rect, stream=scanned("signature-page"), keep_proportion=False)
    return document


def information_security_policy() -> pymupdf.Document:
    """The policy."""
    document = typeset("information-security-policy", one_column)
    add_running(
        document, Running("Norvane Systems B.V.", "ISP-01 Information Security Policy", "Internal")
    )
    return document


def product_manual() -> pymupdf.Document:
    """The manual: two columns, then tables over the whole width."""
    document = typeset(
        "product-manual",
        two_columns,
        CSS + "body { font-size: 11px; line-height: 1.35; } p { text-align: left; }",
    )
    document.insert_pdf(typeset("product-manual-tables", one_column))
    first = document[0]
    area = one_column(0)[0]
    first.insert_text(area.tl + (0, 28), "FX-9 Cold Chain Monitor", fontname="hebo", fontsize=25)
    first.insert_text(
        area.tl + (0, 50),
        "Operating manual, firmware 2.4, issue March 2026",
        fontsize=11,
        color=GREY,
    )
    draw_monitor(first, area + (0, 78, 0, 0))
    add_running(
        document, Running("Quellmark Instruments", "FX-9 Operating manual", "QM-DOC-0907-EN")
    )
    return document


def save(document: pymupdf.Document, name: str, title: str) -> Path:
    """Write the document with a fixed date and without a random id."""
    date = "D:20260315120000Z"
    document.set_metadata({"title": title, "creationDate": date, "modDate": date})
    path = SAMPLES / name
    document.save(path, garbage=4, deflate=True, clean=True, no_new_id=True)
    return path


def main() -> None:
    """Make all three."""
    save(data_processing_agreement(), "data-processing-agreement.pdf", "Data Processing Agreement")
    save(
        information_security_policy(),
        "information-security-policy.pdf",
        "Information Security Policy",
    )
    save(product_manual(), "fx9-operating-manual.pdf", "FX-9 Cold Chain Monitor: operating manual")


if __name__ == "__main__":
    main()
