"""Many questions at once over one pack, of several conversations, some of which fail."""

import threading

import pytest

from docqa.core.answers import Usage
from docqa.engines.base import Delta
from docqa.errors import EngineResponseError
from tests.services.keeping import KeepingEngine
from tests.services.parts import workspace

MANY = 32


class TogetherEngine(KeepingEngine):
    """Answers when as many questions are in flight as were announced; every fourth one dies."""

    def __init__(self, app, together: int) -> None:
        super().__init__(app)
        self.together = threading.Barrier(together)

    def stream(self, prompt, params):
        self.together.wait(60)
        yield Delta("Backups are kept for ")
        if "number 3" in prompt.tail:
            raise EngineResponseError("sglang", "died in mid-answer")
        yield Delta("35 days.")
        yield Delta(usage=Usage(1_000, 990, 5), finish_reason="stop")


def submitted(app, count, workspace_id):
    """Questions of as many conversations; every fourth is about number 3."""
    return [
        app.answering.submit(
            app.conversations.create(workspace_id).id, f"Is it number {number % 4}?"
        )
        for number in range(count)
    ]


@pytest.fixture
def sglang(open_app, home):
    return open_app(home, engine="sglang", model="scout")


def test_as_many_questions_are_in_flight_as_the_setting_allows(sglang):
    TogetherEngine(sglang, MANY)
    sglang.start()

    answers = [sglang.answering.wait(n) for n in submitted(sglang, MANY, workspace(sglang))]

    failed = [answer for answer in answers if answer.status == "failed"]
    assert len(failed) == MANY // 4
    assert {answer.question for answer in failed} == {"Is it number 3?"}
    assert {answer.error for answer in failed} == {"sglang: died in mid-answer"}
    assert all(answer.usage.cached_tokens == 990 for answer in answers if answer not in failed)


def test_no_more_questions_are_in_flight_than_the_setting_allows(open_app, home):
    app = open_app(home, engine="sglang", model="scout", questions_at_once=2)
    in_flight, most = [], []
    lock = threading.Lock()

    class Counting(KeepingEngine):
        def stream(self, prompt, params):
            with lock:
                in_flight.append(1)
                most.append(len(in_flight))
            yield Delta("Some.")
            with lock:
                in_flight.pop()
            yield Delta(usage=Usage(1_000, 990, 5), finish_reason="stop")

    Counting(app)
    app.start()

    for number in submitted(app, 12, workspace(app)):
        assert app.answering.wait(number).usage.prompt_tokens == 1_000

    assert max(most) <= 2


def test_a_workspace_with_many_questions_does_not_hold_up_another(open_app, home):
    app = open_app(home, engine="sglang", model="scout", questions_at_once=1)
    order = []
    begin = threading.Event()

    class Ordered(KeepingEngine):
        def stream(self, prompt, params):
            begin.wait(60)
            order.append(prompt.prefix.family)
            yield Delta("Some.")
            yield Delta(usage=Usage(1_000, 990, 5), finish_reason="stop")

    Ordered(app)
    other = app.workspaces.create("other").id
    app.jobs.wait(
        app.ingestion.submit_paths(other, [app.library.original(1)]),
    )
    app.start()
    busy = submitted(app, 6, workspace(app))
    quiet = submitted(app, 1, other)
    begin.set()
    for number in (*busy, *quiet):
        app.answering.wait(number)

    assert order.index(str(app.library.pack(other).id)) <= 2
