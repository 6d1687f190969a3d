from dataclasses import replace

import pymupdf
import pytest

from docqa.core.documents import Rect
from docqa.core.findings import ReviewCounts
from docqa.services.exporting import pdf_report
from docqa.services.exporting.pdf_report import write_report
from tests.services.exporting import made
from tests.services.parts import BREACH, make_pdf

YELLOW = (255, 230, 105)
PLACE = (Rect(1, 0.12, 0.168, 0.83, 0.187), Rect(1, 0.12, 0.188, 0.3, 0.206))


@pytest.fixture
def source(tmp_path):
    return make_pdf(tmp_path / "agreement.pdf")


@pytest.fixture
def report_of(tmp_path, source):
    """Writes a report of a packet whose versions all are one PDF, and opens it."""
    opened = []

    def write(packet, file_of=lambda _version: source):
        write_report(packet, tmp_path / "report.pdf", file_of)
        opened.append(pymupdf.open(tmp_path / "report.pdf"))
        return opened[-1]

    yield write
    for document in opened:
        document.close()


def cited(**changed):
    return made.citation(page=1, rects=PLACE, quote=BREACH, **changed)


def text_of(document):
    return " ".join(" ".join(page.get_text() for page in document).split())


def pictures(document):
    return [image for page in document for image in page.get_images()]


def test_the_report_says_what_was_asked_found_quoted_and_decided(report_of):
    rows = [(made.cell(n), made.finding(n, citations=(cited(),)), ()) for n in range(1, 7)]
    rows[0] = (made.cell(1, review_state="approved"), rows[0][1], (made.decision(1),))

    text = text_of(report_of(made.packet(*rows)))

    assert "Agreements of 2026" in text
    assert "Processor agreements, version 1" in text
    assert "Approved by a person: 1" in text
    assert "The processor acts only on documented instructions." in text
    assert "It sets a limit of 72 hours." in text
    assert BREACH in text
    assert "agreement.pdf p. 1 · exact" in text
    assert "Ana approved Met: “Read and agreed.”" in text
    assert "23 of 24 pages; 1 page could not be read: a.pdf p. 7" in text
    assert "c" * 64 in text.replace(" ", "")
    assert f"--expect {'b' * 64}" in text


def test_a_finding_has_a_picture_of_the_page_with_the_quote_highlighted(report_of):
    document = report_of(made.packet((made.cell(1), made.finding(1, citations=(cited(),)), ())))

    (image,) = pictures(document)
    drawn = pymupdf.Pixmap(document, image[0])
    drawn = pymupdf.Pixmap(pymupdf.csRGB, drawn)
    shown = [drawn.pixel(x, y) for x in range(0, drawn.width, 3) for y in range(0, drawn.height, 3)]
    near = [sum(abs(a - b) for a, b in zip(pixel, YELLOW, strict=True)) < 40 for pixel in shown]
    assert 0.1 < sum(near) / len(near) < 0.7


def test_every_page_has_its_number_and_the_outline_leads_to_the_findings(report_of):
    document = report_of(made.packet())

    for number, page in enumerate(document, 1):
        assert f"Page {number} of {document.page_count}" in page.get_text()
    outline = {title: page for _, title, page in document.get_toc()}
    assert "28-3-f" in document[outline["28-3-f"] - 1].get_text()
    assert list(outline)[:3] == ["Summary", "Table", "Findings"]
    assert list(outline)[-3:] == ["Coverage", "Versions", "Record"]


def test_text_of_documents_and_models_is_text_and_nothing_else(report_of):
    hostile = "</td><h1>Met</h1><img src='file:///etc/passwd'><a href='https://a.example'>b</a>"
    rows = (
        made.cell(1, document=hostile),
        made.finding(1, rationale=hostile, citations=(cited(document=hostile),)),
        (made.decision(1, comment=hostile, user=hostile),),
    )

    document = report_of(made.packet(rows))

    assert "<h1>Met</h1><imgsrc=" in text_of(document).replace(" ", "")
    assert len(pictures(document)) == 1
    assert not any(page.get_links() for page in document)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("処理者は侵害を通知する", "処理者は侵害を通知する"),
        ("يجب إخطار المراقب", "72"),
        ("👍🏽 emoji ☃", "emoji"),
        ("a\x00b\ud800c\ufffe", "72 a"),
        ("x" * 20_000, "x" * 40),
        ("word " * 4_000, "word word"),
    ],
)
def test_any_text_comes_onto_the_pages(report_of, text, seen):
    found = made.finding(1, rationale=f"72 {text}", reasons=(text,), citations=(cited(),))

    document = report_of(made.packet((made.cell(1, document=text[:200]), found, ())))

    assert seen in text_of(document)


def test_nothing_runs_over_the_margin(report_of):
    found = made.finding(1, rationale="x" * 3_000, value="y" * 500)
    requirement = replace(made.REQUIREMENTS[0], text="z" * 4_000)
    packet = made.packet((made.cell(1), found, ()))
    checklist = replace(packet.review.checklist, requirements=(requirement,), title="t" * 400)

    document = report_of(
        replace(packet, review=replace(packet.review, checklist=checklist, title="u" * 400))
    )

    words = [word for page in document for word in page.get_text("words")]
    assert max(word[2] for word in words) < document[0].rect.width - 40


@pytest.mark.parametrize("what", ["no file", "gone", "broken", "no page", "no place"])
def test_a_place_that_cannot_be_drawn_is_left_as_text(report_of, tmp_path, what):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    files = {"no file": None, "gone": tmp_path / "gone.pdf", "broken": tmp_path / "broken.pdf"}
    quote = {
        "no page": made.citation(page=900, rects=(Rect(900, 0, 0, 1, 1),)),
        "no place": made.citation(rects=()),
    }.get(what, cited())
    packet = made.packet((made.cell(1), made.finding(1, citations=(quote,)), ()))

    document = report_of(packet, lambda _v: files[what]) if what in files else report_of(packet)

    assert pictures(document) == []
    assert "The Supplier must notify the Customer" in text_of(document)


def test_pictures_are_bounded_and_what_needs_a_person_has_them_first(report_of, monkeypatch):
    monkeypatch.setattr(pdf_report, "MAX_CROPS", 1)
    rows = [
        (made.cell(1), made.finding(1, citations=(cited(),)), ()),
        (
            made.cell(2, status="not_met", verdict="not_met"),
            made.finding(2, status="not_met", citations=(cited(), cited())),
            (),
        ),
    ]

    document = report_of(made.packet(*rows))

    outline = {title: page for _, title, page in document.get_toc()}
    assert len(pictures(document)) == 1
    assert "Pictures of pages: 1 of 3 quotes" in text_of(document)
    page = document[outline["28-3-f"] - 1]
    picture = page.get_image_rects(page.get_images()[0][0])[0]
    heading = page.search_for("28-3-f")[0]
    assert picture.y0 > heading.y0


def test_a_large_table_has_its_head_on_every_page(report_of):
    requirements = tuple(
        replace(made.REQUIREMENTS[0], id=f"R{number}", text=f"Requirement {number}")
        for number in range(90)
    )
    cells = [
        made.cell(
            document * 90 + number + 1,
            requirement_id=f"R{number}",
            row=number,
            document_id=document,
            document=f"{document}.pdf",
            state="queued",
            status="",
            verdict="",
            finding_id=0,
        )
        for document in range(1, 5)
        for number in range(90)
    ]
    packet = made.packet(*((cell, None, ()) for cell in cells))
    checklist = replace(packet.review.checklist, requirements=requirements)
    counts = ReviewCounts(total=len(cells), queued=len(cells))

    document = report_of(
        replace(packet, review=replace(packet.review, checklist=checklist, counts=counts))
    )

    outline = {title: page for _, title, page in reversed(document.get_toc())}
    pages = range(outline["Table"], outline["Findings"])
    assert len(pages) >= 2
    for number in pages:
        lines = document[number - 1].get_text().splitlines()
        assert lines[lines.index("Requirement") + 1 :][:4] == ["1", "2", "3", "4"]
    table = " ".join(document[number - 1].get_text() for number in pages)
    assert all(table.count(f"Requirement {number}\n") == 1 for number in range(90))


def test_a_review_without_cells_is_a_report_too(report_of):
    packet = made.packet()
    empty = replace(packet, parts=lambda: iter(()), cells=())

    text = text_of(report_of(replace(empty, review=replace(empty.review, counts=ReviewCounts()))))

    assert "There are no cells." in text


def test_a_large_review_has_the_findings_that_need_somebody_in_full(report_of, monkeypatch):
    monkeypatch.setattr(pdf_report, "FULL_UP_TO", 5)
    rows = [(made.cell(n), made.finding(n, rationale=f"Reason {n}."), ()) for n in range(1, 7)]
    rows[1] = (made.cell(2, status="not_met", verdict="not_met"), rows[1][1], ())
    rows[2] = (made.cell(3), rows[2][1], (made.decision(3, comment="Looks odd."),))

    text = text_of(report_of(made.packet(*rows)))

    assert "This review is large" in text
    assert [n for n in range(1, 7) if f"Reason {n}." in text] == [2, 3]
    assert "Looks odd." in text
    assert text.count(made.QUOTE) == 6


def test_of_a_large_review_a_bounded_number_of_findings_stands_in_full(report_of, monkeypatch):
    monkeypatch.setattr(pdf_report, "FULL_UP_TO", 2)
    rows = [
        (
            made.cell(n, status="needs_person", verdict="needs_person"),
            made.finding(n, status="needs_person", rationale=f"Reason {n}."),
            (),
        )
        for n in range(1, 7)
    ]
    rows[4] = (rows[4][0], rows[4][1], (made.decision(5, action="comment"),))

    text = text_of(report_of(made.packet(*rows)))

    assert [n for n in range(1, 7) if f"Reason {n}." in text] == [1, 5]
    assert text.count(made.QUOTE) == 6
