import json

import pytest

from docqa.core.answers import Usage
from docqa.core.checklists import Requirement
from docqa.core.judging import schema_for
from docqa.engines.base import PROMPT_TRUNCATED, Delta, Prefix, SamplingParams
from docqa.errors import EngineResponseError
from docqa.services.review_replies import Inquiry, StoppedError, reply_to

ASKED = Requirement("r", "Breaches are notified.")
GOOD = json.dumps({"citations": [], "rationale": "", "verdict": "not_found"})


class Engine:
    """Gives one answer after the other; an error is raised."""

    name = "told"

    def __init__(self, *answers, finish_reason="stop"):
        self._answers = list(answers)
        self._finish_reason = finish_reason
        self.asked = []

    def stream(self, prompt, params):
        self.asked.append((prompt.tail, params.json_schema))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield Delta()
        yield Delta(answer)
        yield Delta(usage=Usage(100, 90, 10), finish_reason=self._finish_reason)


def asked(engine, stopped=lambda: False, began=lambda: None):
    inquiry = Inquiry(
        ASKED,
        Prefix("0" * 64, 3, "none", lambda: iter(())),
        lambda problem: f"<problem: {problem}>",
        SamplingParams(json_schema=schema_for(ASKED)),
    )
    return reply_to(inquiry, engine, stopped, began)


def test_a_good_answer_is_asked_for_once():
    engine = Engine(GOOD)

    reply = asked(engine)

    assert (reply.text, reply.problem, reply.tries) == (GOOD, "", 1)
    assert reply.usage == Usage(100, 90, 10)


def test_a_broken_answer_is_asked_for_again_with_what_was_wrong():
    engine = Engine("The documents say so.", GOOD)

    reply = asked(engine)

    assert (reply.text, reply.problem, reply.tries) == (GOOD, "", 2)
    assert [tail for tail, _ in engine.asked] == [
        "<problem: >",
        "<problem: it is not a JSON object>",
    ]
    assert reply.usage == Usage(200, 180, 20), "of both"


def test_what_is_broken_twice_keeps_its_text_and_the_problem():
    reply = asked(Engine("No.", '{"citations": [4', finish_reason="length"))

    assert reply.text == '{"citations": [4'
    assert reply.problem == "it is not a JSON object (it was cut off)"


def test_an_answer_to_a_prompt_that_the_server_cut_is_none():
    engine = Engine(GOOD, finish_reason=PROMPT_TRUNCATED)

    reply = asked(engine)

    assert "the server cut the prompt" in reply.problem
    assert len(engine.asked) == 1


@pytest.mark.parametrize("status", [400, 422, 501])
def test_a_server_that_takes_no_schema_is_asked_without(status):
    engine = Engine(EngineResponseError("told", "unknown response_format", status), GOOD)

    reply = asked(engine)

    assert (reply.problem, reply.tries, reply.constrained) == ("", 1, False)
    assert [schema is None for _, schema in engine.asked] == [False, True]


def test_a_server_that_refuses_anything_fails():
    refusals = [EngineResponseError("told", "no", 400) for _ in range(2)]

    with pytest.raises(EngineResponseError):
        asked(Engine(*refusals))


def test_another_error_is_not_taken_for_a_refusal_of_the_schema():
    with pytest.raises(EngineResponseError):
        asked(Engine(EngineResponseError("told", "out of luck", 500), GOOD))


def test_it_stops_in_mid_answer():
    with pytest.raises(StoppedError):
        asked(Engine(GOOD), stopped=lambda: True)


def test_the_beginning_of_the_answer_is_told_and_silence_is_not():
    told = []

    asked(Engine(GOOD), began=lambda: told.append(1))

    assert told == [1]
