import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from docqa.errors import ChecklistError
from docqa.services.builtin_checklists import builtin
from docqa.services.checklist_files import xlsx_file


def book(*rows, title: str = "Sheet1") -> bytes:
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    return saved(made)


def saved(made: Workbook) -> bytes:
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def problems(data: bytes) -> str:
    with pytest.raises(ChecklistError) as caught:
        xlsx_file.checklist_of(data, "rules.xlsx")
    return "\n".join(caught.value.problems)


def rewritten(data: bytes, part: str, change) -> bytes:
    """The workbook with one of its parts changed."""
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(new, "w") as made:
        for name in old.namelist():
            content = old.read(name)
            made.writestr(name, change(content) if name == part else content)
    return new.getvalue()


def test_a_sheet_of_ones_own_is_read_as_a_person_sees_it():
    data = book(
        ["Nr", "Question", "Type", "Notes"],
        [1, "Is it signed?", "verdict", 3.0],
        [None],
        [2.5, "When?", "date", datetime(2026, 5, 1)],
    )

    first, second = xlsx_file.checklist_of(data, "My rules.xlsx").requirements

    assert (first.id, first.guidance) == ("1", "3")
    assert (second.id, second.kind, second.guidance) == ("2.5", "date", "2026-05-01")


def test_the_sheet_of_requirements_is_found_by_its_name():
    made = Workbook()
    made.active.append(["nothing", "of", "interest"])
    sheet = made.create_sheet("requirements")
    sheet.append(["text"])
    sheet.append(["Is it signed?"])

    assert len(xlsx_file.checklist_of(saved(made), "x.xlsx").requirements) == 1


def test_bad_rows_are_named_by_their_numbers():
    data = book(["id", "text"], ["a", "x"], [None, None], ["b", None], ["a", "y"])

    assert (
        problems(data)
        == "row 4 (id 'b'): text is missing\nrow 5 (id 'a'): row 2 has this id already"
    )


def test_a_formula_without_a_value_is_no_text():
    assert problems(book(["id", "text"], ["a", "=1+1"])) == "row 2 (id 'a'): text is missing"


def test_a_sheet_that_says_it_is_endless_is_read_as_far_as_it_goes():
    data = xlsx_file.xlsx_of(builtin()["nda-rules"])
    part = "xl/worksheets/sheet2.xml"
    endless = rewritten(
        data,
        part,
        lambda xml: xml.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'),
    )

    assert xlsx_file.checklist_of(endless, "x.xlsx") == builtin()["nda-rules"]


def test_a_cell_at_the_far_end_is_refused_and_not_reached_for():
    made = Workbook()
    made.active.append(["text"])
    made.active.cell(row=1_048_576, column=1, value="x")

    assert "more than 20,000 rows" in problems(saved(made))


def test_a_workbook_that_unpacks_to_more_is_refused():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 65_000_000)

    assert "unpacks to more than 64 MB" in problems(bomb.getvalue())


def test_entities_that_multiply_are_not_expanded():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><worksheet>&e9;</worksheet>'
    data = rewritten(book(["text"], ["x"]), "xl/worksheets/sheet1.xml", lambda _: text.encode())

    assert problems(data)


@pytest.mark.parametrize("length", [0, 10, 100, 1_000, 3_000])
def test_a_workbook_that_is_cut_off_is_refused(length: int):
    assert "no Excel workbook" in problems(book(["text"], ["x"])[:length])


def test_a_zip_archive_of_something_else_is_refused():
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")

    assert "no Excel workbook" in problems(other.getvalue())
