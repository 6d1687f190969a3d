from collections import Counter
from dataclasses import replace

import pytest

from docqa.core.checklists import Requirement
from docqa.core.documents import LineLocator, Passage
from docqa.core.indexing import index_fields
from docqa.core.ranking import Candidate, Statistics
from docqa.core.requirement_ranking import (
    FOUND_FROM,
    Reading,
    rank_for,
    read_for,
    requirement_query,
    strength,
    weigh,
)


def passage(text, *, kind="paragraph", heading=""):
    return Passage(0, text, LineLocator(1, 1), kind, heading)


def candidate(number, text, *, kind="paragraph", heading=""):
    shown = passage(text, kind=kind, heading=heading)
    return Candidate(number, index_fields("a.txt", shown, "text"), "text", "a.txt", kind)


def statistics(*candidates):
    frequency = Counter(
        term for each in candidates for term in {t for field in each.fields for t in field.split()}
    )
    return Statistics(100, 8.0, frequency)


def order(requirement, *candidates):
    query = requirement_query(requirement)
    ranked = rank_for(weigh(query, statistics(*candidates)), candidates)
    return [each.passage_id for _, each in ranked]


def test_phrases_find_what_the_requirement_says_in_other_words():
    requirement = Requirement(
        "1", "Staff who leave lose their access.", look_for=("deactivate accounts", "off-boarding")
    )

    assert order(
        requirement,
        candidate(1, "Visitors lose their badge when they leave."),
        candidate(2, "On the last day, human resources deactivate accounts (off-boarding)."),
    ) == [2, 1]


def test_a_whole_phrase_counts_more_than_its_words_in_several():
    requirement = Requirement("1", "Preemption", look_for=("right of first refusal",))

    assert order(
        requirement,
        candidate(1, "The right to inspect. A refusal is in writing. The first of May."),
        candidate(2, "The landlord has a right of first refusal over the flat above."),
    ) == [2, 1]


def test_the_passage_under_a_heading_comes_before_the_heading():
    requirement = Requirement("1", "Which law governs", look_for=("governing law",))

    assert order(
        requirement,
        candidate(1, "Governing law", kind="heading"),
        candidate(2, "The law of Nevada.", heading="Governing law"),
    ) == [2, 1]


def test_the_sentence_that_has_most_of_the_requirement_is_the_one_to_quote():
    text = "Fees are due. The processor notifies a breach within 72 hours. Notices are in writing."
    requirement = Requirement("1", "Breaches are notified.", look_for=("notify breach",))
    query = requirement_query(requirement)

    span = read_for(weigh(query, statistics(candidate(1, text))), passage(text))

    assert text[span.start : span.end] == "The processor notifies a breach within 72 hours."


def test_a_passage_without_any_of_the_words_is_quoted_whole_and_scores_nothing():
    query = requirement_query(Requirement("1", "Breaches are notified."))

    span = read_for(weigh(query, statistics()), passage("Fees are due."))

    assert (span.start, span.end, span.score) == (0, 13, 0.0)


def reading(coverage, phrases):
    return Reading(0, 1, 1.0, coverage, phrases)


def test_evidence_is_the_stronger_the_more_of_the_requirement_it_has():
    query = requirement_query(Requirement("1", "Breaches are notified.", look_for=("breach",)))

    strengths = [strength(query, [reading(share, 2 * share)], 10) for share in (0.0, 0.3, 0.6, 1.0)]

    assert strengths == sorted(strengths)
    assert strengths[0] == 0.0
    assert strengths[1] < FOUND_FROM < strengths[-1] <= 1.0


def test_the_best_of_many_passages_has_to_be_better_than_the_best_of_a_few():
    query = requirement_query(Requirement("1", "Breaches are notified.", look_for=("breach",)))
    best = [reading(0.5, 0.5)]

    assert strength(query, best, 10_000) < strength(query, best, 10)
    assert strength(query, [], 10) == 0.0


@pytest.mark.parametrize("text", ["", "the of and", "?!"])
def test_a_requirement_without_words_finds_nothing(text):
    query = requirement_query(Requirement("1", text, look_for=("", "the", "...")))
    weighed = weigh(query, Statistics(1, 1.0, {}))
    ranked = rank_for(weighed, [candidate(1, "Anything")])
    read = read_for(weighed, passage("Anything"))

    assert ranked[0][0] == 0.0
    assert (read.start, read.end, read.score) == (0, 8, 0.0)
    assert strength(query, [read], 1) == 0.0


def test_of_a_very_long_requirement_the_first_words_count():
    words = " ".join(f"word{number}" for number in range(5_000))

    query = requirement_query(Requirement("1", words, words, look_for=(words, "word1 word2")))

    assert len(query.together.terms) <= 200
    assert query.phrases[-1]
    assert set(weigh(query, Statistics(1, 1.0, {})).terms) <= set(query.together.terms)


def test_names_and_dates_are_looked_for_at_the_beginning():
    text = "The agreement is dated as of May 8, 2014."
    first, second = candidate(1, text), replace(candidate(2, text), ordinal=40)
    asked = Requirement("1", "Date", kind="date", look_for=("dated as of",))
    query = requirement_query(asked)

    ranked = rank_for(weigh(query, statistics(first, second)), [second, first])

    assert [each.passage_id for _, each in ranked] == [1, 2]
    assert ranked[0][0] > ranked[1][0]


def test_words_of_the_documents_languages_are_found():
    text = "Eine Verletzung ist zu melden. Der Auftragsverarbeiter meldet Verletzungen sofort."
    requirement = Requirement("1", "Verletzungen melden", look_for=("Auftragsverarbeiter meldet",))
    query = requirement_query(requirement, ("de",))

    span = read_for(weigh(query, Statistics(10, 5.0, {})), passage(text), ["de"])

    assert text[span.start : span.end].startswith("Der Auftragsverarbeiter")
