import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import BrokenFileError, DocumentBombError, EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.office import building, zipped
from docqa.readers.office.docx import DocxReader
from tests.readers.office.docx_maker import level, make_docx, numbered, p

STYLES = """
<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Clause"><w:name w:val="Clause"/><w:basedOn w:val="H1"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>
"""


def read(path, name="file.docx"):
    return DocxReader().read(path, name, ReaderOptions(), lambda done, total: None)


def texts(tmp_path, body, **parts):
    document = read(make_docx(tmp_path / "file.docx", body, **parts))
    return [line for passage in document.passages for line in passage.text.split("\n")]


def test_a_document_of_word_is_read_in_order(tmp_path):
    made = docx.Document()
    made.add_heading("Master Agreement", 0)
    made.add_heading("Payment", 1)
    paragraph = made.add_paragraph("Fees are due within 30 days")
    paragraph.add_run("2").font.superscript = True
    paragraph.add_run(" of invoice.")
    for item in ("by wire", "by cheque"):
        made.add_paragraph(item, style="List Bullet")
    table = made.add_table(rows=3, cols=3)
    for row, cells in enumerate((("Region", "Q1", "Q2"), ("North", "1", "2"), ("", "3", "4"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    made.add_heading("Term", 2)
    made.add_paragraph("Two years.")
    made.sections[0].header.paragraphs[0].text = "CONFIDENTIAL"
    made.sections[0].footer.paragraphs[0].text = "Acme"
    made.add_comment(paragraph.runs, text="check this", author="Ann")
    made.save(tmp_path / "file.docx")

    document = read(tmp_path / "file.docx")

    assert [(str(p.locator), p.kind, p.heading, p.text) for p in document.passages] == [
        ("¶ 1", "heading", "", "Master Agreement"),
        ("¶ 2", "heading", "", "Payment"),
        ("¶ 3", "paragraph", "Payment", "Fees are due within 30 days² of invoice."),
        ("¶ 4-5", "list", "Payment", "- by wire\n- by cheque"),
        ("¶ 6-8", "table", "Payment", "Region | Q1 | Q2\nNorth | 1 | 2\nNorth | 3 | 4"),
        ("¶ 9", "heading", "Payment", "Term"),
        ("¶ 10", "paragraph", "Payment > Term", "Two years."),
        ("Comments, ¶ 1", "paragraph", "", "Ann: check this"),
        ("Headers and footers, ¶ 1-2", "paragraph", "", "CONFIDENTIAL\nAcme"),
    ]
    assert (document.title, document.kind) == ("Master Agreement", "document")
    assert document.reader == DocxReader.name


def test_insertions_are_read_and_deletions_are_not(tmp_path):
    body = (
        "<w:p><w:r><w:t>Due in </w:t></w:r><w:del><w:r><w:delText>30</w:delText><w:tab/></w:r>"
        "</w:del><w:ins><w:r><w:t>60</w:t></w:r></w:ins><w:r><w:t> days</w:t></w:r></w:p>"
        "<w:moveFrom><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:moveFrom>"
        '<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val="H1"/></w:pPr></w:pPrChange></w:pPr>'
        "<w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink><w:sdt><w:sdtContent><w:r>"
        "<w:t> and filled in</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )

    document = read(make_docx(tmp_path / "file.docx", body, styles=STYLES))

    assert document.passages[0].text == "Due in 60 days\nlinked and filled in"
    assert document.notes == ("changes are tracked in it: it was read as if all were accepted",)


def test_notes_are_numbered_as_they_are_marked(tmp_path):
    mark = '<w:footnoteReference w:id="{}"/>'
    body = f"<w:p><w:r><w:t>One</w:t>{mark.format(7)}<w:t> two</w:t>{mark.format(3)}</w:r></w:p>"
    body += '<w:p><w:r><w:t>Three</w:t><w:endnoteReference w:id="1"/></w:r></w:p>'
    footnotes = (
        f'<w:footnote w:type="separator" w:id="-1">{p("no")}</w:footnote>'
        f'<w:footnote w:id="3">{p("second")}{p("more")}</w:footnote>'
        f'<w:footnote w:id="7">{p("first")}</w:footnote>'
    )

    document = read(
        make_docx(
            tmp_path / "file.docx",
            body,
            footnotes=footnotes,
            endnotes=f'<w:endnote w:id="1">{p("last")}</w:endnote>',
        )
    )

    assert [(str(p.locator), p.text) for p in document.passages] == [
        ("¶ 1-2", "One[1] two[2]\nThree[i]"),
        ("Footnotes, ¶ 1-2", "[1] first\n[2] second\nmore"),
        ("Endnotes, ¶ 1", "[i] last"),
    ]


def test_numbers_that_word_makes_are_read_with_the_text(tmp_path):
    levels = (
        level(0, "decimal", "Article %1", '<w:pStyle w:val="Clause"/>')
        + level(1, "decimal", "%1.%2")
        + level(2, "lowerLetter", "(%3)")
    )
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="1">{level(0, "bullet", "•")}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    )
    body = (
        p("Payment", '<w:pStyle w:val="Clause"/>')
        + numbered("Fees", 1, 1)
        + numbered("cash", 1, 2)
        + numbered("wire", 1, 2)
        + numbered("Interest", 1, 1)
        + numbered("", 1, 1)
        + numbered("dash", 2)
        + p("Term", '<w:pStyle w:val="Clause"/>')
        + numbered("Years", 1, 1)
        + numbered("Later", 3)
        + numbered("nothing", 99)
        + p("plain", '<w:pStyle w:val="Clause"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    )

    assert texts(tmp_path, body, styles=STYLES, numbering=numbering) == [
        "Article 1 Payment",
        "1.1 Fees",
        "(a) cash",
        "(b) wire",
        "1.2 Interest",
        "- dash",
        "Article 2 Term",
        "2.1 Years",
        "Article 7 Later",
        "nothing",
        "plain",
    ]


def test_text_boxes_signs_and_breaks_are_read_and_the_rest_is_not(tmp_path):
    body = (
        "<w:p><w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:txbxContent>"
        + p("boxed")
        + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
        + p("boxed")
        + "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>around</w:t>"
        "<w:br/><w:t>a</w:t><w:tab/><w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t>"
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:char="F0FF"/><w:sym w:char="x"/></w:r>'
        '<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><a:blip xmlns:a="d"/></w:r></w:p>'
        + p("hidden", run="<w:vanish/>")
        + p("shown", run='<w:vanish w:val="0"/>')
    )

    document = read(make_docx(tmp_path / "file.docx", body))

    assert document.passages[0].text == "boxed\naround\na b-c☒•\nshown"
    assert document.notes == (
        "1 picture was not read",
        "6 characters that are formatted as hidden were not read",
    )


def test_charts_and_diagrams_are_said_to_be_unread(tmp_path):
    drawn = ('<c:chart xmlns:c="c"/>', '<dgm:relIds xmlns:dgm="dgm"/>')
    body = p("Sales") + "".join(
        f"<w:p><w:r><w:drawing>{each}</w:drawing></w:r></w:p>" for each in drawn
    )

    assert read(make_docx(tmp_path / "file.docx", body)).notes == (
        "2 embedded objects were not read",
    )


def test_headings_are_known_by_style_base_and_outline(tmp_path):
    body = (
        p("A", '<w:pStyle w:val="Clause"/>')
        + p("B", '<w:outlineLvl w:val="1"/>')
        + p("no", '<w:pStyle w:val="H1"/><w:outlineLvl w:val="9"/>')
        + p("no", '<w:pStyle w:val="Loop"/>')
    )

    document = read(make_docx(tmp_path / "file.docx", body, styles=STYLES))

    assert [(p.kind, p.heading) for p in document.passages] == [
        ("heading", ""),
        ("heading", "A"),
        ("paragraph", "A > B"),
    ]


def test_headers_that_differ_by_a_page_number_are_told_once(tmp_path):
    found = texts(tmp_path, p("text"), header1=p("Acme 1"), header2=p("Acme 2"), footer1=p("End"))

    assert found == ["text", "Acme 1", "End"]


def test_a_document_of_the_strict_standard_is_read_the_same(tmp_path):
    path = make_docx(
        tmp_path / "file.docx",
        p("strict"),
        space="http://purl.oclc.org/ooxml/wordprocessingml/main",
    )

    assert read(path).passages[0].text == "strict"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "SMALL_BYTES", 100_000)
    path = make_docx(tmp_path / "file.docx", p("0" * 3_000_000))

    with pytest.raises(DocumentBombError, match="unpacks to 3 MB"):
        read(path)


def test_a_document_with_too_much_text_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "MOST_CHARACTERS", 1_000)

    with pytest.raises(ReadError, match="million characters"):
        read(make_docx(tmp_path / "file.docx", p("too much") * 200))


def test_what_is_not_a_document_is_named(tmp_path):
    empty = make_docx(tmp_path / "empty.docx", p(" "))
    torn = tmp_path / "torn.docx"
    torn.write_bytes(empty.read_bytes()[:200])
    other = make_docx(tmp_path / "other.docx", p("x") + "</w:body>")

    with pytest.raises(EmptyFileError):
        read(empty)
    with pytest.raises(BrokenFileError, match="cannot be unpacked"):
        read(torn)
    with pytest.raises(BrokenFileError, match="XML that cannot be read"):
        read(other)


def test_an_archive_of_something_else_is_named(tmp_path):
    path = tmp_path / "file.docx"
    with zipped.zipfile.ZipFile(path, "w") as made:
        made.writestr("word/document.xml", "<workbook/>")

    with pytest.raises(BrokenFileError, match="no Word document"):
        read(path)


def test_names_and_first_bytes_tell_a_document(tmp_path):
    head = make_docx(tmp_path / "file.docx", p("x")).read_bytes()[:4096]

    assert DocxReader().accepts("a.docx", head)
    assert DocxReader().accepts("renamed.doc", head)
    assert not DocxReader().accepts("a.docx", b"plain text")
    assert not DocxReader().accepts("a.zip", b"PK\x03\x04 something else")


WORDS = st.text("abcdefgh", min_size=1, max_size=8)
RUNS = st.lists(WORDS, min_size=1, max_size=4).map(
    lambda words: "".join(f'<w:r><w:t xml:space="preserve">{word} </w:t></w:r>' for word in words)
)
PARAGRAPHS = RUNS.map(lambda runs: f"<w:p>{runs}</w:p>")
TABLES = st.lists(st.lists(PARAGRAPHS, min_size=1, max_size=4), min_size=1, max_size=4).map(
    lambda rows: (
        "<w:tbl>"
        + "".join(
            "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in row) + "</w:tr>" for row in rows
        )
        + "</w:tbl>"
    )
)
WRAPPED = st.one_of(PARAGRAPHS, TABLES).flatmap(
    lambda inside: st.sampled_from(
        (inside, f"<w:sdt><w:sdtContent>{inside}</w:sdtContent></w:sdt>")
    )
)


@given(st.lists(WRAPPED, min_size=1, max_size=8).map("".join))
@settings(max_examples=30, deadline=None)
def test_every_word_of_a_document_is_read_once_and_in_order(tmp_path_factory, body):
    path = make_docx(tmp_path_factory.mktemp("docx") / "file.docx", body)

    told = " ".join(passage.text for passage in read(path).passages).split()

    said = body.replace("<", "\n<").replace(">", ">\n").split("\n")
    words = [word.strip() for word in said if word.strip() and not word.startswith("<")]
    assert [word for word in told if word != "|"] == words
