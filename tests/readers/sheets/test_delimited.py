import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.errors import EmptyFileError
from docqa.readers.base import ReaderOptions
from docqa.readers.sheets import delimited
from docqa.readers.sheets.delimited import read_delimited, separator_of
from docqa.readers.sheets.reader import CsvReader


@pytest.fixture
def read(tmp_path):
    def read(data, name="table.csv", **options):
        path = tmp_path / "stored"
        path.write_bytes(data)
        return CsvReader().read(path, name, ReaderOptions(**options), lambda done, total: None)

    return read


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Name;Größe\nMüller;1,80\n".encode("cp1252"), "cp125"),
        ("Name;Größe\nMüller;1,80\n".encode("utf-8-sig"), "utf-8-sig"),
        ("Name\tGröße\nMüller\t1,80\n".encode("utf-16"), "utf-16"),
        (b"sep=|\nName|Gr\xc3\xb6\xc3\x9fe\nM\xc3\xbcller|1,80\n", "utf-8"),
    ],
)
def test_encoding_and_separator_are_found_out(read, data, encoding):
    document = read(data)

    (passage,) = document.passages
    assert document.kind == "sheet"
    assert document.encoding.startswith(encoding)
    assert passage.text == "Name | Größe\nMüller | 1,80"
    assert str(passage.locator) in ("A1:B2", "A2:B3")
    assert document.pages == ()


def test_quotation_marks_keep_separators_and_line_feeds_in_a_cell(read):
    (passage,) = read(b'Name,Note\n"Smith, Jo","two\nlines"\nLee,"a ""b"" c"\n').passages

    assert passage.text == 'Name | Note\nSmith, Jo | two lines\nLee | a "b" c'
    assert passage.locator.last == 3


def test_a_quotation_mark_without_an_end_swallows_nothing(read):
    rows = "".join(f"row {n},{n}\n" for n in range(2_000))

    found = read(f'Name,Note\n"never closed,1\n{rows}'.encode()).passages

    text = "\n".join(p.text for p in found)
    assert "never closed | 1" in text
    assert "row 1999 | 1999" in text


@pytest.mark.parametrize("cell", ["7", '"a ""b"", c"'])
def test_a_row_without_end_is_read_as_far_as_a_sheet_goes(read, cell):
    row = ",".join([cell] * 20_000)

    document = read(f"first,second\n{row}\nlast,1{',' * 20_000}\n".encode())

    assert document.notes == (
        "not read: cells beyond column XFD in row 2 of the table: a sheet has at most"
        " 16,384 columns",
    )
    text = " ".join(p.text for p in document.passages)
    assert text.count(cell.strip('"').replace('""', '"')) >= 16_384
    assert "last | 1" in text


def test_long_lines_in_and_after_quotation_marks_are_cut_alike(read):
    document = read(
        f'a,b\n"note, ""1""\nand,so",{"7," * 20_000}\nx,y\n"open,{"8," * 20_000}'.encode()
    )

    text = "\n".join(p.text for p in document.passages)
    assert 'note, "1" and,so | 7 | 7' in text
    assert "x | y" in text
    assert "8,8,8" in text.replace(" | ", ",")
    assert document.passages[-1].locator.last == 4
    assert "row 2" in document.notes[0]


def test_formulas_are_words(read):
    (passage,) = read(b"Name,Value\nSum,=1+1\nRun,@cmd\n").passages

    assert "Sum | =1+1\nRun | @cmd" in passage.text


def test_empty_columns_and_rows_take_no_place(read):
    (passage,) = read(b"a,,c,,,\n,,,,,\nd,e,,,,\n").passages

    assert passage.text == "a |  | c\nd | e"
    assert (passage.locator.first, passage.locator.last) == (1, 3)


def test_secrets_are_masked_unless_wanted(read):
    secret = "AKIA" + "QWERTYUIOP234567"
    data = f"user,key\nbob,{secret}\n".encode()

    document = read(data)

    assert secret not in document.passages[0].text
    assert [each.line for each in document.secrets] == [2]
    assert secret in read(data, mask_secrets=False).passages[0].text


def test_lines_beyond_the_limit_are_counted_and_named(read, monkeypatch):
    monkeypatch.setattr(delimited, "MOST_BYTES", 1_000)

    document = read(b"".join(b"row,%04d\n" % n for n in range(500)))

    assert "the last 389 lines" in document.notes[0]
    assert document.pages[0].status == "failed"
    assert "0110" in document.passages[-1].text


def test_a_table_without_a_word_is_empty(read):
    with pytest.raises(EmptyFileError):
        read(b",,,\n , ,\n")


@given(st.binary(max_size=600))
def test_any_bytes_are_rows(data):
    lines = data.decode("latin-1").replace("\r", "\n").split("\n")

    assert len(separator_of(lines)) == 1


@given(st.text(max_size=300))
def test_no_word_of_a_table_is_lost(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(text.replace('"', "").encode(errors="replace"))

    found = read_delimited(path, "a.csv", ReaderOptions(mask_secrets=False))

    told = "".join(cell.text for row in found.rows for cell in row.cells)
    plain = path.read_bytes().decode(found.encoding, errors="replace").replace("\0", "\ufffd")
    kept = "".join(plain.split()).replace(found.separator, "")
    assert "".join(told.split()).replace(found.separator, "") == kept or "sep=" in text.lower()
