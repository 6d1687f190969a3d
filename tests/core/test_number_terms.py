import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.terms import search_terms


def terms(text, language="en"):
    return search_terms(text, language).split()


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("thirty (30) days", "30 days", "30"),
        ("within ninety days", "90 days", "90"),
        ("twenty-five pages", "25 pages", "25"),
        ("one hundred and twenty persons", "120 persons", "120"),
        ("two years", "2 years", "2"),
        ("$1.2 million", "1,200,000 dollars", "1200000"),
        ("EUR 3 Mio", "3.000.000 EUR", "3000000"),
        ("1.5bn shares", "1,500,000,000 shares", "1500000000"),
        ("a $5M grant", "5,000,000", "5000000"),
        ("three hundred thousand", "300,000", "300000"),
        ("FY18", "fiscal year 2018", "2018"),
        ("FY2018", "fiscal 2018", "2018"),
        ("FY'18 revenue", "2018", "2018"),
        ("3Q23", "Q3 2023", "q3"),
        ("Q3'23", "2023", "2023"),
        ("the third fiscal quarter", "Q3", "q3"),
        ("5 March 2021", "2021-03-05", "20210305"),
        ("March 5, 2021", "05.03.2021", "20210305"),
        ("5 %", "five percent", "percent"),
        ("12,5 Prozent", "12.5%", "percent"),
    ],
)
def test_numbers_meet_however_they_are_written(one, other, value):
    assert value in terms(one)
    assert value in terms(other)


@pytest.mark.parametrize(
    "text",
    ["in millions", "one of them", "a million reasons", "hundred", "version 1.2.3", "Q3"],
)
def test_what_is_no_number_gets_no_value_of_one(text):
    assert not [
        term for term in terms(text) if term.isdigit() and len(term) > 1 and term != "3000000"
    ]


def test_a_date_of_uncertain_day_gets_no_value():
    assert not [term for term in terms("on 05/03/2021") if len(term) == 8]


def test_a_unit_beside_a_decimal_is_a_word_of_its_own():
    assert terms("1.5GB") == ["1.5", "gb"]


@given(
    st.lists(
        st.sampled_from(
            ["one", "two", "thirty", "hundred", "thousand", "million", "and", "5", "1.5", "days"]
        )
    )
)
def test_every_word_of_a_run_of_numbers_is_kept_in_its_order(words):
    text = " ".join(words)
    plain = [term for word in words for term in terms(word)[:1]]

    found = iter(terms(text))

    assert all(term in found for term in plain)


@given(st.integers(0, 99), st.sampled_from(("days", "pages")))
def test_numbers_up_to_a_hundred_are_known_in_words(number, unit):
    small = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    word = small[number] if number < 20 else tens[number // 10 - 2]
    if number > 20 and number % 10:
        word += f"-{small[number % 10]}"

    assert number == 1 or str(number) in terms(f"{word} {unit}")


@given(st.text(alphabet="0123456789.,%kMb'Q FYmillion-", max_size=60))
def test_any_mixture_of_digits_has_terms_without_white_space(text):
    assert all(term.split() == [term] for term in search_terms(text).split(" ") if term)


def test_a_number_beyond_all_bounds_has_its_words_alone():
    assert set(terms("one " + "hundred " * 400)) == {"one", "hundr"}
    assert "inf" not in terms("9" * 400 + " million")
