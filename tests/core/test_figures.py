import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.figures import FigureSet, figures, stated_figures
from tests.core.hostile import texts


def held(wanted, text):
    figure = stated_figures(wanted)
    assert figure, wanted
    return all(FigureSet.of([text]).holds(one) for one in figure)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("1,000 units", "1000 units"),
        ("1000 units", "1,000 units"),
        ("1.000 Stück", "1,000 pieces"),
        ("72 hours", "seventy-two (72) hours"),
        ("72 hours", "within seventy-two hours"),
        ("five days", "within 5 days"),
        ("120,000 records", "one hundred and twenty thousand records"),
        ("$3.5 million", "a fee of $3,500,000"),
        ("$3,500,000", "a fee of USD 3.5 million"),
        ("$3.5 million", "(in millions) 3.5"),
        ("12.5 percent", "12.5%"),
        ("12,5 Prozent", "a margin of 12.5 %"),
        ("January 5, 2024", "5 January 2024"),
        ("January 5, 2024", "on 2024-01-05"),
        ("05/01/2024", "5. Januar 2024"),
        ("January 5, 2024", "this 5th day of January, 2024"),
        ("in 2024", "dated January 5, 2024"),
        ("January 2024", "5 Jan. 2024"),
        ("section 4.2.1", "4.2.1 Notices"),
        ("CHF 1'000'000", "CHF 1,000,000"),
        ("€1.234,50", "EUR 1,234.50"),
        ("30日以内", "期限は30日とする"),
        ("30일", "30 days"),
        ("500元", "费用为500元"),
        ("2020年3月5日", "on 5 March 2020"),
        ("2020년 3월 5일", "2020年3月5日に"),
        ("2020年", "2020年3月5日"),
        ("3億円", "JPY 300,000,000"),
        ("1.5万", "15,000 units"),
    ],
)
def test_figures_are_compared_by_value(claim, passage):
    assert held(claim, passage)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("48 hours", "within 72 hours"),
        ("ten days", "within 5 days"),
        ("$3.5 billion", "a fee of $3.5 million"),
        ("EUR 500", "a fee of USD 500"),
        ("5%", "a fee of $5"),
        ("January 6, 2024", "January 5, 2024"),
        ("January 5, 2023", "January 5, 2024"),
        ("7 units", "sha7 and 72 and 7.5"),
        ("1.5 units", "15 units"),
        ("60日", "within 30 days"),
        ("60日", "30日"),
        ("期限は60日", "期限は30日"),
        ("900元", "500元"),
        ("60일", "30일"),
        ("3億円", "3万円"),
        ("2020年3月6日", "2020年3月5日"),
    ],
)
def test_other_figures_are_missing(claim, passage):
    assert not held(claim, passage)


@pytest.mark.parametrize(
    "claim",
    [
        "There are two reasons.",
        "One of them is wrong.",
        "See page 3.",
        "utf8 and sha256",
        "may 3x",
        "第3頁",
    ],
)
def test_a_manner_of_speaking_is_no_figure(claim):
    assert stated_figures(claim) == ()


@given(st.one_of(texts, st.text(), st.text(alphabet="0123456789.,' -/$%kM年一")))
def test_every_figure_stands_where_it_says_and_is_held_by_its_own_text(text):
    held = FigureSet.of([text])

    for figure in figures(text):
        assert text[figure.start : figure.end] == figure.text
        assert held.holds(figure)
