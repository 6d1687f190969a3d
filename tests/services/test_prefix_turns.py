import threading
from contextlib import ExitStack

import pytest

from docqa.services.prefix_turns import PrefixTurns


def never():
    return False


def entered(turns, prefix, stopped=never):
    """A thread that takes its turn, and what is set once it has it."""
    has = threading.Event()

    def take():
        with turns.turn(prefix, stopped):
            has.set()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread, has


def test_others_wait_until_the_first_answer_begins():
    turns = PrefixTurns()
    with turns.turn("pack", never) as began:
        thread, has = entered(turns, "pack")
        other, elsewhere = entered(turns, "another pack")
        assert elsewhere.wait(5)
        assert not has.is_set()

        began()

        assert has.wait(5)
    thread.join(5)
    other.join(5)


def test_a_prefix_that_was_read_lets_everybody_in():
    turns = PrefixTurns()
    with turns.turn("pack", never) as began:
        began()

    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(turns.turn("pack", never))


def test_after_a_failure_another_one_goes_first():
    turns = PrefixTurns()
    with pytest.raises(ZeroDivisionError), turns.turn("pack", never):
        raise ZeroDivisionError

    with turns.turn("pack", never) as began:
        thread, has = entered(turns, "pack")
        assert not has.is_set()
        began()
        assert has.wait(5)
    thread.join(5)


def test_who_is_to_stop_does_not_wait():
    turns = PrefixTurns()
    with turns.turn("pack", never):
        thread, has = entered(turns, "pack", lambda: True)

        assert has.wait(5)
    thread.join(5)
