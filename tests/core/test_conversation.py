from hypothesis import given
from hypothesis import strategies as st

from docqa.core.conversation import MAX_TURNS, keep_turns


def words(text: str) -> int:
    return len(text.split())


def test_all_turns_stay_while_they_fit():
    turns = [("one two", "three"), ("four", "five six")]

    assert keep_turns(turns, 6, words) == (tuple(turns), 0)


def test_the_oldest_turns_go_first_and_are_counted():
    turns = [("one two", "three"), ("four", "five six")]

    assert keep_turns(turns, 5, words) == ((("four", "five six"),), 1)


@given(
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=30), st.integers(0, 99)
)
def test_what_is_kept_is_the_end_of_the_conversation_and_fits(turns, limit):
    kept, dropped = keep_turns(turns, limit, len)

    assert list(kept) == turns[dropped:]
    assert sum(len(question) + len(answer) for question, answer in kept) <= limit
    assert len(kept) <= MAX_TURNS
