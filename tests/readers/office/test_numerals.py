import pytest

from docqa.readers.office.numerals import formatted, note_mark


@pytest.mark.parametrize(
    ("count", "form", "text"),
    [
        (4, "lowerRoman", "iv"),
        (1999, "upperRoman", "MCMXCIX"),
        (28, "lowerLetter", "bb"),
        (3, "upperLetter", "C"),
        (7, "decimalZero", "07"),
        (0, "lowerRoman", "0"),
        (5_000, "upperRoman", "5000"),
        (2, "chineseCounting", "2"),
        (2, "none", ""),
    ],
)
def test_a_number_has_the_format_of_its_level(count, form, text):
    assert formatted(count, form) == text


def test_notes_at_the_end_are_told_from_those_of_a_page():
    assert [note_mark(4, at_end=False), note_mark(4, at_end=True)] == ["[4]", "[iv]"]
