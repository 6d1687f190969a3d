import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw

from docqa.core.documents import PageLocator
from docqa.core.geometry import quote_rects
from docqa.errors import BrokenFileError, UnknownItemError
from docqa.readers.base import ReaderOptions
from docqa.readers.images import ImageReader
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.pages import page_count, render_page
from docqa.readers.pictures import open_picture
from tests.readers.ocr.scans import (
    SETUP,
    bytes_of,
    fake_tesseract,
    needs_tesseract,
    picture_of,
    said,
    tsv,
    tsv_of,
)
from tests.readers.pdf_maker import LOREM, lines_at, pdf_of, wrapped

PAGE = pdf_of(lines_at(72, 100, wrapped(LOREM * 2, 70)))
NO_ENGINE = OcrSetup(mend="install OCR with `apt-get install tesseract-ocr`")


@pytest.fixture
def read(tmp_path):
    def read(data, setup=SETUP, name="scan.png"):
        path = tmp_path / "bytes"
        path.write_bytes(data)
        return ImageReader().read(path, name, ReaderOptions(ocr=setup), lambda done, total: None)

    return read


@pytest.fixture
def tesseract(tmp_path, monkeypatch):
    def tesseract(output):
        fake_tesseract(tmp_path, monkeypatch, said(output))

    return tesseract


def claiming(width, height, *, bands=2):
    """The first bytes of a PNG that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, bands, 0, 0, 0)
    chunk = b"IHDR" + header
    body = struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = zlib.compress(b"\0" * 1000)
    idat = b"IDAT" + data
    tail = struct.pack(">I", len(data)) + idat + struct.pack(">I", zlib.crc32(idat))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + body + tail + end


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
def test_pictures_of_every_kind_are_read_by_ocr(read, tesseract, format):
    tesseract(tsv_of(PAGE, dpi=200))

    document = read(bytes_of(picture_of(PAGE, dpi=200), format))

    assert document.kind == "image"
    assert [page.status for page in document.pages] == ["ocr"]
    assert [passage.text for passage in document.passages] == [" ".join((LOREM * 2).split())]
    assert document.passages[0].locator == PageLocator(1, 1)
    assert quote_rects(document.passages[0], 0, 12)


def test_every_page_of_a_tiff_is_a_page(read, tesseract):
    tesseract(tsv_of(PAGE))
    pages = [picture_of(PAGE, dpi=75) for _ in range(2)]

    document = read(bytes_of(pages[0], "TIFF", save_all=True, append_images=pages[1:]))

    assert [page.number for page in document.pages] == [1, 2]
    assert [p.locator for p in document.passages] == [PageLocator(n, n) for n in (1, 2)]


def test_an_animation_has_its_first_picture(read, tesseract):
    tesseract(tsv_of(PAGE))
    pages = [Image.new("L", (90, 60), shade) for shade in (0, 90, 200)]

    document = read(bytes_of(pages[0], "GIF", save_all=True, append_images=pages[1:]))

    assert len(document.pages) == 1


def test_the_size_of_a_page_follows_from_its_pixels_an_inch(read):
    data = bytes_of(Image.new("L", (1_700, 2_200), 255), dpi=(200, 200))

    (page,) = read(data, NO_ENGINE).pages

    assert (page.width, page.height) == pytest.approx((612, 792), rel=0.001)


def test_without_an_engine_the_picture_says_what_would_mend_it(read):
    (page,) = read(bytes_of(Image.new("L", (90, 60), 255)), NO_ENGINE).pages

    assert page.status == "image_only"
    assert page.reason == "a picture; install OCR with `apt-get install tesseract-ocr`"


def test_a_photo_without_words_is_named(read, tesseract):
    tesseract(tsv())

    document = read(bytes_of(Image.new("RGB", (90, 60), (20, 90, 30))))

    assert document.pages[0].reason == "a picture; OCR found no words in it"
    assert document.passages == ()


@pytest.mark.parametrize("setup", [SETUP, NO_ENGINE])
def test_a_picture_of_900_million_pixels_is_refused_before_it_is_decoded(read, setup):
    with pytest.raises(BrokenFileError, match=r"30,000 x 30,000 pixels.* at most 250 MB") as caught:
        read(claiming(30_000, 30_000), setup)

    assert "fewer pixels" in caught.value.hint


def test_a_huge_page_of_a_tiff_fails_alone(read, tesseract, monkeypatch):
    tesseract(tsv_of(PAGE))
    monkeypatch.setattr("docqa.readers.pictures.MOST_BYTES", 500_000)
    pages = [picture_of(PAGE, dpi=50), Image.new("L", (1_000, 1_000), 255)]

    document = read(bytes_of(pages[0], "TIFF", save_all=True, append_images=pages[1:]))

    assert [page.status for page in document.pages] == ["ocr", "failed"]
    assert "1,000 x 1,000 pixels" in document.pages[1].reason


def test_a_large_jpeg_is_decoded_small(tmp_path, monkeypatch):
    monkeypatch.setattr("docqa.readers.pictures.MOST_BYTES", 1_000_000)
    path = tmp_path / "large.jpg"
    path.write_bytes(bytes_of(Image.new("L", (4_000, 3_000), 200), "JPEG"))

    with open_picture(path, "large.jpg") as picture:
        assert picture.size(0).width == 4_000
        assert picture.grey(0, width=500, height=500).size == (500, 375)
        assert picture.size(0).width == 4_000


def test_a_large_progressive_jpeg_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("docqa.readers.pictures.MOST_BYTES", 1_000_000)
    path = tmp_path / "large.jpg"
    path.write_bytes(bytes_of(Image.new("L", (2_000, 1_500), 200), "JPEG", progressive=True))

    with open_picture(path, "large.jpg") as picture, pytest.raises(BrokenFileError):
        picture.grey(0, width=500, height=500)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_picture_that_is_cut_off_is_refused(read, tesseract, format, share):
    tesseract(tsv_of(PAGE))
    data = bytes_of(picture_of(PAGE, dpi=75), format)

    with pytest.raises(BrokenFileError, match="picture"):
        read(data[: int(len(data) * share)])


def test_bytes_that_only_begin_as_a_picture_are_refused(read):
    with pytest.raises(BrokenFileError, match="not a picture that can be opened"):
        read(b"\x89PNG\r\n\x1a\n" + b"nothing of the kind" * 40)


def test_a_picture_on_its_side_is_read_as_it_is_displayed(read, tesseract, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo.jpg"
    path.write_bytes(bytes_of(Image.new("L", (300, 200), 255), "JPEG", exif=exif))

    with open_picture(path, "photo.jpg") as picture:
        assert (picture.size(0).width, picture.size(0).height) == (200, 300)
        assert picture.grey(0, width=200, height=300).size == (200, 300)
    assert Image.open(io.BytesIO(render_page(path, 1))).size == (200, 300)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16", "CMYK", "RGB"])
def test_pictures_of_every_mode_become_grey(tmp_path, mode):
    path = tmp_path / "picture.tif"
    Image.new("RGBA" if mode == "P" else mode, (40, 30), 0).convert(mode).save(path)

    with open_picture(path, path.name) as picture:
        grey = picture.grey(0, width=40, height=30)

    assert (grey.mode, grey.size) == ("L", (40, 30))
    assert grey.getextrema()[0] == (255 if mode in ("RGBA", "LA", "CMYK") else 0)


def test_pages_of_pictures_are_drawn_like_pages_of_pdfs(tmp_path):
    first, second = Image.new("RGB", (900, 600), "red"), Image.new("RGB", (900, 600), "blue")
    path = tmp_path / "0a1b"
    path.write_bytes(bytes_of(first, "TIFF", save_all=True, append_images=[second]))

    drawn = Image.open(io.BytesIO(render_page(path, 2, width_px=300)))

    assert page_count(path) == 2
    assert drawn.size == (300, 200)
    assert drawn.getpixel((10, 10))[2] > 200
    with pytest.raises(UnknownItemError):
        render_page(path, 3)


def test_a_small_picture_is_made_larger_for_ocr(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, f"/bin/cat > {tmp_path}/seen\n" + said(tsv_of(PAGE))[15:])
    path = tmp_path / "screen.png"
    Image.new("L", (800, 600), 255).save(path)

    ImageReader().read(path, path.name, ReaderOptions(ocr=SETUP), lambda *_: None)

    assert b"2000 1500" in (tmp_path / "seen").read_bytes()[:20]


@needs_tesseract
def test_the_real_engine_reads_a_photo_of_a_sign(read):
    picture = Image.new("RGB", (700, 160), "white")
    ImageDraw.Draw(picture).text((30, 40), "Delivery on Friday", fill="black", font_size=64)

    document = read(bytes_of(picture, "JPEG"))

    assert [passage.text for passage in document.passages] == ["Delivery on Friday"]
