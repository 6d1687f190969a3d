import threading

import pytest

from docqa.errors import EngineTimeoutError, EngineUnavailableError
from docqa.services.patience import Patience


class Named:
    name = "sglang"


@pytest.fixture
def now():
    return [100.0]


@pytest.fixture
def patience(now):
    return Patience(clock=lambda: now[0], patience_s=0.01)


def test_an_engine_that_answers_is_asked_every_time(now):
    patience = Patience(patience_s=60)
    answers = iter((1, 2))
    engine = Named()

    said = [patience.ask(engine, "window", lambda: next(answers)) for _ in range(2)]

    assert said == [1, 2]


def test_an_engine_that_cannot_be_reached_is_left_alone_for_a_while(now):
    patience = Patience(clock=lambda: now[0], patience_s=60)
    asked = []

    def silent():
        asked.append(now[0])
        raise EngineUnavailableError("sglang", "nobody listens")

    first, another = Named(), Named()
    for at, engine in ((100.0, first), (105.0, first), (105.5, another), (120.0, another)):
        now[0] = at
        with pytest.raises(EngineUnavailableError):
            patience.ask(engine, "window", silent)

    assert asked == [100.0, 105.5, 120.0]


def test_a_busy_engine_is_asked_once_and_its_last_answer_stands_meanwhile(patience):
    free = threading.Event()
    asked = []
    engine = Named()

    def slow():
        asked.append(1)
        free.wait(60)
        return "new"

    with pytest.raises(EngineTimeoutError, match="has not answered yet"):
        patience.ask(engine, "window", slow)
    with pytest.raises(EngineTimeoutError):
        patience.ask(engine, "window", slow)
    free.set()
    said = ""
    while said != "new":  # its thread may not have ended yet
        try:
            said = patience.ask(engine, "window", slow)
        except EngineTimeoutError:
            continue
    free.clear()
    meanwhile = patience.ask(engine, "window", slow)
    free.set()

    assert meanwhile == "new"
    assert len(asked) == 2
