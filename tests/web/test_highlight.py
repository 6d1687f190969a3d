import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.web.highlight import language_name, lines


def shown(text: str, language: str) -> str:
    return "\n".join("".join(part for _, part in line) for line in lines(text, language))


def test_keywords_strings_and_comments_are_told_apart():
    kinds = {
        part: kind
        for line in lines("def f():\n    return 'x'  # why", "python")
        for kind, part in line
    }

    assert kinds["def"] == "k"
    assert kinds["f"] == "f"
    assert kinds["# why"] == "c"


@pytest.mark.parametrize("text", ["", "\n", "\n\nx = 1\n\n", "x = '''\na\n\n'''", "\tx", "a\r b"])
def test_every_line_of_a_file_keeps_its_number(text):
    assert shown(text, "python") == text


@given(st.text(alphabet=st.sampled_from("ab'\"#\n \t{}()=\\é中"), max_size=200))
def test_no_character_is_lost_or_added(text):
    assert shown(text, "python") == text


def test_an_unknown_language_is_plain():
    assert lines("x = 1", "klingon") == [[("", "x = 1")]]


def test_a_name_that_is_used_can_be_told_from_a_keyword():
    [line] = lines("return total(items)", "python")

    assert ("i", "total") in line


def test_languages_have_the_names_that_people_write():
    assert language_name("cpp") == "C++"
    assert language_name("klingon") == "klingon"
