import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.text_patterns import TextPattern, exact_pattern, regex_pattern
from docqa.errors import PatternError

ATOMS = (r"\A", r"\z", "a", "bc", r"\.", ".", "[a-c]", "[^]x]", "(ab|c)", "(?:b)", r"\w", "B")
REPEATS = ("", "", "?", "*", "+", "{0,2}", "{2}", "+?")


def test_a_string_in_lower_case_is_found_in_either_case():
    text = "ERROR: errors[0]; Error\nerror"

    assert list(exact_pattern("error").spans(text)) == [(0, 5), (24, 29)]
    assert list(exact_pattern("Error").spans(text)) == [(18, 23)]
    assert list(exact_pattern("errors[0]").spans(text)) == [(7, 16)]


def test_a_string_in_other_scripts_is_found_where_it_stands():
    assert list(exact_pattern("größe").spans("die Größe\ndie größe")) == [(4, 9), (14, 19)]
    assert exact_pattern("größe").needles == ("gr",)
    assert exact_pattern("Größe").needles == ("Größe",)


def test_the_ends_of_a_pattern_are_those_of_lines():
    assert list(regex_pattern("^b$").spans("a\nb\nbb")) == [(2, 3)]
    assert list(regex_pattern("^").spans("a\nb")) == []


def test_each_line_is_told_once_and_a_match_may_go_over_several():
    assert list(regex_pattern(".").spans("ab\n\ncd")) == [(0, 1), (4, 5)]
    assert list(regex_pattern("x*").spans("axx\nx")) == [(1, 3), (4, 5)]
    assert list(regex_pattern(r"a\s+b").spans("xa\nba b\na b")) == [(1, 4), (8, 11)]


def test_a_match_that_runs_on_into_the_next_line_hides_none_that_begins_there():
    assert list(regex_pattern(r"a\s*b").spans("ab a\nb ab\nab")) == [(0, 2), (7, 9), (10, 12)]
    assert list(regex_pattern(r"a|b\na").spans("ab\na")) == [(0, 1), (3, 4)]


class CountingRegex:
    """Counts how often the text is begun anew: each time all of it is encoded."""

    def __init__(self, regex):
        self._regex = regex
        self.begun = 0

    def search(self, text, pos=0):
        self.begun += 1
        return self._regex.search(text, pos)

    def finditer(self, text, pos=0):
        self.begun += 1
        return self._regex.finditer(text, pos)


@pytest.mark.parametrize("pattern", ["(zzz)*", "z*", "b"])
def test_a_text_is_read_once_whether_a_pattern_matches_nothing_or_every_line(pattern):
    regex = CountingRegex(regex_pattern(pattern)._regex)

    list(TextPattern((), regex, None).spans("añb\n" * 500))

    assert regex.begun == 1


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        (r"def \w+_verify\(", ("_verify(", "def ")),
        ("foo|bar", ()),
        ("(foo|bar)baz", ("baz",)),
        ("abc?d", ("ab",)),
        ("ab+c", ("ab",)),
        ("x{2,3}yz", ("yz",)),
        ("[]a]bc[^]]de", ("bc", "de")),
        (r"\x41bc", ()),
        (r"\Qa|b\E", ()),
        (r"app\.route\b", ("app.route",)),
        ("(?i)Foo", ("Foo",)),
        (r"(a\)b[)]c)de", ("de",)),
        (r"\pL{2}ab", ()),
    ],
)
def test_a_pattern_tells_what_every_match_has_in_it(pattern, needles):
    assert regex_pattern(pattern).needles == needles


@given(
    st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)), min_size=1, max_size=5),
    st.text("abcBx.\n", max_size=30),
)
def test_texts_with_a_match_have_its_needles(parts, text):
    pattern = regex_pattern("".join(atom + repeat for atom, repeat in parts))

    found = [text[start:end] for start, end in pattern.spans(text)]

    assert all(needle.lower() in match.lower() for match in found for needle in pattern.needles)
    assert pattern.may_match(f"...\n{text}\n...".encode()) or not found


@given(st.text(max_size=20), st.text(max_size=60))
def test_a_string_is_found_wherever_it_is(query, text):
    if not query or query == query.lower():
        return

    whole = f"{text}\n{query}{text}"

    found = list(exact_pattern(query).spans(whole))

    first = re.search(re.escape(query), whole)
    assert found[0] == first.span()
    assert all(whole[start:end] == query for start, end in found)


@pytest.mark.parametrize("pattern", ["a(b", "[a", "*a", r"(?=a)", r"(a)\1", "a{1001}", "\ud800"])
def test_what_is_no_pattern_is_said_with_the_reason(pattern):
    with pytest.raises(PatternError, match=r"is no pattern to search by: \w+") as raised:
        regex_pattern(pattern)

    assert "(?m)" not in str(raised.value)


def test_a_pattern_that_is_too_long_or_too_costly_is_refused():
    with pytest.raises(PatternError, match="1,000 characters"):
        exact_pattern("x" * 1_001)
    with pytest.raises(PatternError, match="too large"):
        regex_pattern(r"\pL{1000}")
