from hypothesis import given
from hypothesis import strategies as st

from docqa.core.reranking import Meaning
from docqa.core.reranking import reranked as reranked_by

scores = st.lists(st.floats(0.01, 50), min_size=1, max_size=40).map(
    lambda each: [(score, key) for key, score in enumerate(sorted(each, reverse=True))]
)
cosines = st.dictionaries(st.integers(0, 24), st.floats(-1, 1))


def reranked(scored, cosines):
    """Of passages of text."""
    return reranked_by(scored, {key: Meaning(each, 1, False) for key, each in cosines.items()})


def test_a_passage_that_means_what_is_asked_passes_one_that_has_more_of_its_words():
    found = reranked([(10.0, 1), (8.0, 2), (6.0, 3)], {1: 0.1, 2: 0.7, 3: 0.2})

    assert [key for _, key in found] == [2, 1, 3]


def test_a_small_difference_in_meaning_does_not_outweigh_the_words():
    found = reranked([(10.0, 1), (4.0, 2)], {1: 0.5, 2: 0.6})

    assert [key for _, key in found] == [1, 2]


def test_a_passage_whose_meaning_nobody_can_tell_keeps_its_place_among_its_equals():
    found = reranked([(10.0, 1), (9.0, 2), (8.0, 3)], {1: 0.5, 3: 0.5})

    assert [key for _, key in found] == [1, 2, 3]


def test_without_meaning_the_order_is_that_of_the_words():
    scored = [(10.0, 1), (8.0, 2)]

    assert reranked(scored, {}) == scored
    assert reranked([], {1: 0.5}) == []


def test_in_a_codebase_words_tell_more_and_a_file_counts_as_a_whole():
    scored = [(10.0, 1), (9.0, 2), (8.9, 3)]
    meanings = {1: Meaning(0.1, 7, True), 2: Meaning(0.1, 8, True), 3: Meaning(0.7, 8, True)}

    code = reranked_by(scored, meanings)
    text = reranked(scored, {key: each.cosine for key, each in meanings.items()})

    assert [key for _, key in code] == [2, 3, 1]
    assert [key for _, key in text] == [3, 1, 2]


@given(scores, cosines)
def test_nothing_is_lost_and_the_best_come_first(scored, likeness):
    likeness = {key: each for key, each in likeness.items() if key < len(scored)}

    found = reranked(scored, likeness)

    assert sorted(key for _, key in found) == [key for _, key in scored]
    assert [score for score, _ in found] == sorted((s for s, _ in found), reverse=True)


@given(scores, cosines)
def test_what_stands_behind_those_ranked_again_keeps_its_order(scored, likeness):
    likeness = {key: each for key, each in likeness.items() if key < len(scored)}
    last = max(likeness, default=-1)

    found = reranked(scored, likeness)

    assert [key for _, key in found if key > last] == [key for _, key in scored if key > last]
