from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.documents import LineLocator, PageLocator, Passage, PlaceLocator
from docqa.core.sequence_alignment import matches
from docqa.core.version_changes import MOST_CHANGES, changes_between
from docqa.core.word_changes import MOST_WORDS, Piece, pieces

SENTENCES = [
    "The supplier notifies the customer within 72 hours.",
    "Invoices are payable within 30 days of receipt.",
    "Backups are kept for 35 days in two data centres.",
    "The agreement ends on 31 December 2027.",
    "Disputes are settled by the courts of Rotterdam.",
]
members = st.lists(st.sampled_from("abcdefgh"), max_size=30)
sentences = st.lists(st.sampled_from(SENTENCES), max_size=12)
texts = st.text(alphabet=st.sampled_from("ab cd.\n的 é"), max_size=60)


def passages(*texts, page=1):
    return [Passage(n, text, PageLocator(page, page), heading="") for n, text in enumerate(texts)]


def kinds(found):
    return [change.kind for change in found.changes]


@given(members, members)
def test_what_is_matched_is_equal_and_in_order(one, other):
    found = matches(one, other)

    assert all(one[i] == other[j] for i, j in found)
    assert found == sorted(found)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(found))


@given(members)
def test_all_of_a_sequence_matches_itself(one):
    assert matches(one, one) == [(n, n) for n in range(len(one))]


@given(sentences, sentences)
def test_every_sentence_is_the_same_or_in_one_change(one, other):
    found = changes_between(passages(*one), passages(*other))

    gone = [change for change in found.changes if change.kind in ("removed", "changed", "moved")]
    come = [change for change in found.changes if change.kind in ("added", "changed", "moved")]
    assert found.same + len(gone) == found.before == len(one)
    assert found.same + len(come) == found.after == len(other)
    assert found.total == len(found.changes)


@given(sentences, st.integers(1, 4))
def test_text_that_is_only_cut_elsewhere_has_not_changed(said, size):
    one = [" ".join(said)]
    other = [" ".join(said[n : n + size]) for n in range(0, len(said), size)]

    assert changes_between(passages(*one), passages(*other, page=2)).total == 0


@given(texts, texts)
def test_the_pieces_make_both_texts(one, other):
    found = pieces(one, other)

    before = "".join(piece.text for piece in found if piece.kind != "added")
    after = "".join(piece.text for piece in found if piece.kind != "removed")
    assert before.split() == one.split() or "".join(before.split()) == "".join(one.split())
    assert "".join(after.split()) == "".join(other.split())
    assert {piece.kind for piece in pieces(one, one)} <= {"same"}


def test_words_that_changed_are_told_apart_from_those_that_stayed():
    assert pieces("within 72 hours of receipt", "within 48 hours  of receipt") == (
        Piece("same", "within "),
        Piece("removed", "72 "),
        Piece("added", "48 "),
        Piece("same", "hours  of receipt"),
    )


def test_endless_texts_are_not_compared_word_by_word():
    one, other = "a " * (MOST_WORDS + 1), "b"

    assert [piece.kind for piece in pieces(one, other)] == ["removed", "added"]


def test_a_changed_sentence_is_told_with_its_words_and_places():
    before = passages(SENTENCES[0], SENTENCES[1])
    after = passages(SENTENCES[0].replace("72", "48"), SENTENCES[1], page=3)

    (change,) = changes_between(before, after).changes

    assert change.kind == "changed"
    assert (change.before.page, change.after.page) == (1, 3)
    assert [p.text.strip() for p in change.pieces if p.kind != "same"] == ["72", "48"]


def test_neighbours_that_came_together_are_one_change():
    after = passages(SENTENCES[0], " ".join(SENTENCES[1:3]), SENTENCES[3])

    found = changes_between(passages(SENTENCES[0], SENTENCES[3]), after)

    (change,) = found.changes
    assert (change.kind, change.after.text) == ("added", " ".join(SENTENCES[1:3]))
    assert (found.same, found.before, found.after) == (2, 2, 4)


def test_what_went_at_one_place_and_came_at_another_has_moved():
    before = passages(*SENTENCES)
    after = passages(*SENTENCES[1:], SENTENCES[0])

    (change,) = changes_between(before, after).changes

    assert (change.kind, change.before.ordinal, change.after.ordinal) == ("moved", 0, 4)


def test_sentences_that_have_little_in_common_are_two_changes():
    found = changes_between(passages(SENTENCES[0]), passages("Pets are not allowed."))

    assert sorted(kinds(found)) == ["added", "removed"]


def test_lines_of_code_and_cells_of_sheets_keep_their_places():
    code = [Passage(0, "def f():\n    return 1\n", LineLocator(4, 5))]
    newer = [Passage(0, "def f():\n    return 2\n", LineLocator(9, 10))]
    (change,) = changes_between(code, newer).changes
    assert (change.before.lines, change.after.lines) == ((5, 5), (10, 10))

    slide = [Passage(0, SENTENCES[0], PlaceLocator("slide", 3, 3))]
    (change,) = changes_between(slide, []).changes
    assert (change.kind, change.before.place) == ("removed", "slide 3")


def test_documents_that_have_nothing_in_common_are_compared_in_bounds():
    one = [f"Alpha number {n} stands here." for n in range(3_000)]
    other = [f"Omega value {n} is elsewhere now." for n in range(3_000)]

    found = changes_between(passages(*one), passages(*other))

    assert found.same == 0
    assert len(found.changes) == MOST_CHANGES
    assert found.total == 6_000
