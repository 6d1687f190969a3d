import io
import re
from itertools import zip_longest

import pymupdf
import pytest
from PIL import Image

from docqa.core.documents import PageLocator
from docqa.core.geometry import Geometry, quote_page, quote_rects
from docqa.errors import BrokenFileError, EmptyFileError, PasswordNeededError
from docqa.readers.base import ReaderOptions
from docqa.readers.pages import page_count, render_page, unlock
from docqa.readers.pdf import PdfReader
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped


@pytest.fixture
def read(tmp_path):
    def read(data, password=None):
        path = tmp_path / "file.pdf"
        path.write_bytes(data)
        options = ReaderOptions(password=password)
        return PdfReader().read(path, "file.pdf", options, lambda done, total: None)

    return read


def text_of(document):
    return "\n".join(passage.text for passage in document.passages)


def words_under(data, rects):
    """The words whose middle lies under the rectangles, as PyMuPDF extracts them anew."""
    found = []
    with pymupdf.open(stream=data) as document:
        for rect in rects:
            page = document[rect.page - 1]
            for word in page.get_text("words"):
                box = pymupdf.Rect(word[:4]) * page.rotation_matrix
                x = (box.x0 + box.x1) / 2 / page.rect.width
                y = (box.y0 + box.y1) / 2 / page.rect.height
                if rect.x0 <= x <= rect.x1 and rect.y0 <= y <= rect.y1:
                    found.append(word[4])
    return found


def rects_of(document, quote):
    for passage in document.passages:
        if (start := passage.text.find(quote)) >= 0:
            return quote_rects(passage, start, start + len(quote))
    raise AssertionError(f"{quote!r} is in no passage")


def assert_ink_is_under(data, rects, tmp_path):
    """Every rectangle has dark pixels, and blotting the rectangles out leaves no others."""
    path = tmp_path / "drawn.pdf"
    path.write_bytes(data)
    picture = Image.open(io.BytesIO(render_page(path, rects[0].page, width_px=800))).convert("L")
    for rect in rects:
        box = (
            int(rect.x0 * picture.width),
            int(rect.y0 * picture.height),
            int(rect.x1 * picture.width) + 1,
            int(rect.y1 * picture.height) + 1,
        )
        assert picture.crop(box).getextrema()[0] < 128
        picture.paste(255, box)
    assert picture.getextrema()[0] > 128


def test_a_paragraph_is_one_passage_without_its_line_ends(read):
    document = read(pdf_of(lines_at(72, 100, wrapped(LOREM * 2, 80))))

    assert [passage.text for passage in document.passages] == [" ".join((LOREM * 2).split())]
    assert document.passages[0].locator == PageLocator(1, 1)
    assert document.kind == "pdf"
    assert document.language == "en"


def test_the_same_bytes_give_the_same_document(read):
    data = pdf_of(lines_at(72, 100, wrapped(LOREM * 9, 80)), [(72, 90, "second page")])

    assert read(data) == read(data)


def test_two_columns_are_read_one_after_the_other(read):
    left = wrapped("Alpha " + LOREM * 3 + "omega.", 38)
    right = wrapped("Beta " + LOREM * 3 + "psi.", 38)
    rows = [
        line
        for pair in zip_longest(lines_at(60, 140, left), lines_at(310, 140, right))
        for line in pair
        if line
    ]
    title = [(60, 100, "A title that spans both of the columns of this page from left to right")]
    foot = [(60, 700, "And a closing line that spans both of the columns of this page as well")]

    text = text_of(read(pdf_of(title + rows + foot)))

    order = [text.index(word) for word in ("A title", "Alpha", "Beta", "And a closing")]
    assert order == sorted(order)
    assert " ".join((LOREM * 3).split()) in text


def test_a_row_of_a_table_stays_a_row(read):
    rows = [("Item", "Price", "Amount"), ("Apples", "1.20", "300"), ("Pears", "2.40", "17")]
    cells = [
        (x, 100 + 16 * y, cell)
        for y, row in enumerate(rows)
        for x, cell in zip((72, 250, 400), row, strict=True)
    ]

    (passage,) = read(pdf_of(sorted(cells, key=lambda cell: cell[0]))).passages

    assert passage.kind == "table"
    assert passage.text == "Item\tPrice\tAmount\nApples\t1.20\t300\nPears\t2.40\t17"


def test_a_table_with_prose_in_its_cells_is_read_row_by_row(read):
    cells = []
    for row in range(4):
        y = 100 + 80 * row
        cells += lines_at(60, y, wrapped(f"Requirement {row}: " + LOREM, 42)[:4])
        cells += lines_at(320, y, wrapped(f"Evidence {row}: " + LOREM, 42)[:3])

    text = text_of(read(pdf_of(cells)))

    order = [
        text.index(f"{word} {row}") for row in range(4) for word in ("Requirement", "Evidence")
    ]
    assert order == sorted(order)
    assert "becoming aware of an incident" in text


def test_an_item_number_is_not_a_cell(read):
    lines = [
        (72, 100, "1.1"),
        (110, 100, "The first clause is short."),
        (72, 130, "1.2"),
        (110, 130, "The second clause is short."),
    ]

    assert "1.2 The second clause" in text_of(read(pdf_of(lines)))


def test_running_headers_and_footers_are_kept_once_and_page_numbers_never(read):
    pages = [
        [
            (72, 40, "ACME Master Agreement"),
            *lines_at(72, 100, wrapped(f"Part {n}: {LOREM}", 80)),
            (72, 800, f"Confidential, version 3, page {n} of 5"),
            (300, 820, str(n)),
        ]
        for n in range(1, 6)
    ]

    document = read(pdf_of(*pages))

    text = text_of(document)
    assert text.count("ACME Master Agreement") == 1
    assert text.count("Confidential, version 3") == 1
    assert [f"Part {n}:" in text for n in range(1, 6)] == [True] * 5
    assert "\n3\n" not in text


def test_titles_that_count_with_the_pages_are_all_kept(read):
    pages = [[(72, 90, f"Question {n}"), (72, 130, f"Answer {'abcde'[n]}.")] for n in range(1, 5)]

    text = text_of(read(pdf_of(*pages)))

    assert all(f"Question {n}" in text for n in range(1, 5))


def test_repeated_lines_whose_numbers_mean_something_are_all_kept(read):
    amounts = (1200, 87, 5300, 410)
    pages = [
        [(72, 40, f"Invoice total {amount} EUR"), (72, 100, f"Body {amount}")] for amount in amounts
    ]

    text = text_of(read(pdf_of(*pages)))

    assert all(f"Invoice total {amount} EUR" in text for amount in amounts)


def test_a_word_broken_at_a_line_end_is_joined_and_covered_in_both_lines(read):
    data = pdf_of(lines_at(72, 100, ["The parties conclude an agree-", "ment about data today."]))

    document = read(data)

    assert document.passages[0].text == "The parties conclude an agreement about data today."
    first, second = rects_of(document, "agreement")
    assert first.y1 <= second.y1
    assert words_under(data, (first, second)) == ["agree-", "ment"]


def test_a_compound_keeps_its_hyphen_at_a_line_end(read):
    lines = ["A long-term view of the term is a long view, and a long-", "term plan is one too."]

    assert "a long-term plan" in text_of(read(pdf_of(lines_at(72, 100, lines))))


def test_a_quote_is_covered_exactly(read):
    data = pdf_of(lines_at(72, 100, wrapped(LOREM * 3, 70)))
    quote = "undue delay after becoming aware of an incident that affects the service"

    rects = rects_of(read(data), quote)

    assert words_under(data, rects) == quote.split()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rectangles_fit_the_page_as_it_is_displayed(read, tmp_path, rotation):
    def draw(page):
        for x, y, text in lines_at(100, 200, wrapped(LOREM, 50)):
            page.insert_text((x, y), text)
        page.set_cropbox(pymupdf.Rect(50, 100, 500, 700))
        page.set_rotation(rotation)

    data = pdf_of(draw)
    document = read(data)

    rects = Geometry.from_bytes(document.passages[0].geometry).line_rects()
    assert document.passages[0].text == " ".join(LOREM.split())
    assert_ink_is_under(data, rects, tmp_path)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_text_that_runs_up_down_or_upside_down_is_read_and_covered(read, tmp_path, rotate):
    start = {90: (100, 700), 180: (500, 400), 270: (300, 100)}[rotate]
    step = {90: (14, 0), 180: (0, -14), 270: (-14, 0)}[rotate]

    def draw(page):
        for index, text in enumerate(wrapped(LOREM, 50)):
            at = (start[0] + step[0] * index, start[1] + step[1] * index)
            page.insert_text(at, text, rotate=rotate)

    data = pdf_of(draw)
    document = read(data)

    assert text_of(document) == " ".join(LOREM.split())
    quote = "customer without undue"
    assert words_under(data, rects_of(document, quote)) == quote.split()
    assert_ink_is_under(
        data, Geometry.from_bytes(document.passages[0].geometry).line_rects(), tmp_path
    )


def test_text_outside_of_the_crop_box_is_not_part_of_the_document(read):
    def draw(page):
        page.insert_text((100, 300), "Seen by everybody.")
        page.insert_text((100, 50), "Cut away.")
        page.set_cropbox(pymupdf.Rect(50, 100, 500, 700))

    assert text_of(read(pdf_of(draw))) == "Seen by everybody."


def test_a_paragraph_that_goes_on_over_the_page_has_both_pages(read):
    lines = wrapped(LOREM * 2, 80)
    data = pdf_of(lines_at(72, 700, lines[:2]), lines_at(72, 72, lines[2:]))

    (passage,) = read(data).passages

    assert passage.locator == PageLocator(1, 2)
    last = passage.text.rindex("plain words")
    assert quote_page(passage, 0, 5) == 1
    assert quote_page(passage, last, last + 5) == 2


def test_passages_are_short_and_cut_at_sentence_ends(read):
    lines = wrapped(LOREM * 12, 95)

    document = read(pdf_of(lines_at(72, 60, lines, leading=13)))

    assert len(document.passages) > 1
    assert all(len(passage.text) <= 1_200 for passage in document.passages)
    assert all(passage.text.endswith(".") for passage in document.passages)
    assert " ".join(p.text for p in document.passages) == " ".join((LOREM * 12).split())
    for passage in document.passages:
        words = words_under(
            pdf_of(lines_at(72, 60, lines, leading=13)), quote_rects(passage, 0, len(passage.text))
        )
        assert words == passage.text.split()


def test_headings_stand_above_what_follows(read):
    def draw(page):
        page.insert_text((72, 80), "Terms of Service", fontsize=20)
        page.insert_text((72, 130), "2. Notice of Incidents", fontsize=14)
        for x, y, text in lines_at(72, 170, wrapped(LOREM * 2, 80)):
            page.insert_text((x, y), text, fontsize=11)

    document = read(pdf_of(draw))

    kinds = [(passage.kind, passage.heading) for passage in document.passages]
    assert kinds[0] == ("heading", "")
    assert kinds[1] == ("heading", "Terms of Service")
    assert kinds[2] == ("paragraph", "Terms of Service > 2. Notice of Incidents")


def test_every_page_says_what_could_be_read_of_it(read):
    picture = io.BytesIO()
    Image.new("RGB", (60, 80), "grey").save(picture, "PNG")

    def scanned(page):
        page.insert_image(page.rect, stream=picture.getvalue())

    def drawn(page):
        page.draw_rect(pymupdf.Rect(100, 100, 300, 300), fill=(0, 0, 0))

    document = read(pdf_of([(72, 100, "Text.")], scanned, drawn, []))

    assert [page.status for page in document.pages] == ["text", "image_only", "image_only", "empty"]
    assert [bool(page.reason) for page in document.pages] == [False, True, True, True]
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert (document.pages[0].width, document.pages[0].height) == (595, 842)


def test_a_page_that_cannot_be_read_fails_alone(read):
    document = pymupdf.open(stream=pdf_of([(72, 100, "First.")], [(72, 100, "Second.")]))
    document.update_object(document[1].xref, "<</Type/Page/Parent 9999 0 R/MediaBox 7>>")
    data = document.tobytes()

    parsed = read(data)

    assert len(parsed.pages) == 2
    assert parsed.pages[0].status == "text"
    assert "First." in text_of(parsed)


def test_an_encrypted_file_opens_with_its_password_only(read, tmp_path):
    data = pdf_of(
        [(72, 100, "Secret text.")],
        encryption=pymupdf.PDF_ENCRYPT_AES_256,
        user_pw="open",
        owner_pw="own",
    )

    with pytest.raises(PasswordNeededError, match="needs a password"):
        read(data)
    with pytest.raises(PasswordNeededError, match="wrong"):
        read(data, password="guess")
    assert text_of(read(data, password="open")) == "Secret text."

    unlock(tmp_path / "file.pdf", "open", tmp_path / "open" / "copy.pdf")
    assert render_page(tmp_path / "open" / "copy.pdf", 1)[8:12] == b"WEBP"


def test_an_empty_user_password_is_no_hindrance(read):
    data = pdf_of(
        [(72, 100, "Anyone may read.")],
        encryption=pymupdf.PDF_ENCRYPT_AES_256,
        user_pw="",
        owner_pw="own",
    )

    assert text_of(read(data)) == "Anyone may read."


def test_a_truncated_file_is_repaired_and_says_so(read):
    data = pdf_of([(72, 100, "Still here.")])

    document = read(data[: data.rindex(b"xref")])

    assert text_of(document) == "Still here."
    assert any("repaired" in note for note in document.notes)


def test_pages_are_found_where_their_tree_is_broken(read):
    data = pdf_of([(72, 100, "Lost and found.")])
    kids = re.search(rb"/Kids ?\[[^]]*\]", data)[0]
    data = data.replace(kids, b"/Kids[".ljust(len(kids) - 1) + b"]")
    data = data.replace(b"/Count 1", b"/Count 0")

    document = read(data)

    assert text_of(document) == "Lost and found."
    assert any("repaired" in note for note in document.notes)


def test_what_is_no_pdf_is_refused(read):
    with pytest.raises(BrokenFileError):
        read(b"%PDF-1.7\nnothing but a header")


def test_a_pdf_without_pages_is_refused(read):
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n"
    )

    with pytest.raises((EmptyFileError, BrokenFileError), match="pages"):
        read(data)


def test_progress_is_told_up_to_the_last_page(tmp_path):
    path = tmp_path / "many.pdf"
    path.write_bytes(pdf_of(*[[(72, 100, "Text.")]] * 20))
    told = []

    PdfReader().read(path, "many.pdf", ReaderOptions(), lambda *step: told.append(step))

    assert told[-1] == (20, 20)


def test_a_giant_page_is_drawn_within_bounds(tmp_path):
    path = tmp_path / "giant.pdf"
    document = pymupdf.open()
    document.new_page(width=14_400, height=14_400).insert_text((100, 100), "big")
    document.new_page(width=100, height=14_400)
    document.save(path)

    for page in (1, 2):
        picture = Image.open(io.BytesIO(render_page(path, page, width_px=100_000)))
        assert picture.width * picture.height <= 17_000_000
        assert max(picture.size) <= 16_383
    assert page_count(path) == 2
