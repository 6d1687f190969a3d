from docqa.core.extractive import ExtractiveQuote
from docqa.core.gathering import MOST_QUOTES, gather
from tests.core.passages import packed

QUESTION = "What is the access code of each vault?"


def quote(text, label=1, **facts):
    return ExtractiveQuote(packed(text, label, **facts), 0, len(text), 1.0)


def code(city, label):
    return quote(f"The access code of the vault in {city} is {label}00.", label)


def test_quotes_of_all_parts_that_meet_the_question_stand_in_the_order_of_the_pack():
    found = gather(QUESTION, [[code("Porto", 7)], [], [code("Lyon", 2), code("Rome", 5)]], {})

    assert [citation.label for citation in found.answer.citations] == [2, 5, 7]
    assert found.answer.text.startswith("“The access code of the vault in Lyon is 200.” [1]")
    assert (found.shown, found.found) == (3, 3)


def test_what_has_little_of_the_question_is_left_out():
    other = quote("The building code was changed in spring.", 3)

    found = gather(QUESTION, [[code("Lyon", 2)], [other]], {})

    assert [citation.label for citation in found.answer.citations] == [2]


def test_the_same_words_in_two_places_stand_once_and_cite_both():
    text = "The access code of the vault in Lyon is 200."
    found = gather(QUESTION, [[quote(text, 2)], [quote(text, 9, document_id=4)]], {})

    assert found.answer.text == f"“{text}” [1][2]"
    assert [(one.label, one.marker) for one in found.answer.citations] == [(2, 1), (9, 2)]
    assert {(one.start, one.end) for one in found.answer.citations} == {(0, len(text) + 2)}
    assert found.shown == 1


def test_no_more_than_a_hundred_are_shown_and_the_others_counted():
    found = gather(QUESTION, [[code(f"City {n}", n) for n in range(1, 131)]], {})

    assert (found.shown, found.found) == (MOST_QUOTES, 130)


def test_nothing_found_is_an_empty_answer():
    assert gather(QUESTION, [[], []], {}).answer.text == ""
