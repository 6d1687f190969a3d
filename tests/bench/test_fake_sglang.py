import json
import threading
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.bench.fake.radix_tree import PrefixTree, packed
from docqa.bench.fake.sglang import FakeSGLang
from tests.sglang.conversation import PREFIX, QUESTION, comparable, events, generate, hold, place

RECORDED = Path(__file__).parents[1] / "sglang" / "recorded.json"
KEY = "a-key"
TEXT = {"max_new_tokens": 20, "ignore_eos": False}


@pytest.fixture
def fake():
    with FakeSGLang(api_key=KEY) as server:
        yield server


@pytest.fixture
def client(fake):
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=fake.base_url, headers=headers, timeout=20) as made:
        yield made


def ask(client, ids=QUESTION, **more):
    body = generate(ids, **more)
    body["sampling_params"] |= TEXT
    return client.post("/generate", json=body)


def stream(client, **more):
    body = {**generate(QUESTION, **more), "stream": True}
    body["sampling_params"] |= TEXT
    return client.stream("POST", "/generate", json=body)


def open_root(client, session="s"):
    opening = {"capacity_of_str_len": 100_000, "session_id": session}
    client.post("/open_session", json=opening).raise_for_status()
    asked = generate(PREFIX, max_new_tokens=1, **place("root", session=session))
    client.post("/generate", json=asked).raise_for_status()


def test_it_answers_as_the_real_one_did(fake, client):
    recorded = json.loads(RECORDED.read_text("utf-8"))
    # The answer that is stopped takes its time, as a model does.
    fake.scheduler.before_token = lambda asked, number: (
        number > 1 and asked.aborted.wait(20 * (asked.max_new_tokens == 400))
    )

    heard = [comparable(each) for each in hold(client, 8_192)]

    assert [each["step"] for each in heard] == [each["step"] for each in recorded]
    for mine, real in zip(heard, recorded, strict=True):
        assert mine == real


def test_an_answer_is_scripted_by_what_was_asked(fake, client):
    fake.scheduler.answer = lambda asked: f"{asked.prompt_tokens} of them, {asked.cached_tokens}"

    first, second = ask(client).json(), ask(client).json()

    assert first["text"] == "5 of them, 0"
    assert second["text"] == "5 of them, 4"
    assert second["meta_info"]["finish_reason"]["type"] == "stop"


def test_requests_are_kept_with_their_size(fake, client):
    open_root(client)
    ask(client, **place("q1", "root"))

    opened, root, question = fake.requests

    assert opened.path == "/open_session"
    assert (root.id_count, question.id_count) == (600, 5)
    assert question.ids == QUESTION
    assert question.byte_count < 300 < root.byte_count
    assert question.body["session_params"]["rid"] == "root"


def test_a_restart_loses_sessions_and_the_cache(fake, client):
    open_root(client)

    fake.restart()

    assert fake.sessions == ()
    assert ask(client, **place("q1", "root")).status_code == 400
    assert ask(client, PREFIX).json()["meta_info"]["cached_tokens"] == 0


def test_without_native_paths_only_chat_is_left(fake, client):
    fake.native = False

    assert client.post("/open_session", json={"session_id": "s"}).status_code == 404
    assert ask(client).status_code == 404
    assert client.get("/v1/models").status_code == 200


def test_while_it_loads_all_is_unavailable(fake, client):
    fake.loading = True

    assert client.get("/health").status_code == 503
    assert ask(client).status_code == 503


def test_a_connection_can_be_cut_in_the_middle_of_an_answer(fake, client):
    fake.die_after_tokens = 2
    heard = []

    with pytest.raises(httpx.RemoteProtocolError), stream(client) as answer:  # noqa: PT012
        for event in events(answer):
            heard.append(event["text"])

    assert heard == ["The", "The sea"]


def test_a_stream_that_is_stopped_ends_with_the_reason(fake, client):
    fake.scheduler.before_token = lambda asked, number: number < 2 or asked.aborted.wait(20)

    with stream(client, **{"rid": "mine"}) as answer:
        coming = events(answer)
        assert [next(coming)["text"], next(coming)["text"]] == ["The", "The sea"]
        client.post("/abort_request", json={"rid": "mine"})
        *_, last, done = coming

    assert last["meta_info"]["finish_reason"]["type"] == "abort"
    assert done == "[DONE]"
    assert fake.aborted == ["mine"]


def test_a_branch_of_a_running_request_is_refused(fake, client):
    open_root(client)
    started, go_on = threading.Event(), threading.Event()

    def wait(asked, number):
        if asked.rid == "slow":
            started.set()
            go_on.wait(20)

    fake.scheduler.before_token = wait
    slow = threading.Thread(target=ask, args=(client,), kwargs=place("slow", "root"))
    slow.start()
    started.wait(20)

    refused = ask(client, **place("q2", "slow"))
    twice = ask(client, **place("slow", "root"))
    go_on.set()
    slow.join()

    assert "hasn't finished" in refused.json()["error"]["message"]
    assert twice.json()["error"]["message"] == "Duplicate request ID detected: slow"
    assert ask(client, **place("q3", "slow")).status_code == 200


def test_more_than_fits_the_cache_pushes_the_rest_out():
    with FakeSGLang(max_total_tokens=1_000) as fake, httpx.Client(base_url=fake.base_url) as client:
        ask(client, PREFIX)
        ask(client, [number + 1 for number in PREFIX])
        again = ask(client, PREFIX)
        too_much = ask(client, [5] * 1_100)

    assert again.json()["meta_info"]["cached_tokens"] == 0
    assert "exceeds the maximum allowed length (994 tokens)" in too_much.text


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8), min_size=2, max_size=8))
def test_what_is_matched_is_the_longest_common_beginning(sequences):
    tree = PrefixTree()
    *before, last = sequences
    for each in before:
        tree.insert(packed(each))

    matched = tree.matched(packed(last))

    def shared(other):
        return next(
            (at for at, (one, two) in enumerate(zip(last, other, strict=False)) if one != two),
            min(len(last), len(other)),
        )

    assert matched == max(map(shared, before))
    assert tree.token_count == len(
        {tuple(each[:n]) for each in before for n in range(1, 1 + len(each))}
    )
