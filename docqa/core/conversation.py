"""A conversation's history is bounded: the latest turns that fit stay, the others are counted."""

from collections.abc import Callable, Sequence

MAX_TURNS = 12
"""Questions that may be repeated; older ones seldom matter and dilute the question at hand."""


def keep_turns(
    turns: Sequence[tuple[str, str]], limit: int, count: Callable[[str], int]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """The latest (question, answer) pairs that have at most `limit` tokens, and how many do not.

    What is kept is contiguous: a turn is never left out between two that stay.
    """
    kept: list[tuple[str, str]] = []
    left = limit
    for question, answer in reversed(turns[-MAX_TURNS:]):
        left -= count(question) + count(answer)
        if left < 0:
            break
        kept.append((question, answer))
    return tuple(reversed(kept)), len(turns) - len(kept)
