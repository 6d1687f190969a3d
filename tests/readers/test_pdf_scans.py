import io
from dataclasses import replace

import pymupdf
import pytest
from PIL import Image

from docqa.core.geometry import quote_rects
from docqa.readers.base import ReaderOptions
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.pages import render_page
from docqa.readers.pdf import PdfReader
from tests.readers.ocr.scans import (
    SETUP,
    fake_tesseract,
    needs_tesseract,
    picture_of,
    said,
    scanned_pdf,
    small_page,
    tsv,
    tsv_of,
)
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped

TEXT = "Either party may end this agreement with ninety days notice in writing. " * 3
LINES = [*wrapped("First. " + LOREM * 2, 60), "", *wrapped("Second. " + TEXT, 60)]
PAGE = small_page(LINES)
HIGH = small_page([*LINES, "", *wrapped(LOREM * 9, 60)])
QUOTE = "may end this agreement with ninety days notice in writing"


@pytest.fixture
def read(tmp_path):
    def read(data, setup=SETUP, told=lambda done, total: None):
        path = tmp_path / "file.pdf"
        path.write_bytes(data)
        return PdfReader().read(path, "file.pdf", ReaderOptions(ocr=setup), told)

    return read


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    def tesseract(script):
        fake_tesseract(tmp_path, monkeypatch, script)

    return tesseract


def texts(document):
    return [passage.text for passage in document.passages]


def assert_covers_its_words(data, document, tmp_path, quote=QUOTE):
    """Under the rectangles of a quote is ink, and all ink there is belongs to lines of it."""
    path = tmp_path / "drawn.pdf"
    path.write_bytes(data)
    passage = next(each for each in document.passages if quote in each.text)
    start = passage.text.index(quote)
    rects = quote_rects(passage, start, start + len(quote))
    drawn = render_page(path, rects[0].page, width_px=round(2 * document.pages[0].width))
    picture = Image.open(io.BytesIO(drawn)).convert("L")
    covered = 0
    for rect in rects:
        box = [
            round(rect.x0 * picture.width),
            round(rect.y0 * picture.height),
            round(rect.x1 * picture.width),
            round(rect.y1 * picture.height),
        ]
        ink = picture.crop(box).point([255] * 128 + [0] * 128)
        assert ink.getbbox() is not None
        covered += ink.histogram()[255]
    return covered, rects


def test_a_scanned_page_gives_the_passages_that_its_text_would(read, tesseract):
    tesseract(said(tsv_of(PAGE)))

    document = read(scanned_pdf(picture_of(PAGE, dpi=100), dpi=100))

    assert texts(document) == texts(read(PAGE))
    assert [(page.status, page.confidence) for page in document.pages] == [("ocr", 0.93)]
    assert {passage.confidence for passage in document.passages} == {0.93}
    assert document.pages[0].reason == ""
    assert document.notes == ("1 page was read by OCR (tesseract, eng), 93% sure of the words",)


def test_the_places_of_words_are_those_of_the_text(read, tesseract):
    tesseract(said(tsv_of(PAGE)))

    scanned, text = read(scanned_pdf(picture_of(PAGE, dpi=100), dpi=100)), read(PAGE)

    for one, other in zip(scanned.passages, text.passages, strict=True):
        rects = zip(
            quote_rects(one, 0, len(one.text)), quote_rects(other, 0, len(one.text)), strict=True
        )
        for found, wanted in rects:
            assert found.x0 == pytest.approx(wanted.x0, abs=0.003)
            assert found.x1 == pytest.approx(wanted.x1, abs=0.003)
            assert (found.y0 + found.y1) / 2 == pytest.approx((wanted.y0 + wanted.y1) / 2, abs=0.01)


def test_a_passage_says_how_sure_its_own_words_are(read, tesseract):
    lines = tsv_of(PAGE).splitlines()
    begin = next(n for n, line in enumerate(lines) if "Second." in line)
    lines[begin:] = [line.replace("\t93.0\t", "\t61.0\t") for line in lines[begin:]]
    tesseract(said("\n".join(lines) + "\n"))

    document = read(scanned_pdf(picture_of(PAGE, dpi=100), dpi=100))

    sure = {passage.text.split()[0]: passage.confidence for passage in document.passages}
    assert sure["First."] == 0.93
    assert sure["Second."] == 0.61


@pytest.mark.parametrize("turns", [1, 2])
@pytest.mark.parametrize("skew", [0.0, 1.4])
def test_the_quote_of_a_turned_and_skewed_page_is_marked_where_it_is_displayed(
    read, tesseract, tmp_path, turns, skew
):
    # Upside down is told by the words alone: the first look at the page is unsure.
    first = f"mkdir {tmp_path}/looked 2>/dev/null && {{ cat >/dev/null; exit 0; }}\n"
    tesseract((first if turns == 2 else "") + said(tsv_of(HIGH)))
    data = scanned_pdf(picture_of(HIGH, dpi=100, turns=turns, skew=skew), dpi=100)

    document = read(data)

    covered, rects = assert_covers_its_words(data, document, tmp_path)
    tesseract(said(tsv_of(HIGH)))
    straight = scanned_pdf(picture_of(HIGH, dpi=100), dpi=100)
    expected, _ = assert_covers_its_words(straight, read(straight), tmp_path)
    assert covered == pytest.approx(expected, rel=0.25)
    assert all((rect.x1 - rect.x0 < rect.y1 - rect.y0) is (turns == 1) for rect in rects)
    assert " ".join(texts(document)) == " ".join(texts(read(HIGH)))


def test_only_pages_without_text_are_read_by_ocr(read, tesseract, tmp_path):
    tesseract(f"echo x >> {tmp_path}/calls\n" + said(tsv_of(PAGE)))
    picture = picture_of(PAGE, dpi=75)
    steps = []

    document = read(
        scanned_pdf(None, picture, None, picture, dpi=75),
        told=lambda done, total: steps.append((done, total)),
    )

    statuses = [page.status for page in document.pages]
    assert statuses == ["text", "ocr", "text", "ocr"]
    assert (tmp_path / "calls").read_text().count("x") == 2
    assert steps == [(2, 4), (3, 4), (4, 4)]
    assert [p.confidence for p in document.passages if p.locator.first_page == 1] == [None]


def test_without_an_engine_the_page_says_what_would_mend_it(read):
    setup = OcrSetup(mend="install OCR with `apt-get install tesseract-ocr`, then read it again")

    document = read(scanned_pdf(picture_of(PAGE, dpi=75)), setup)

    (page,) = document.pages
    assert page.status == "image_only"
    assert page.reason.startswith("an image without text, perhaps scanned; install OCR with")
    assert not page.readable


def test_a_page_on_which_ocr_hangs_is_named_and_the_others_are_read(read, tesseract, tmp_path):
    tesseract(f"mkdir {tmp_path}/hung 2>/dev/null && sleep 600\n" + said(tsv_of(PAGE)))
    picture = picture_of(PAGE, dpi=75)

    document = read(scanned_pdf(picture, picture, picture, dpi=75), replace(SETUP, timeout_s=1.5))

    failed = [page for page in document.pages if page.status != "ocr"]
    assert [page.status for page in failed] == ["image_only"]
    assert "OCR took longer than" in failed[0].reason


def test_an_engine_that_fails_on_every_page_is_given_up(read, tesseract, tmp_path):
    tesseract(f"echo x >> {tmp_path}/calls\ncat >/dev/null\nexit 1")
    picture = picture_of(PAGE, dpi=75)

    document = read(scanned_pdf(*[picture] * 12, dpi=75))

    assert {page.status for page in document.pages} == {"image_only"}
    assert "given up" in document.pages[-1].reason
    assert (tmp_path / "calls").read_text().count("x") < 12


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (tsv(), "OCR found no words in it"),
        (tsv((1, 10, 10, 50, 20, 31.0, "Xq7"), (1, 90, 10, 50, 20, 29.0, "vv")), "30% sure"),
    ],
)
def test_a_picture_without_words_stays_unreadable(read, tesseract, output, reason):
    tesseract(said(output))

    document = read(scanned_pdf(picture_of(PAGE, dpi=75)))

    assert document.pages[0].status == "image_only"
    assert reason in document.pages[0].reason
    assert document.passages == ()


def test_a_text_layer_of_unknown_characters_is_read_from_the_picture(read, tesseract):
    data = pdf_of(lines_at(72, 100, ["\ue012\ue013 \ue014\ue015\ue016" * 4] * 4))
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        for line in range(4):
            writer.append((72, 100 + 20 * line), "\ue012\ue013 \ue014\ue015\ue016" * 4)
        writer.write_text(page)
        data = document.tobytes()
    tesseract(said(tsv_of(PAGE)))

    assert [page.status for page in read(data).pages] == ["ocr"]
    without = read(data, OcrSetup(mend="install it"))
    assert without.pages[0].status == "image_only"
    assert "its fonts do not tell which characters they show; install it" in without.pages[0].reason
    assert without.passages == ()


def test_a_text_layer_that_makes_no_words_gives_way_to_a_sure_picture(read, tesseract):
    shifted = "".join(chr(ord(c) - 29) if ord(c) > 60 else c for c in LOREM * 3)
    data = pdf_of(lines_at(72, 100, wrapped(shifted, 60)))
    tesseract(said(tsv_of(PAGE)))

    assert [page.status for page in read(data).pages] == ["ocr"]
    tesseract(said(tsv_of(PAGE, confidence=70)))
    assert [page.status for page in read(data).pages] == ["text"]
    assert [page.status for page in read(data, OcrSetup()).pages] == ["text"]


def test_a_scan_under_a_line_of_text_is_read_whole(read, tesseract):
    stamp = "RECEIVED BY FAX 12/04/2019 FROM 555-0100 TO 555-0199 PAGE 3 OF 12, KEEP ON FILE"
    with pymupdf.open(stream=scanned_pdf(picture_of(PAGE, dpi=100), dpi=100)) as document:
        document[0].insert_text((40, 30), stamp, fontsize=4)
        data = document.tobytes()
    tesseract(said(tsv_of(PAGE)))

    assert [page.status for page in read(data).pages] == ["ocr"]
    assert [page.status for page in read(data, OcrSetup()).pages] == ["text"]
    tesseract(said(tsv((1, 10, 10, 50, 20, 95.0, "photo"))))
    kept = read(data)
    assert [page.status for page in kept.pages] == ["text"]
    assert stamp in texts(kept)[0]


def stamped(stamp):
    with pymupdf.open(stream=scanned_pdf(picture_of(PAGE, dpi=100), dpi=100)) as document:
        document[0].insert_text((40, 30), stamp, fontsize=4)
        return document.tobytes()


def test_a_scan_under_a_line_of_text_waits_for_an_engine(read, tesseract):
    data = stamped("RECEIVED BY FAX 12/04/2019 FROM 555-0100 TO 555-0199 PAGE 3 OF 12, KEEP IT")
    tesseract(said(tsv_of(PAGE)))
    without = ReaderOptions(ocr=OcrSetup(mend="install it"))

    document = read(data, without.ocr)

    (page,) = document.pages
    reason = "it has little text, and a picture that was not read; install it"
    assert (page.status, page.reason, page.has_unread_picture) == ("text", reason, True)
    assert document.notes == (f"p. 1: {reason}",)
    noted = without.identity_of(document)
    assert without.would_repeat(noted, 0)
    assert not ReaderOptions(ocr=SETUP).would_repeat(noted, 0)
    whole = read(data)
    assert not whole.pages[0].has_unread_picture
    assert ReaderOptions(ocr=SETUP).would_repeat(ReaderOptions(ocr=SETUP).identity_of(whole), 0)


def test_a_picture_that_was_looked_at_in_vain_waits_no_longer(read, tesseract):
    tesseract(said(tsv((1, 10, 10, 50, 20, 95.0, "photo"))))
    options = ReaderOptions(ocr=SETUP)

    document = read(stamped("A line of text above a photograph that fills all of the page here."))

    assert [page.has_unread_picture for page in document.pages] == [False]
    assert options.would_repeat(options.identity_of(document), 0)


def test_a_text_layer_that_makes_no_words_says_so_without_an_engine(read):
    shifted = "".join(chr(ord(c) - 29) if ord(c) > 60 else c for c in LOREM * 3)
    data = pdf_of(*[lines_at(72, 100, wrapped(shifted, 60))] * 12)

    document = read(data, OcrSetup(mend="install it"))

    assert {page.status for page in document.pages} == {"text"}
    assert document.notes == (
        "p. 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …: its text makes no words, and its picture was not"
        " read; install it",
    )


def test_documents_without_scanned_pages_are_the_same_with_and_without_an_engine(read, tesseract):
    tesseract("exit 1")
    options = ReaderOptions(ocr=SETUP)

    assert read(PAGE) == read(PAGE, OcrSetup())
    assert options.identity_of(read(PAGE)) == ReaderOptions().identity


def test_the_identity_of_a_scanned_document_tells_engine_languages_and_pages(read, tesseract):
    tesseract(said(tsv_of(PAGE)))
    document = read(scanned_pdf(picture_of(PAGE, dpi=75)))

    assert ReaderOptions(ocr=SETUP).identity_of(document) == "ocr tesseract eng 1"
    assert ReaderOptions().identity_of(document) == ""
    masked = ReaderOptions(ocr=SETUP, mask_secrets=False)
    assert masked.identity_of(document) == "secrets shown; ocr tesseract eng 1"


@needs_tesseract
@pytest.mark.parametrize(("turns", "skew"), [(0, 0.9), (3, 0.0)])
def test_the_real_engine_reads_a_scan_and_its_quote_is_found(read, tmp_path, turns, skew):
    small = small_page([*wrapped(TEXT[:72], 40), "It is renewed in June."], width=260)
    data = scanned_pdf(picture_of(small, dpi=200, turns=turns, skew=skew), dpi=200)

    document = read(data)

    assert document.pages[0].confidence > 0.85
    covered, _ = assert_covers_its_words(data, document, tmp_path)
    assert covered > 0
