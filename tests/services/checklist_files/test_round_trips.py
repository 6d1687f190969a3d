"""What is exported is imported again as it was, in every format."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from openpyxl import load_workbook

from docqa.core.checklists import Checklist, Requirement
from docqa.services.builtin_checklists import builtin
from docqa.services.checklist_files import csv_file, xlsx_file, yaml_file
from tests.core.test_checklists import CHECKLISTS

HOSTILE = Checklist(
    id="hostile",
    title="=cmd|' /C calc'!A0",
    version="1.10",
    source="@SUM(A1)",
    requirements=(
        Requirement("no", "+1", "''=x", section="-2", look_for=("＝1", "'=y", "#N/A")),
        Requirement("1.10", 'a\n=b, "c"; d\t|', "_x000D_ & <b>", section="'"),
    ),
    description="~",
)


@settings(max_examples=30)
@example(HOSTILE)
@given(CHECKLISTS)
def test_yaml_gives_the_same_checklist(checklist: Checklist):
    assert yaml_file.checklist_of(yaml_file.yaml_of(checklist)) == checklist


@settings(max_examples=30)
@example(HOSTILE)
@given(CHECKLISTS)
def test_csv_gives_the_same_checklist(checklist: Checklist):
    assert csv_file.checklist_of(csv_file.csv_of(checklist), "x.csv") == checklist


@settings(max_examples=10)
@example(HOSTILE)
@given(CHECKLISTS)
def test_a_workbook_gives_the_same_checklist(checklist: Checklist):
    assert xlsx_file.checklist_of(xlsx_file.xlsx_of(checklist), "x.xlsx") == checklist


@pytest.mark.parametrize("identity", sorted(builtin()))
def test_built_in_checklists_survive_every_format(identity: str):
    checklist = builtin()[identity]

    assert yaml_file.checklist_of(yaml_file.yaml_of(checklist)) == checklist
    assert csv_file.checklist_of(csv_file.csv_of(checklist), "") == checklist
    assert xlsx_file.checklist_of(xlsx_file.xlsx_of(checklist), "") == checklist


def test_no_cell_of_a_csv_file_begins_like_a_formula():
    text = csv_file.csv_of(HOSTILE).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_no_cell_of_a_workbook_is_a_formula_or_an_error():
    book = load_workbook(io.BytesIO(xlsx_file.xlsx_of(HOSTILE)))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith("="))
