import pytest

from docqa.core.answer_types import answer_type, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When does it end?", "date"),
        ("In which year was it signed?", "date"),
        ("How long is the notice period?", "measure"),
        ("how many employees are there", "number"),
        ("Who signs?", "person"),
        ("Wo liegt das Werk?", "place"),
        ("What is a processor?", None),
    ],
)
def test_question_words_tell_what_is_asked_for(question, kind):
    assert answer_type(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "share"),
    [
        ("date", "It was signed on 3 May 2019.", 1.0),
        ("date", "It was signed.", 0.0),
        ("measure", "Notice is thirty (30) days.", 1.0),
        ("measure", "It has 3 parts.", 0.5),
        ("number", "There are twelve.", 1.0),
        ("person", "It was signed by Jane Roe.", 1.0),
        ("person", "It was signed by nobody.", 0.0),
        ("place", "The plant lies in Porto.", 1.0),
        ("place", "The plant lies there.", 0.0),
    ],
)
def test_sentences_tell_what_they_hold(kind, sentence, share):
    assert holds(kind, sentence, frozenset()) == share


def test_a_name_that_the_question_has_is_no_answer():
    assert holds("person", "It was signed by Jane.", {"jane"}) == 0.0
