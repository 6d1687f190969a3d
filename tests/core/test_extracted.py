import pytest

from docqa.core.extracted import Extracted, held_value
from tests.core.passages import packed

TERM = packed(
    "This Agreement is made on 1 May 2024 between Acme Ltd. and Globex Corporation. It ends after"
    " three (3) years; damages are limited to EUR 1,500,000.",
    document="dpa-2031.txt",
)


@pytest.mark.parametrize(
    ("value", "kind", "held"),
    [
        ("2024-05-01", "date", True),
        ("May 1st, 2024", "date", True),
        ("2 May 2024", "date", False),
        ("2031", "date", False),
        ("€1.5 million", "amount", True),
        ("USD 1,500,000", "amount", False),
        ("3 years", "amount", True),
        ("Globex Corporation", "party", True),
        ("globex  corporation", "party", True),
        ("Initech Corporation", "party", False),
        ("made between Acme and Globex", "text", True),
        ("the courts of Delaware decide", "text", False),
        ("no", "text", False),
        ("?", "text", False),
    ],
)
def test_a_value_is_held_by_its_figures_and_words(value, kind, held):
    assert held_value(value, kind, [TERM]) is held


def test_no_passage_holds_nothing():
    assert not held_value("Acme Ltd.", "party", [])


@pytest.mark.parametrize(
    ("one", "other", "kind", "agree"),
    [
        ("1 May 2024", "2024-05-01", "date", True),
        ("1 May 2024", "1 June 2024", "date", False),
        ("thirty (30) days", "30 days", "amount", True),
        ("30 days", "60 days", "amount", False),
        ("EUR 1,500,000", "€1.5 million", "amount", True),
        ("EUR 1,500,000", "USD 1,500,000", "amount", False),
        ("Acme Ltd.", "ACME LTD", "party", True),
        ("Acme", "Acme Ltd.", "party", True),
        ("Acme Ltd.", "Globex Ltd.", "party", False),
        ("the State of New York", "New York law", "text", True),
        ("the State of New York", "the State of Delaware", "text", False),
        ("30 days after notice", "60 days after notice", "text", False),
        ("通知", "通知", "text", True),
        ("", "", "text", True),
    ],
)
def test_values_agree_however_they_are_written(one, other, kind, agree):
    first, second = Extracted(one, kind), Extracted(other, kind)

    assert first.agrees_with(second) is agree
    assert second.agrees_with(first) is agree
