import io
import zipfile

import pytest
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from docqa.errors import BrokenFileError, DocumentBombError, EmptyFileError
from docqa.readers.base import ReaderOptions
from docqa.readers.slides import pptx as reader_module
from docqa.readers.slides.odp import OdpReader
from docqa.readers.slides.pptx import PptxReader

KEY = "AKIA" + "IOSFODNN7EXAMPLQ"
BOX = (Inches(1), Inches(2), Inches(6), Inches(3))


@pytest.fixture
def read(tmp_path):
    def read(data, reader=None):
        path = tmp_path / "stored"
        path.write_bytes(data)
        reader = reader or PptxReader()
        return reader.read(path, "talk.pptx", ReaderOptions(), lambda done, total: None)

    return read


def deck(*fills):
    """A presentation with a slide for each function, which fills it."""
    presentation = Presentation()
    for fill in fills:
        fill(presentation.slides.add_slide(presentation.slide_layouts[6]))
    return saved(presentation)


def saved(presentation):
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def text(words):
    def fill(slide):
        slide.shapes.add_textbox(*BOX).text_frame.text = words

    return fill


def picture(slide):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "PNG")
    slide.shapes.add_picture(out, *BOX[:2])


def told(document):
    return [(p.kind, p.text, p.heading, str(p.locator)) for p in document.passages]


def test_a_slide_is_its_title_its_texts_and_its_notes(read):
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Plan for 2025"
    slide.placeholders[1].text = "Hire ten people\nOpen in Bonn"
    slide.notes_slide.notes_text_frame.text = "Say that Bonn is not signed yet."
    presentation.slides.add_slide(presentation.slide_layouts[6])

    document = read(saved(presentation))

    assert document.kind == "slides"
    assert document.title == "Plan for 2025"
    assert told(document) == [
        ("heading", "Plan for 2025", "", "slide 1"),
        ("list", "Hire ten people\nOpen in Bonn", "Plan for 2025", "slide 1"),
        ("paragraph", "Say that Bonn is not signed yet.", "Plan for 2025", "notes, slide 1"),
    ]
    assert [(page.status, page.reason) for page in document.pages] == [
        ("text", ""),
        ("empty", "the slide is blank"),
    ]
    assert (document.pages[0].width, document.pages[0].height) == (720, 540)


def test_slides_stay_apart_and_one_without_a_title_has_no_heading(read):
    titled = Presentation()
    titled.slides.add_slide(titled.slide_layouts[5]).shapes.title.text = "First"
    text("Second slide")(titled.slides.add_slide(titled.slide_layouts[6]))
    text("Third slide")(titled.slides.add_slide(titled.slide_layouts[6]))

    assert told(read(saved(titled))) == [
        ("heading", "First", "", "slide 1"),
        ("paragraph", "Second slide", "", "slide 2"),
        ("paragraph", "Third slide", "", "slide 3"),
    ]


def test_rows_of_tables_and_values_of_charts_are_read(read):
    def fill(slide):
        table = slide.shapes.add_table(3, 2, *BOX).table
        for number, words in enumerate(["City", "People", "Bonn", "330 000", "Ulm", "128 000"]):
            table.cell(number // 2, number % 2).text = words
        data = CategoryChartData()
        data.categories = ["2023", "2024"]
        data.add_series("Sales", (1.5, 20))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data)

    (table, *_), document = (found := read(deck(fill))).passages, found

    assert table.kind == "table"
    assert "City | People\nBonn | 330 000\nUlm | 128 000" in table.text
    assert "| Sales\n2023 | 1.5\n2024 | 20" in "\n".join(p.text for p in document.passages)


def test_groups_are_opened_and_hidden_slides_are_said(read):
    def fill(slide):
        group = slide.shapes.add_group_shape()
        inner = group.shapes.add_group_shape()
        inner.shapes.add_textbox(*BOX).text_frame.text = "Deep inside"
        slide._element.set("show", "0")

    document = read(deck(fill))

    assert [p.text for p in document.passages] == ["Deep inside"]
    assert document.notes == ("hidden in the presentation, and read: slide 1",)


def test_a_slide_that_is_a_picture_is_counted_as_unreadable(read):
    def beside(slide):
        text("Words")(slide)
        picture(slide)

    def noted(slide):
        picture(slide)
        slide.notes_slide.notes_text_frame.text = "What it shows"

    document = read(deck(picture, beside, noted))

    assert [page.status for page in document.pages] == ["image_only", "text", "image_only"]
    assert document.pages[2].reason.endswith("only its notes were read")
    assert document.notes == ("beside text 1 picture was not read",)
    assert [p.text for p in document.passages] == ["Words", "What it shows"]


def test_a_presentation_of_pictures_alone_has_pages_and_no_passages(read):
    document = read(deck(picture, picture))

    assert document.passages == ()
    assert [page.status for page in document.pages] == ["image_only", "image_only"]


def test_a_slide_that_is_damaged_fails_alone(read):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(deck(text("One"), text("Two")))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for info in old.infolist():
            body = old.read(info)
            if info.filename == "ppt/slides/slide1.xml":
                body = body.replace(b"p:cSld", b"p:other")
            new.writestr(info.filename, body)

    document = read(out.getvalue())

    assert [page.status for page in document.pages] == ["failed", "text"]
    assert "cannot be read" in document.pages[0].reason
    assert [p.text for p in document.passages] == ["Two"]


def test_what_is_no_presentation_empty_or_a_bomb_is_said(read, monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "words")
    with pytest.raises(BrokenFileError, match="no presentation"):
        read(out.getvalue())
    with pytest.raises(EmptyFileError, match="no slides"):
        read(deck())
    monkeypatch.setattr(reader_module, "MOST_XML_BYTES", 1_000)
    with pytest.raises(DocumentBombError, match="unpacks"):
        read(deck(text("One")))


def test_many_parts_that_are_trees_of_xml_are_bounded_together(read, monkeypatch):
    out = io.BytesIO(deck(text("One")))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"ppt/tags/tag{number}.xml", b"<a/>" * 1_000_000)

    with pytest.raises(DocumentBombError, match="its parts unpack to 16 MB from 0"):
        read(out.getvalue())
    monkeypatch.setattr(reader_module, "MOST_XML_BYTES_IN_ALL", 15_000_000)
    with pytest.raises(DocumentBombError, match="its XML parts unpack to 16 MB together"):
        read(out.getvalue())


def test_secrets_in_the_title_of_a_slide_are_masked_wherever_it_stands(read):
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = f"Use {KEY}"
    slide.placeholders[1].text = "Then sign in"
    presentation.core_properties.title = f"How to use {KEY}"

    document = read(saved(presentation))

    assert [p.heading for p in document.passages] == ["", "Use [masked: AWS access key]"]
    assert document.title == "How to use [masked: AWS access key]"
    assert KEY not in str(document)


ODP = """<o:document-content xmlns:o="office" xmlns:draw="draw" xmlns:text="text" xmlns:p="pres"
 xmlns:style="style" xmlns:table="table">
<style:style style:name="h"><style:drawing-page-properties p:visibility="hidden"/></style:style>
<o:body><o:presentation>
<draw:page draw:style-name="x"><draw:frame p:class="title"><draw:text-box><text:p>Plan</text:p>
</draw:text-box></draw:frame><draw:frame p:class="outline"><draw:text-box><text:list>
<text:list-item><text:p>Hire<text:s/>ten</text:p></text:list-item>
<text:list-item><text:p>Open in <text:span>Bonn
</text:span></text:p></text:list-item></text:list></draw:text-box></draw:frame>
<draw:frame><table:table><table:table-row>
<table:table-cell><text:p>City</text:p></table:table-cell>
<table:table-cell><text:p>People</text:p></table:table-cell></table:table-row></table:table>
<draw:image/></draw:frame>
<p:notes><draw:frame><draw:text-box><text:p>Not signed yet</text:p></draw:text-box></draw:frame>
</p:notes></draw:page>
<draw:page draw:style-name="h"><draw:frame><draw:image/></draw:frame></draw:page>
</o:presentation></o:body></o:document-content>"""


def odp(content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", content)
    return out.getvalue()


def test_opendocument_presentations_are_read_alike(read):
    document = read(odp(ODP), OdpReader())

    assert told(document) == [
        ("heading", "Plan", "", "slide 1"),
        ("list", "Hire ten\nOpen in Bonn", "Plan", "slide 1"),
        ("table", "City | People", "Plan", "slide 1"),
        ("paragraph", "Not signed yet", "Plan", "notes, slide 1"),
    ]
    assert [page.status for page in document.pages] == ["text", "image_only"]
    assert "hidden in the presentation, and read: slide 2" in document.notes


@pytest.mark.parametrize("content", ["", "<x", "<x/>"])
def test_an_opendocument_presentation_that_is_none_fails_clearly(read, content):
    with pytest.raises((BrokenFileError, EmptyFileError)):
        read(odp(content), OdpReader())
