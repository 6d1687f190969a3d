import pytest

from docqa.core.documents import LineLocator, Passage
from docqa.core.extractive import best_sentences
from docqa.core.packed import PackedPassage


def passage(number, text, heading="", kind="paragraph", document="policy.md"):
    made = Passage(number, text, LineLocator(1, 1), kind, heading)
    return PackedPassage(number + 1, number + 10, 1, 1, document, made)


TOWER = passage(
    0,
    "The tower stands in Lisbon. It was designed by Anna Example. "
    "Building work ended in March 1931. It has 214 steps.",
    "Old tower",
)
OTHER = passage(1, "The bridge is closed. Nobody knows why.", "Bridge")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the old tower built?", "1931"),
        ("How many steps does the old tower have?", "214"),
        ("Who designed the old tower?", "Anna Example"),
        ("Where does the old tower stand?", "Lisbon"),
    ],
)
def test_the_sentence_that_holds_what_is_asked_for_is_shown(question, answer):
    quotes = best_sentences(question, [(9.0, TOWER), (2.0, OTHER)])

    assert any(answer in quote.text for quote in quotes)


def test_quotes_are_verbatim_whole_sentences():
    quotes = best_sentences("Who designed the old tower?", [(9.0, TOWER)])

    assert 1 <= len(quotes) <= 2
    for quote in quotes:
        assert quote.passage is TOWER
        assert quote.text == TOWER.passage.text[quote.start : quote.end]
        assert quote.text.endswith(".")


def test_a_question_about_something_else_finds_nothing():
    weak = "What dividend did the cooperative pay to shareholders after the bridge?"

    assert best_sentences(weak, [(0.3, OTHER)]) == ()
    assert best_sentences("Who designed the tower?", []) == ()
    assert best_sentences("what is it?", [(1.0, TOWER)]) == ()


def test_words_that_every_passage_has_are_no_reason_to_find_nothing():
    texts = [f"Party {number} may terminate on {30 + number} days notice." for number in range(10)]
    clauses = [(9.0 - number, passage(number, text)) for number, text in enumerate(texts)]

    quotes = best_sentences("How many days notice are needed to terminate?", clauses)

    assert quotes[0].text == texts[0]


def test_headings_are_not_quoted():
    heading = passage(2, "Old tower", kind="heading")

    quotes = best_sentences("When was the old tower built?", [(9.0, heading), (8.0, TOWER)])

    assert {quote.passage for quote in quotes} == {TOWER}


def test_code_is_quoted_in_lines_that_belong_together():
    code = passage(
        3,
        "def verify(cert):\n    check(cert)\n\n    return cert\n\n\ndef other():\n    pass",
        "def verify",
        "code",
    )

    quotes = best_sentences("check cert in verify", [(5.0, code)])

    assert quotes[0].text == "def verify(cert):\n    check(cert)"


def test_at_most_as_many_as_asked_for():
    assert len(best_sentences("old tower", [(9.0, TOWER)], 1)) == 1


def alike(*pairs):
    """Cosines of texts by words in them; .1 for all others."""

    def likeness(texts):
        return [max((c for word, c in pairs if word in text), default=0.1) for text in texts]

    return likeness


def test_with_meaning_a_sentence_that_says_it_in_other_words_stands_first():
    question = "Who designed the old tower?"
    other = passage(2, "The old tower was drawn up by Ben Sample. It is old.", "Old tower")

    by_words = best_sentences(question, [(9.0, TOWER), (8.0, other)], limit=1)
    found = best_sentences(
        question, [(9.0, TOWER), (8.0, other)], limit=1, likeness=alike(("drawn", 0.9))
    )

    assert "Anna" in by_words[0].text
    assert "Ben Sample" in found[0].text


def test_with_meaning_words_alone_are_not_enough_to_quote_something():
    question = "Who painted the mural on the ceiling of the old tower?"

    assert best_sentences(question, [(9.0, TOWER)])
    assert best_sentences(question, [(9.0, TOWER)], likeness=alike()) == ()


def test_where_nobody_can_tell_the_meaning_words_decide():
    question = "Who designed the old tower?"

    unknown = best_sentences(question, [(9.0, TOWER)], likeness=lambda texts: ())

    assert unknown == best_sentences(question, [(9.0, TOWER)])


def test_only_the_best_sentences_of_a_long_passage_are_compared_by_meaning():
    asked = []

    def likeness(texts):
        asked.append(len(texts))
        return [0.9] * len(texts)

    long = passage(3, " ".join(f"Tower number {n} has {n} steps." for n in range(100)))

    assert best_sentences("How many steps has tower number 7?", [(9.0, long)], likeness=likeness)
    assert asked == [24]


def test_a_row_of_a_table_is_quoted_without_the_others():
    rows = "Line | Amount | Owner\nRent | 900 | Planning\nUmbrella contingency | 48215 | Treasury"
    sheet = passage(0, rows, kind="table")

    quotes = best_sentences("Who owns the umbrella contingency?", [(9.0, sheet)])

    assert quotes[0].text == "Umbrella contingency | 48215 | Treasury"


def test_what_stands_twice_is_quoted_once():
    twice = passage(0, "The keeper stored forty barrels. The  keeper stored forty barrels.")

    quotes = best_sentences("How many barrels did the keeper store?", [(9.0, twice)])

    assert [quote.text for quote in quotes] == ["The keeper stored forty barrels."]
