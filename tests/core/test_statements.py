import pytest

from docqa.core.statements import is_about_statements, number_density, other_names


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("How much revenue did Apple report in FY2018?", "net sales"),
        ("What was the R&D expenditure in Q1 2023?", "research and development"),
        ("What were capital expenditures last quarter?", "capex"),
        ("Stock buybacks in the 10-Q?", "share repurchase"),
    ],
)
def test_a_line_item_of_a_period_is_looked_for_by_its_other_names(question, name):
    assert is_about_statements(question)
    assert name in other_names(question).split("\n")


@pytest.mark.parametrize(
    "question",
    [
        "Is one party required to share revenue or profit with the counterparty?",
        "What is the notice period in 2023?",
        "Who signs the agreement?",
        "",
    ],
)
def test_other_questions_get_nothing(question):
    assert not is_about_statements(question)
    assert other_names(question) == ""


def test_a_name_that_the_question_says_is_not_added():
    assert "revenue" not in other_names("revenue in fiscal 2020").split("\n")


def test_density_is_the_share_of_numbers():
    assert number_density(["net", "sale", "1200", "5"]) == 0.5
    assert number_density([]) == 0.0
