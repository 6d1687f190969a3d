import re

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.escaping import break_special_tokens, encodable, escape, unescape
from tests.core.hostile import texts


@given(texts)
def test_unescape_gives_back_what_was_escaped(text):
    assert unescape(escape(text)) == text


@given(texts)
def test_an_escaped_text_has_no_label_and_no_tag(text):
    escaped = escape(text)

    assert "[#" not in escaped
    assert not re.search(r"</?(document|instructions|hints|task|question)", escaped, re.IGNORECASE)


@given(texts, texts)
def test_different_texts_stay_different_when_escaped(one, other):
    assert (escape(one) == escape(other)) == (one == other)


def test_only_what_could_be_structure_is_changed():
    text = "a[0] = b < c; <div> [12] # note [see #4]"

    assert escape(text) == text


@given(texts)
def test_broken_special_tokens_cannot_be_put_together_again(text):
    broken = break_special_tokens(text)

    assert not re.search(r"<[|｜][^<>\s]{1,80}[|｜]>|</?s>|\[/?INST\]", broken)
    assert break_special_tokens(broken) == broken


@given(texts, texts)
def test_breaking_special_tokens_by_segment_is_breaking_them_in_the_whole(one, other):
    first, second = f"<document>{one}>\n", f"<document>{other}>\n"

    assert break_special_tokens(first + second) == break_special_tokens(
        first
    ) + break_special_tokens(second)


def test_operators_of_programming_languages_are_no_special_tokens():
    text = "f <| x |> g; a <|> b; List<String>"

    assert break_special_tokens(text) == text


@given(st.one_of(texts, st.text()))
def test_an_encodable_text_has_bytes_and_the_same_length(text):
    clean = encodable(text)

    assert len(clean) == len(text)
    clean.encode()
