import base64
import datetime
import io
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as Picture
from openpyxl.styles.numbers import BUILTIN_FORMATS
from PIL import Image

from docqa.core.geometry import quote_place
from docqa.errors import ArchiveBombError, BrokenFileError, EmptyFileError
from docqa.readers.base import ReaderOptions
from docqa.readers.sheets import filling
from docqa.readers.sheets.reader import WorkbookReader
from docqa.readers.sheets.shown import shown
from docqa.readers.sheets.xlsx_parts import Strings

OLD = zlib.decompress(
    base64.b64decode(
        "eNrtWE1oE0EU/mZ30ya1SZOaCq1QQsFaayGIFy/tqqA9GWs9VETQ1iwmtE0k9lIPWq05CoInxUulHrxUvfiD"
        "HhQ8eBAqehAEIdWjJ0HBQ9v1vbe7Na0VGrDFyH5h3rx5b97My7w3M7v7ZjZWmnrQMocV6IGORTuEmjKZohLy"
        "GlGQ3raZ9eogFdtHVSEUpEDWBPA0/LqWY8jxnoOG+8YLosAnKidwFql8zkpsIPaLD4OKfehWBuWehltUImgW"
        "vxqFnha6Weg96ftM6F6RXBXaTX1L6jhmzVTnHjePj2ltoosQVXgkNh9EsgtNeMV5fPGacvoGsK+QHRypMkWr"
        "UY9pUEh7rZxV4HYD7qAOSKeTo6PJcUIJcQr3NL7bCeCbt6+fJ3z5xsoVSP5jubz2D/IgBXGl/LpmABOwTylO"
        "5iI2ocNgjY7DI+kiwpgPuIlxLpu25pEkFlJos/dbZ7L5HPUfyFg5kh3NDBYsqlP5wljG4HrMquNzX86J6LJz"
        "Iiy7p55oGg3Cx2QPRcnN+btf3x4a6jNPimRC7gbnBtnG7sLGJbYg44j0qBEtazqlvVPoZRl1q/AtQuPkONXt"
        "fU0uc3BS+lwRbTvNs1vwztxexncQX/xy5HFr8bO5g/iZ3rnz8Zn35hTa6EZLkz3/JtGlutTNG4wnplcr96z5"
        "KLT5t3MnqEWlNmC712QDFminOevBcFoatdRSS3fXiq31Vax1sWbNBY1bGnlx+yXZ0XrpYu2G3+QROJha2QgB"
        "LUgyJTP2aI14yFPRqfgL6x1TT+PQaoyp4/vyqDBikqWyqlhtVX348OHDhw8fPv5tKHlyhPsMuvRawG+O8l1n"
        "gcqi/5nkv0U/8vQbo1fKA8hRXcB4RfmzBQHljaXWaON9L2QM0OwFDGNI/BiuOH/pOV6V/581G0b/3haqdP7F"
        "Svxc5/l/AvkhBOE="
    )
)
"""A workbook of Excel 97: B3:D4 and B6 on a sheet, A1 on a hidden one."""
ODS = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.fixture
def read(tmp_path):
    def read(data, name="book.xlsx", **options):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return WorkbookReader().read(path, name, ReaderOptions(**options), lambda done, total: None)

    return read


def xlsx(fill):
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(data, part, change):
    """The workbook with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            new.writestr(info.filename, change(body) if info.filename == part else body)
    return out.getvalue()


def budget(book):
    sheet = book.active
    sheet.title = "Budget 2024"
    sheet.append(["Region", "From", "Share", "Amount"])
    sheet.append(["North", datetime.date(2024, 3, 1), 0.125, 1234.5])
    sheet.append(["South", datetime.datetime(2024, 4, 2, 14, 30), 1, -99])
    for row in (2, 3):
        sheet.cell(row, 2).number_format = "dd/mm/yyyy" if row == 2 else "dd/mm/yyyy hh:mm"
        sheet.cell(row, 3).number_format = "0.0%"
        sheet.cell(row, 4).number_format = '#,##0.00 "EUR";(#,##0.00 "EUR")'


def test_rows_are_read_as_the_sheet_shows_them(read):
    document = read(xlsx(budget))

    (passage,) = document.passages
    assert document.kind == "sheet"
    assert passage.text.split("\n") == [
        "Region | From | Share | Amount",
        "North | 2024-03-01 | 12.5% | 1,234.50 EUR",
        "South | 2024-04-02 14:30 | 100.0% | (99.00 EUR)",
    ]
    assert str(passage.locator) == "'Budget 2024'!A1:D3"
    at = passage.text.index("12.5%")
    assert quote_place(passage, at, at + 5) == "'Budget 2024'!C2"
    assert [(page.number, page.status) for page in document.pages] == [(1, "text")]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.1 + 0.2, "", "0.3"),
        (1e15, "", "1e+15"),
        (123456789012, "General", "123456789012"),
        (1234.567, "#,##0.00", "1,234.57"),
        (0.25, "0%", "25%"),
        (-5, "0;(0)", "(5)"),
        (0, '0;-0;"nil"', "0"),
        (12.5, '"$"#,##0.00', "$12.50"),
        (12.5, "[$€-407] #,##0.00", "€ 12.50"),
        (1_500_000, '0.0,,"M"', "1.5M"),
        (12345, "0.00E+00", "1.23E+04"),
        (45352, "d/m/yy", "2024-03-01"),
        (45352, "mmm-yy", "Mar 2024"),
        (0.5, "h:mm AM/PM", "12:00"),
        (1.25, "[h]:mm", "30:00:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (3e9, "yyyy-mm-dd", "3000000000"),
        (0.75, "# ?/?", "0.75"),
        (7, "[Red]0", "7"),
        (7, '"a;b "0;-0', "a;b 7"),
        (float("nan"), "0", "nan"),
        (500, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "500"),
        (2_500, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "2.5K"),
        (1_500_000, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "1.5M"),
        (-500, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "-500"),
        (150, "[<100]0.0;[>200]0.0", "150"),
        (5_551_234, "[<=9999999]###-####;(###) ###-####", "555-1234"),
        (2_125_551_234, "[<=9999999]###-####;(###) ###-####", "(212) 555-1234"),
        (123_456_789, "000-00-0000", "123-45-6789"),
        (1_234_567, r"000\-00\-0000", "001-23-4567"),
        (2_139, "00000", "02139"),
        (21_391_234, "00000-0000", "02139-1234"),
        (1_234_567, "00-00", "12345-67"),
        (-5, "[Red][<0]0;0", "-5"),
        (-5, "#,##0;[Red]#,##0", "-5"),
        (-5, "#,##0;[Red]-#,##0", "-5"),
        (-5, "#,##0;[Red](#,##0)", "(5)"),
        (-5, '0;"minus "0', "minus 5"),
        (2.5, "0", "3"),
        (-2.5, "0", "-3"),
        (2.675, "0.00", "2.68"),
        (0.125, "0%", "13%"),
        (2.5, "0E+00", "3E+00"),
        (0.00012, "0.0E+00", "1.2E-04"),
        (2.5, "0.0##", "2.5"),
        (0.5, ".00", ".50"),
        (5, "000,000", "000,005"),
        (1_234_567.5, "#,##0.0 %", "123,456,750.0 %"),
        (0, '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "-"),
        (45352, "[$-409]d/m/yyyy;@", "2024-03-01"),
        (1e300, "#,##0.00", f"{10**300:,}.00"),
        (12, "0" * 100, "12"),
        (12.5, 'General" EUR"', "12.5"),
        (1, '"a;b', "1"),
        (1, "0\\", "1\\"),
        (1234.5, "0.0.0", "1234.5.0"),
    ],
)
def test_numbers_and_dates_are_written_as_their_format_says(value, code, text):
    assert shown(value, code) == text


@given(
    st.floats(),
    st.text('0#?.,;%E+-@$_*\\\\"[]<>=1 ()a', max_size=30),
)
def test_no_format_fails(value, code):
    assert isinstance(shown(value, code), str)


@given(st.integers(0, 10**12), st.sampled_from(["000-00-0000", "(###) ###-####", "#,##0", "0 0"]))
def test_no_digit_is_lost_between_others(value, code):
    digits = "".join(filter(str.isdigit, shown(value, code)))

    assert digits.lstrip("0") == str(value).lstrip("0")


def test_no_built_in_format_fails():
    for code in BUILTIN_FORMATS.values():
        assert shown(1234.5, code)
        assert shown(-1234.5, code)


def test_formulas_have_their_values_and_without_those_their_text(read):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Item", "Sum"])
        sheet.write(1, 0, "All")
        sheet.write_formula(1, 1, "=SUM(1,2)", None, 3)
        sheet.write_formula(2, 1, '=HYPERLINK("http://x","y")', None, "#N/A")
        sheet.write_boolean(3, 0, True)
    unsaved = xlsx(lambda book: book.active.append(["Total", "=cmd|' /C calc'!A0"]))

    assert read(out.getvalue()).passages[0].text == "Item | Sum\nAll | 3\n#N/A\nTRUE"
    assert read(unsaved).passages[0].text == "Total | =cmd|' /C calc'!A0"


def one_sheet(rows):
    """A workbook whose sheet has these rows, as XML."""
    sheet = f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode()
    plain = xlsx(lambda book: book.active.append(["x"]))
    return edited(plain, "xl/worksheets/sheet1.xml", lambda _: sheet)


def test_a_formula_whose_result_is_an_empty_text_is_an_empty_cell(read):
    cells = (
        '<row><c t="inlineStr"><is><t>Item</t></is></c>'
        '<c t="str"><f>IF(A1="","","x")</f><v></v></c><c t="str"><f>IF(A1,"","x")</f><v/></c></row>'
    )

    assert read(one_sheet(cells)).passages[0].text == "Item"


def test_a_reading_aid_in_a_cell_is_left_out(read):
    cell = (
        '<c t="inlineStr"><is><r><t>東京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'
        "<phoneticPr/><r><t>都</t></r></is></c>"
    )

    assert read(one_sheet(f"<row>{cell}</row>")).passages[0].text == "東京都"


@pytest.mark.parametrize("place", ["", ' r="A1"'])
def test_a_row_without_end_is_read_as_far_as_a_sheet_goes(read, place):
    cells = f"<c{place}><v>7</v></c>" * 20_000

    document = read(one_sheet(f"<row>{cells}</row><row><c><v>8</v></c></row><row>{cells}</row>"))

    assert document.notes == (
        "not read: cells beyond column XFD in 2 rows of the sheet 'Sheet', the first of them row 1:"
        " a sheet has at most 16,384 columns",
    )
    assert [page.status for page in document.pages] == ["text", "failed"]
    assert max(p.locator.last for p in document.passages) == 3


def test_every_sheet_is_read_and_hidden_and_empty_ones_are_named(read):
    def fill(book):
        book.active.title = "Open"
        book.active.append(["Name", "Age"])
        hidden = book.create_sheet("Kept apart")
        hidden.append(["Salary", 10])
        hidden.sheet_state = "veryHidden"
        book.create_sheet("Nothing")
        book.create_chartsheet("Curves")

    document = read(xlsx(fill))

    assert [p.locator.part for p in document.passages] == ["Open", "Kept apart"]
    assert any("'Kept apart' is hidden" in note for note in document.notes)
    assert [(page.status, page.reason) for page in document.pages] == [
        ("text", ""),
        ("text", ""),
        ("empty", "the sheet 'Nothing' is empty"),
        ("failed", "the sheet 'Curves' is a chart, without cells"),
    ]


def test_comments_are_read_at_their_cells_and_pictures_counted(read):
    def fill(book):
        book.active.append(["Region", "Amount"])
        book.active.append(["North", 12])
        book.active["B2"].comment = Comment("Without the tax.", "Ann")
        book.active.add_image(Picture(image), "D4")

    image = io.BytesIO()
    Image.new("RGB", (8, 8)).save(image, "PNG")

    document = read(xlsx(fill))

    comment = document.passages[-1]
    assert (comment.text, comment.heading) == ("Without the tax.", "Comments")
    assert str(comment.locator) == "Sheet!B2"
    assert document.notes == ("1 picture was not read",)


def test_merged_and_distant_cells_keep_their_places(read):
    def fill(book):
        sheet = book.active
        sheet["C5"] = "Merged words"
        sheet.merge_cells("C5:F6")
        sheet["XFD1048576"] = "last"

    first, last = read(xlsx(fill)).passages

    assert (first.text, str(first.locator)) == ("Merged words", "Sheet!C5")
    assert (last.text, str(last.locator)) == ("last", "Sheet!XFD1048576")


def test_parts_of_a_text_are_one_and_its_reading_aid_is_left_out():
    strings = Strings()
    for name in ("si", "r", "t"):
        strings.start(name, {})
    strings.data("Dr. ")
    strings.end("t")
    strings.start("rPh", {})
    strings.start("t", {})
    strings.data("doctor")
    strings.end("t")
    strings.end("rPh")
    strings.start("t", {})
    strings.data("No_x000D_ one")
    strings.end("t")
    strings.end("si")

    assert strings[0] == "Dr. No one"
    assert strings[7] == ""


def test_secrets_in_cells_are_masked_unless_wanted(read):
    secret = "AKIA" + "QWERTYUIOP234567"  # in two parts, so that no scanner takes it for one
    data = xlsx(lambda book: (book.active.append(["Key"]), book.active.append([secret])))

    document = read(data)

    assert secret not in document.passages[0].text
    assert [each.line for each in document.secrets] == [2]
    assert secret in read(data, mask_secrets=False).passages[0].text


def test_what_is_beyond_the_limits_is_named_with_its_rows(read, monkeypatch):
    monkeypatch.setattr(filling, "MOST_CELLS", 100)

    document = read(xlsx(lambda book: [book.active.append([n, "x"]) for n in range(80)]))

    assert document.passages[-1].locator.last == 50
    assert document.notes[0].startswith("not read: rows 51 to 80 of the sheet 'Sheet'")
    assert [page.status for page in document.pages] == ["text", "failed"]
    assert "rows 51 to 80" in document.pages[1].reason


def test_what_has_no_end_is_not_read_to_its_end(read, monkeypatch):
    monkeypatch.setattr(filling, "MOST_CELLS", 100)

    document = read(xlsx(lambda book: [book.active.append([n, "x"]) for n in range(300)]))

    assert "rows 51 to 101 and all that follow" in document.notes[0]


def test_a_sheet_that_is_damaged_in_the_middle_is_read_up_to_there(read):
    data = xlsx(lambda book: [book.active.append([f"row {n}", n]) for n in range(6_000)])

    document = read(edited(data, "xl/worksheets/sheet1.xml", lambda xml: xml[:-100_000]))

    assert len(document.passages) > 50
    assert document.pages[0].status == "text"
    assert document.pages[1].status == "failed"
    assert "damaged" in document.notes[0]


@pytest.mark.parametrize(
    ("part", "change", "error", "says"),
    [
        ("xl/workbook.xml", lambda xml: b"", BrokenFileError, "damaged"),
        (
            "xl/workbook.xml",
            lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>',
            BrokenFileError,
            "document type",
        ),
        ("_rels/.rels", lambda xml: b"<Relationships/>", None, ""),
        ("xl/worksheets/sheet1.xml", lambda xml: bytes(70_000_000), ArchiveBombError, "unpacks"),
        ("xl/worksheets/sheet1.xml", lambda xml: b"<worksheet/>", EmptyFileError, "no cell"),
    ],
)
def test_a_workbook_that_was_made_to_harm_fails_clearly(read, part, change, error, says):
    data = edited(xlsx(lambda book: book.active.append(["words"])), part, change)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as packed:
        for info in old.infolist():
            packed.writestr(info.filename, old.read(info))

    if error is None:
        assert read(out.getvalue()).passages[0].text == "words"
        return
    with pytest.raises(error, match=says):
        read(out.getvalue())


def test_a_zip_file_that_is_no_workbook_says_so(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "words")

    with pytest.raises(BrokenFileError, match="no Excel workbook"):
        read(out.getvalue())


def ods(*tables, styles=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr(
            "content.xml",
            '<o:document-content xmlns:o="office" xmlns:table="table" xmlns:text="text"'
            f' xmlns:style="style">{styles}<o:body><o:spreadsheet>{"".join(tables)}'
            "</o:spreadsheet></o:body></o:document-content>",
        )
    return out.getvalue()


def test_opendocument_sheets_are_read_as_they_were_shown(read):
    cell = '<table:table-cell o:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    plan = (
        '<table:table table:name="Plan"><table:table-row>'
        + cell.format("string", "", "Step")
        + cell.format("string", "", "Cost")
        + '</table:table-row><table:table-row table:number-rows-repeated="3"/><table:table-row>'
        + cell.format("string", "", "Dig <text:span>deep</text:span>")
        + cell.format("currency", ' table:number-columns-repeated="2"', "€ 1.200,00")
        + '</table:table-row><table:table-row table:number-rows-repeated="1048570"/></table:table>'
    )
    hidden = (
        '<table:table table:name="Aside" table:style-name="h"><table:table-row>'
        + cell.format("string", "", "Note")
        + "</table:table-row></table:table>"
    )
    styles = (
        '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    )

    document = read(ods(plan, hidden, styles=styles), "plan.ods")

    assert [(p.text, str(p.locator)) for p in document.passages] == [
        ("Step | Cost\nDig deep | € 1.200,00 | € 1.200,00", "Plan!A1:C5"),
        ("Note", "Aside!A1"),
    ]
    assert any("'Aside' is hidden" in note for note in document.notes)


def test_an_opendocument_sheet_that_repeats_a_row_without_end_is_bounded(read):
    row = (
        '<table:table table:name="T"><table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell table:number-columns-repeated="16000"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )

    document = read(ods(row), "t.ods")

    assert document.passages[-1].locator.last <= 1_000


def test_an_opendocument_row_without_end_is_read_as_far_as_a_sheet_goes(read):
    cell = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    row = f"<table:table-row>{cell * 20_000}</table:table-row>"

    document = read(ods(f'<table:table table:name="T">{row}</table:table>'), "t.ods")

    assert document.notes[0].startswith("not read: cells beyond column XFD in row 1 of the sheet")
    assert document.passages[-1].locator.columns.endswith("XFD")


def test_an_old_workbook_is_read_with_its_cells_in_their_places(read):
    document = read(OLD, "old.xls")

    assert [(p.text, str(p.locator)) for p in document.passages] == [
        ("Region | When | Share\nNorth | 2024-03-01 | 0.125", "Old!B3:D4"),
        ("TRUE", "Old!B6"),
        ("Note", "Aside!A1"),
    ]
    assert any("'Aside' is hidden" in note for note in document.notes)


@pytest.mark.parametrize("cut", [100, 600, 2_000])
def test_an_old_workbook_that_was_cut_fails_clearly(read, cut):
    with pytest.raises(BrokenFileError):
        read(OLD[:cut], "old.xls")


def test_an_old_workbook_that_is_none_is_said_to_be_broken(read):
    with pytest.raises(BrokenFileError, match="cannot be read"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000), "old.xls")
