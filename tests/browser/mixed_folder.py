"""A folder as people have it: scans, sheets, slides, mail and web pages side by side."""

import io
import json
import random
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
import pymupdf
from PIL import Image

SCANNED = "The lighthouse keeper stored forty barrels of whale oil in the northern cellar."
SHEET = "Umbrella contingency"
SHEET_AMOUNT = 48_215
SLIDE = "The Rotterdam pilot begins on 3 March with twelve lorries."
ATTACHED = "The storage fee is waived for pallets that leave within nine days."
PAGE = "Visitors sign the register at the eastern gate before the tour."


def make(folder: Path) -> None:
    """Write the files: what is said in one of them is said in no other."""
    folder.mkdir(parents=True)
    (folder / "scan.pdf").write_bytes(scanned_pdf())
    (folder / "budget.xlsx").write_bytes(workbook())
    (folder / "kick-off.pptx").write_bytes(slides())
    (folder / "offer.eml").write_bytes(mail())
    (folder / "visitors.html").write_text(
        f"<html><head><title>Visitors</title><script>steal()</script></head>"
        f"<body><h1>Visitors</h1><p>{PAGE}</p></body></html>"
    )
    (folder / "letter.docx").write_bytes(letter())
    (folder / "stock.csv").write_text("Part,Count\nHinge,120\nBolt,7400\n")
    (folder / "notes.ipynb").write_text(notebook())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that could be read\n")


def scanned_pdf() -> bytes:
    """A page of text, and the picture of one, a little turned and noisy."""
    with pymupdf.open() as drawn:
        page = drawn.new_page()
        page.insert_textbox((72, 90, 523, 400), f"{SCANNED} " * 3, fontsize=15)
        pixels = page.get_pixmap(dpi=150)
        picture = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    turned = picture.rotate(0.4, fillcolor="white", resample=Image.Resampling.BICUBIC)
    chance = random.Random(1)
    for _ in range(400):
        at = chance.randrange(turned.width), chance.randrange(turned.height)
        turned.putpixel(at, (90, 90, 90))
    data = io.BytesIO()
    turned.save(data, "JPEG", quality=80)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 90), "Inventory of the lighthouse, 1871.", fontsize=12)
        page = document.new_page()
        page.insert_image(page.rect, stream=data.getvalue())
        return document.tobytes()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Budget 2026"
    sheet.append(["Line", "Amount", "Owner"])
    for number in range(2, 31):
        sheet.append([f"Item {number}", 1_000 + number, "Planning"])
    sheet.append([SHEET, SHEET_AMOUNT, "Treasury"])
    book.create_sheet("Empty")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def slides() -> bytes:
    show = pptx.Presentation()
    for title, text in (("Plan", "Three depots."), ("Pilot", SLIDE)):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    data = io.BytesIO()
    show.save(data)
    return data.getvalue()


def letter() -> bytes:
    document = docx.Document()
    document.add_heading("Storage", 1)
    document.add_paragraph("The warehouse is heated from October to April.")
    document.add_paragraph(ATTACHED)
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "ada@example.org", "grace@example.org"
    message["Subject"] = "Offer for the crane"
    message.set_content("Dear Grace,\n\nthe crane costs 9,400 euros, delivered to Bremen.\n")
    message.add_attachment(
        letter(),
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename="terms.docx",
    )
    return message.as_bytes()


def notebook() -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Tides\n", "Heights in metres."]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "outputs": [],
            "source": ["heights = [1.2, 3.4]\n", "print(max(heights))"],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
