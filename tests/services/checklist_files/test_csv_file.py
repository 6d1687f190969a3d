import pytest

from docqa.errors import ChecklistError
from docqa.services.checklist_files import csv_file

ROWS = "id,section,question,look for\nä-1,Schutz,Wird verschlüsselt?,AES; Schlüssel\n"


def problems(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ChecklistError) as caught:
        csv_file.checklist_of(data, "rules.csv")
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_dialect_and_encoding_is_read(delimiter: str, encoding: str):
    text = ROWS.replace("; ", "\n").replace("AES\nSchlüssel", '"AES\nSchlüssel"')
    data = text.replace(",", delimiter).replace("\n", "\r\n").encode(encoding)

    [requirement] = csv_file.checklist_of(data, "Unsere Regeln.csv").requirements

    assert (requirement.id, requirement.text) == ("ä-1", "Wird verschlüsselt?")
    assert requirement.look_for == ("AES", "Schlüssel")


def test_what_the_table_does_not_say_of_the_whole_is_made_of_the_files_name():
    checklist = csv_file.checklist_of(ROWS.encode(), "../Unsere Regeln (neu).csv")

    assert (checklist.id, checklist.title) == ("Unsere-Regeln-neu", "Unsere Regeln (neu)")


def test_rows_above_the_table_tell_of_the_whole():
    text = "#id,ours\n#title,Our rules\n#verdicts,met; not found\n\nrequirement\nIs it signed?\n"

    checklist = csv_file.checklist_of(text.encode(), "x.csv")

    assert (checklist.id, checklist.title) == ("ours", "Our rules")
    assert checklist.requirements[0].verdicts == ("met", "not_found")


def test_requirements_without_ids_are_numbered():
    text = "text\nIs it signed?\nIs it dated?\n"

    assert [r.id for r in csv_file.checklist_of(text.encode(), "x.csv").requirements] == ["1", "2"]


def test_excels_line_about_the_separator_is_understood():
    data = ("sep=;\n" + ROWS.replace("; ", "/").replace(",", ";")).encode()

    assert len(csv_file.checklist_of(data, "x.csv").requirements) == 1


def test_a_leading_apostrophe_before_a_formula_is_taken_away():
    [requirement] = csv_file.checklist_of(b"text\n'=1+1 or less?\n", "x.csv").requirements

    assert requirement.text == "=1+1 or less?"


def test_rows_are_counted_as_a_spreadsheet_counts_them():
    text = 'id,text\n\na,"two\nlines"\nb,\n'

    assert problems(text) == "row 4 (id 'b'): text is missing"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,txt\na,b\n", "there is no column 'txt'; the columns are id, section, text"),
        ("id,text,question\na,b,c\n", "the column 'text' is there twice"),
        ("id,guidance\na,b\n", "no column is named text, requirement or question"),
        ("id,text\na,b,c\n", "row 2: it has 3 cells, and there are 2 columns"),
        ('id,text\na,"b\n', "line 2: unexpected end of data"),
        ("id,text\n", "it has no requirements"),
        ("#title,x\n", "it has no requirements"),
        ("text\n" + "\n" * 20_001, "more than 20,000 rows"),
        ("text\n" + "x\n" * 10_000, "it has 10,000 requirements, at most 1,000"),
        ("text\n" + "x" * 20_000 + "\n", "text has 20,000 characters, at most 4,000"),
        ("text\n" + "x" * 200_000 + "\n", "field larger than field limit"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(text: str, said: str):
    assert said in problems(text)
