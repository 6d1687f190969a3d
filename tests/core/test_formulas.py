import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.formulas import clean, is_formula, neutral, restored


@pytest.mark.parametrize(
    "lead", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−"]
)
def test_text_that_would_run_begins_with_an_apostrophe(lead):
    assert neutral(f"{lead}cmd|' /C calc'!A0") == f"'{lead}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", [" =1+1", "\u00a0=1", "\u200b=1", "\ufeff@SUM(A1)", "' =1", "’=1"])
def test_a_formula_behind_white_space_or_an_apostrophe_is_found(text):
    assert is_formula(text)


@pytest.mark.parametrize("text", ["", "plain", "a=b", "it's", "'quoted'", "(=1)", "§ 28"])
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text
    assert restored(text) == text


@given(st.text())
def test_what_was_neutralised_comes_back_and_does_not_run(text):
    made = neutral(text)

    assert restored(made) == text
    assert made[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


@given(st.text(alphabet=st.characters()))
def test_cleaned_text_can_be_written_anywhere(text):
    made = clean(text)

    assert made.encode("utf-8").decode("utf-8") == made
    assert not any(ord(sign) < 32 and sign not in "\t\n" for sign in made)
    assert clean(made) == made
