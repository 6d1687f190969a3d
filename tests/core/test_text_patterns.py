import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.text_patterns import exact_pattern, regex_pattern
from docqa.errors import PatternError

ATOMS = ("a", "bc", r"\.", ".", "[a-c]", "[^]x]", "(ab|c)", "(?:b)", r"\w", "B")
REPEATS = ("", "?", "*", "+", "{0,2}", "{2}", "+?")


def test_a_string_in_lower_case_is_found_in_either_case():
    text = "ERROR: errors[0]; Error\nerror"

    assert len(list(exact_pattern("error").spans(text))) == 4
    assert list(exact_pattern("Error").spans(text)) == [(18, 23)]
    assert list(exact_pattern("errors[0]").spans(text)) == [(7, 16)]


def test_a_string_in_other_scripts_is_found_where_it_stands():
    assert list(exact_pattern("größe").spans("die Größe, die größe")) == [(4, 9), (15, 20)]
    assert exact_pattern("größe").needles == ("gr",)
    assert exact_pattern("Größe").needles == ("Größe",)


def test_the_ends_of_a_pattern_are_those_of_lines():
    assert list(regex_pattern("^b$").spans("a\nb\nbb")) == [(2, 3)]
    assert list(regex_pattern("^").spans("a\nb")) == []


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
    assert pattern.may_match(["...", text]) or not found


@given(st.text(max_size=20), st.text(max_size=60))
def test_a_string_is_found_wherever_it_is(query, text):
    if not query or query == query.lower():
        return

    starts = [start for start, _ in exact_pattern(query).spans(f"{text}{query}{text}")]

    assert starts == [match.start() for match in re.finditer(re.escape(query), text + query + text)]


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
