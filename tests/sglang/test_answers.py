"""The record that the unit tests' fake is checked against is still what SGLang says."""

import json

from tests.sglang.conversation import comparable, hold
from tests.sglang.record import RECORDED
from tests.sglang.server import CONTEXT_LENGTH


def test_the_server_answers_as_recorded(server):
    recorded = json.loads(RECORDED.read_text("utf-8"))

    with server.client() as client:
        heard = [comparable(each) for each in hold(client, CONTEXT_LENGTH)]

    assert [each["step"] for each in heard] == [each["step"] for each in recorded]
    for now, then in zip(heard, recorded, strict=True):
        assert now == then
