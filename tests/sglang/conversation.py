"""What docqa says to an SGLang server, in a fixed order; what comes back, made comparable.

`record.py` runs it against the real server and keeps the answers in `recorded.json`;
`tests/bench/test_fake_sglang.py` runs it against `FakeSGLang` and compares. Only ids, texts and
times that no two runs share are left out.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

import httpx

from docqa.core.json_regex import regex_for

PREFIX = [1_000 + number % 500 for number in range(600)]
APPENDED = [2_000 + number % 150 for number in range(200)]
QUESTION = [3_001, 3_002, 3_003, 3_004, 3_005]
OTHER_QUESTION = [4_001, 4_002, 4_003]
SCHEMA = {
    "type": "object",
    "properties": {"yes": {"type": "boolean"}},
    "required": ["yes"],
    "additionalProperties": False,
}
CHAT = {
    "model": "m",
    "messages": [{"role": "user", "content": "Say something about the sea. " * 20}],
    "max_tokens": 3,
    "temperature": 0,
    "ignore_eos": True,
}
SERVER_INFO = (
    *("context_length", "kv_cache_dtype", "max_req_input_len", "max_total_num_tokens"),
    *("model_path", "random_seed", "served_model_name", "status", "version"),
)
"""The few of its 600 fields that docqa reads, beside `internal_states[].memory_usage`."""
LOADS = ("max_total_num_tokens", "num_running_reqs", "num_used_tokens")
AGREED = frozenset(
    (
        *("prompt_tokens", "cached_tokens", "completion_tokens", "finish_reason", "type", "length"),
        *("code", "status_code", "err_type", "message", "object", "role", "context_length"),
        *("max_total_num_tokens", "max_req_input_len", "max_model_len", "keys", "device", "host"),
        *("start", "end", "status", "token_capacity"),
    )
)


@dataclass(frozen=True)
class Heard:
    """One answer: its status and body (a list of events for a stream)."""

    step: str
    status: int
    body: object


def hold(client: httpx.Client, context_length: int) -> list[Heard]:
    """Say it all, over a client that sends the key; the cache is flushed first."""
    return [
        *_facts(client),
        *_without_a_session(client),
        *_in_a_session(client),
        *_refused(client, context_length),
        *_forgotten(client),
        *_chat(client),
    ]


def _facts(client: httpx.Client) -> Iterator[Heard]:
    yield _heard("health", client.get("/health"))
    another = {"Authorization": "Bearer another"}
    yield _heard("wrong key", client.get("/v1/models", headers=another))
    yield _heard("models", client.get("/v1/models"))
    answer = client.get("/model_info")
    facts = answer.json()
    facts.pop("embedding", None)
    yield Heard("model info", answer.status_code, facts)
    answer = client.get("/server_info")
    told = answer.json()
    usage = {"memory_usage": told["internal_states"][0]["memory_usage"]}
    facts = {key: told[key] for key in SERVER_INFO} | {"internal_states": [usage]}
    yield Heard("server info", answer.status_code, facts)
    answer = client.get("/v1/loads")
    kept = {key: answer.json()["loads"][0][key] for key in LOADS}
    yield Heard("loads", answer.status_code, kept)
    yield _heard("no such path", client.get("/no-such-path"))
    yield _heard("not JSON", client.post("/generate", content=b"{"))
    yield _heard("nothing to read", client.post("/generate", json={"sampling_params": {}}))
    yield _heard("tokenize", client.post("/v1/tokenize", json={"model": "m", "prompt": "a b"}))
    yield _heard("abort what is not there", client.post("/abort_request", json={"rid": "never"}))


def _without_a_session(client: httpx.Client) -> Iterator[Heard]:
    client.post("/flush_cache").raise_for_status()
    yield _asked(client, "plain, cold", PREFIX[:300])
    yield _asked(client, "plain, again", PREFIX[:300])
    yield _asked(client, "another salt", PREFIX[:300], cache_salt="another")
    yield _asked(client, "another salt, again", PREFIX[:300], cache_salt="another")
    yield _heard("flush", client.post("/flush_cache"))
    yield _asked(client, "plain, after the flush", PREFIX[:300])
    client.post("/flush_cache").raise_for_status()


def _in_a_session(client: httpx.Client) -> Iterator[Heard]:
    opening = {"capacity_of_str_len": 100_000, "session_id": "s"}
    yield _heard("open", client.post("/open_session", json=opening))
    yield _heard("open again", client.post("/open_session", json=opening))
    yield _asked(client, "root", PREFIX, max_new_tokens=1, **place("root"))
    yield _asked(client, "branch", QUESTION, max_new_tokens=3, **place("q1", "root"))
    yield _asked(client, "another branch", OTHER_QUESTION, **place("q2", "root"))
    third = place("q3", "root")
    yield _streamed(client, "streamed branch", QUESTION, max_new_tokens=8, **third)
    yield _asked(client, "append", APPENDED, max_new_tokens=1, **place("root2", "root"))
    yield _asked(client, "branch of the new root", QUESTION, **place("q4", "root2"))
    yield _asked(client, "branch of the old root", OTHER_QUESTION, **place("q5", "root"))
    schema = {"json_schema": json.dumps(SCHEMA)}
    yield _constrained(client, "schema", schema, place("q6", "root"))
    yield _stopped(client, "stopped", place("q7", "root"))
    yield _constrained(client, "regex", {"regex": regex_for(SCHEMA)}, place("q17", "root"))


def _refused(client: httpx.Client, context_length: int) -> Iterator[Heard]:
    beyond, together = [5] * (context_length + 1), [5] * (context_length - 300)
    yield _asked(client, "no such parent", QUESTION, **place("q8", "never"))
    yield _streamed(client, "no such parent, streamed", QUESTION, **place("q9", "never"))
    nowhere = place("q10", "root", session="never")
    yield _asked(client, "no such session", QUESTION, **nowhere)
    yield _streamed(client, "no such session, streamed", QUESTION, **nowhere)
    yield _asked(client, "too long", beyond)
    yield _streamed(client, "too long, streamed", beyond)
    yield _asked(client, "too long together", together, **place("q11", "root"))
    yield _streamed(client, "too long together, streamed", together, **place("q12", "root"))
    yield _asked(client, "too much asked for", PREFIX[:10], max_new_tokens=context_length)


def _forgotten(client: httpx.Client) -> Iterator[Heard]:
    yield _asked(client, "replace", OTHER_QUESTION, **place("q13", "root", replace=True))
    yield _asked(client, "forgotten branch", QUESTION, **place("q14", "root2"))
    yield _asked(client, "root after that", QUESTION, **place("q15", "root"))
    closing_it = {"session_id": "s"}
    yield _heard("close", client.post("/close_session", json=closing_it))
    yield _heard("close again", client.post("/close_session", json=closing_it))
    yield _asked(client, "closed session", QUESTION, **place("q16", "root"))


def _chat(client: httpx.Client) -> Iterator[Heard]:
    path = "/v1/chat/completions"
    yield _heard("chat", client.post(path, json=CHAT))
    yield _heard("chat again", client.post(path, json=CHAT))
    long = {**CHAT, "messages": [{"role": "user", "content": "sea " * 9_000}]}
    for step, more in (("chat too long", {}), ("streamed chat too long", {"stream": True})):
        answer = client.post(path, json=long | more)
        yield Heard(
            step, answer.status_code, json.loads(re.sub(r"\d+ tokens", "N tokens", answer.text))
        )
    streamed = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
    with client.stream("POST", path, json=streamed) as answer:
        yield Heard("streamed chat", answer.status_code, list(events(answer)))


def generate(ids: list[int], *, max_new_tokens: int = 2, **more: object) -> dict[str, object]:
    """The body of a `/generate` request that decodes greedily to exactly so many tokens."""
    sampling = {"temperature": 0, "max_new_tokens": max_new_tokens, "ignore_eos": True}
    return {"input_ids": ids, "sampling_params": sampling, **more}


def place(rid: str, parent: str = "", *, session: str = "s", **more: object) -> dict[str, object]:
    """The fields that put a request into a session, below a parent if one is named."""
    params: dict[str, object] = {"id": session, **more}
    if parent:
        params |= {"rid": parent, "drop_previous_output": True}
    return {"rid": rid, "session_params": params}


def events(answer: httpx.Response) -> Iterator[object]:
    """The events of a stream; the last word, `[DONE]`, as it is."""
    for line in answer.iter_lines():
        if line.startswith("data: "):
            data = line.removeprefix("data: ")
            yield data if data == "[DONE]" else json.loads(data)


def _heard(step: str, answer: httpx.Response) -> Heard:
    try:
        return Heard(step, answer.status_code, answer.json())
    except ValueError:
        return Heard(step, answer.status_code, answer.text)


def _asked(client: httpx.Client, step: str, ids: list[int], **more: object) -> Heard:
    return _heard(step, client.post("/generate", json=generate(ids, **more)))


def _streamed(client: httpx.Client, step: str, ids: list[int], **more: object) -> Heard:
    asked = {**generate(ids, **more), "stream": True}
    with client.stream("POST", "/generate", json=asked) as answer:
        return Heard(step, answer.status_code, list(events(answer)))


def _stopped(client: httpx.Client, step: str, where: dict[str, object]) -> Heard:
    """Abort a stream after its first event: the reason that its last one gives."""
    asked = {**generate(QUESTION, max_new_tokens=400, **where), "stream": True}
    with (
        client.stream("POST", "/generate", json=asked) as answer,
        closing(events(answer)) as coming,
    ):
        next(coming)
        client.post("/abort_request", json={"rid": where["rid"]}).raise_for_status()
        last = [event for event in coming if event != "[DONE]"][-1]
    reason = last["meta_info"]["finish_reason"]
    return Heard(step, answer.status_code, {"finish_reason": reason})


def _constrained(
    client: httpx.Client, step: str, grammar: dict[str, object], where: dict[str, object]
) -> Heard:
    """Ask for an object of a schema; how many tokens it takes is the model's affair."""
    sampling = {"temperature": 0, "max_new_tokens": 24, **grammar}
    asked = {"input_ids": QUESTION, "sampling_params": sampling, **where}
    answer = client.post("/generate", json=asked)
    body = answer.json()
    counts = {key: body["meta_info"][key] for key in ("prompt_tokens", "cached_tokens")}
    return Heard(step, answer.status_code, {"keys": list(json.loads(body["text"])), **counts})


def comparable(heard: Heard) -> dict[str, object]:
    """An answer as two servers must agree on it: counts, reasons and words of errors stay."""
    return {"step": heard.step, "status": heard.status, "body": _shape(heard.body)}


def _shape(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return {key: _shape(each, key) for key, each in sorted(value.items())} | _usage(value)
    if isinstance(value, list) and name in ("output_ids", "tokens"):
        return "<ids>"
    if isinstance(value, list):
        return [_shape(each, name) for each in value] if name else _stream(value)
    if name in AGREED and not (isinstance(value, str) and "\n" in value):
        return value
    return f"<{type(value).__name__}>"


def _stream(told: list[object]) -> list[object]:
    """The shapes of a stream's events: how many tokens come in one event is up to the machine."""
    shapes = [_shape(_unfinished(event)) for event in told]
    return [shape for shape, _ in groupby(shapes)]


def _unfinished(event: object) -> object:
    meta = event.get("meta_info") if isinstance(event, dict) else None
    if meta is None or meta["finish_reason"]:
        return event
    kept = {key: value for key, value in meta.items() if key != "response_sent_to_client_ts"}
    return {**event, "meta_info": {**kept, "completion_tokens": "some"}}


def _usage(value: dict[str, object]) -> dict[str, object]:
    """A chat's prompt has as many tokens as the vocabulary makes of it."""
    details = value.get("prompt_tokens_details")
    if not isinstance(details, dict):
        return {}
    uncached = value["prompt_tokens"] - details["cached_tokens"]
    whole = {"prompt_tokens": "<int>", "total_tokens": "<int>"}
    return {**whole, "prompt_tokens_details": "all but one" if uncached == 1 else "none cached"}
