"""The JSON that SGLang 0.5.23 answers with, as `tests/sglang/recorded.json` has it."""

import time
from collections.abc import Mapping
from typing import Any

from docqa.bench.fake.scheduler import Asked, Scheduler, Token

VERSION = "0.5.23"
_WEIGHTS = "default"


def generated(asked: Asked, token: Token, *, streamed: bool) -> dict[str, object]:
    """The answer of `/generate`, or an event of its stream: all text so far."""
    done = token.finish_reason is not None
    details = {"device": asked.cached_tokens, "host": 0} if asked.cached_tokens else None
    meta: dict[str, object] = {
        "id": asked.rid,
        "finish_reason": token.finish_reason,
        "prompt_tokens": asked.prompt_tokens,
        "weight_version": _WEIGHTS,
        "num_retractions": 0,
        "reasoning_tokens": 0,
        "completion_tokens": len(token.ids),
        "cached_tokens": asked.cached_tokens,
        "cached_tokens_details": details,
        "dp_rank": None,
    }
    if done:
        meta |= {"weight_versions": _weights(len(token.ids)), "e2e_latency": 0.001}
    if not (done and streamed):
        meta["response_sent_to_client_ts"] = time.time()
    return {"text": token.text, "output_ids": list(token.ids), "meta_info": meta}


def refused_in_stream(rid: str, message: str) -> dict[str, object]:
    """The only event of a stream that the scheduler refuses: nonsense, and why."""
    reason = {
        "type": "abort",
        "message": message,
        "status_code": 400,
        "err_type": "BadRequestError",
    }
    asked = Asked("/generate", rid, b"\0" * 4, 0, 1, False, "")
    body = generated(asked, Token((29,), "-", reason), streamed=True)
    assert isinstance(body["meta_info"], dict)
    body["meta_info"]["response_sent_to_client_ts"] = time.time()
    return body


def refused_before_streaming(message: str) -> dict[str, object]:
    """The only event of a stream that is refused before the scheduler sees it."""
    facts = {"type": "invalid_request_error", "code": 400, "retryable": False}
    return {"error": {"message": message, **facts}}


def refused_chat(message: str) -> dict[str, object]:
    """The answer of `/v1/chat/completions` with status 400."""
    facts = {"type": "BadRequestError", "param": None, "code": 400}
    return {"object": "error", "message": message, **facts}


def chat(model: str, asked: Asked, token: Token) -> dict[str, object]:
    """The answer of `/v1/chat/completions`."""
    message = {"role": "assistant", "content": token.text, "reasoning_content": None}
    return {
        **_chat_head("chat.completion", model, asked),
        "choices": [{"index": 0, "message": message, "logprobs": None, **_ended(token)}],
        "usage": _usage(asked, token),
        "metadata": {
            "weight_version": _WEIGHTS,
            "weight_versions": _weights(len(token.ids)),
        },
    }


def chat_chunk(
    model: str, asked: Asked, delta: Mapping[str, object], token: Token
) -> dict[str, object]:
    """An event of a streamed chat."""
    shown = {"reasoning_content": None, **delta}
    choice = {"index": 0, "delta": shown, "logprobs": None, **_ended(token)}
    return {**_chat_head("chat.completion.chunk", model, asked), "choices": [choice]}


def chat_usage(model: str, asked: Asked, token: Token) -> dict[str, object]:
    """The last event of a streamed chat, when the usage was asked for."""
    head = _chat_head("chat.completion.chunk", model, asked)
    return {**head, "choices": [], "usage": _usage(asked, token)}


def models(model: str, context_length: int) -> dict[str, object]:
    """The answer of `/v1/models`."""
    card = {
        "id": model,
        "object": "model",
        "created": int(time.time()),
        "owned_by": "sglang",
        "root": model,
        "parent": None,
        "max_model_len": context_length,
    }
    return {"object": "list", "data": [card]}


def model_info(model: str, model_path: str) -> dict[str, object]:
    """The answer of `/model_info`."""
    return {
        "model_path": model_path,
        "served_model_name": model,
        "tokenizer_path": model_path,
        "is_generation": True,
        "preferred_sampling_params": None,
        "weight_version": _WEIGHTS,
        "load_format": "auto",
        "reasoning_parser": None,
        "tool_call_parser": None,
        "disaggregation_mode": "null",
        "has_image_understanding": False,
        "has_audio_understanding": False,
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
    }


def loads(used_tokens: int, max_total_tokens: int, running: int) -> dict[str, object]:
    """The answer of `/v1/loads`, as far as docqa reads it."""
    load = {
        "num_running_reqs": running,
        "num_used_tokens": used_tokens,
        "max_total_num_tokens": max_total_tokens,
    }
    return {"version": VERSION, "loads": [load]}


def server_info(model: str, model_path: str, scheduler: Scheduler, start: int) -> dict[str, object]:
    """The answer of `/server_info`, without 590 fields of it; `start` counts the restarts."""
    max_total_tokens = scheduler.max_total_tokens
    graphs = ("prefill", "decode", "target_verify", "draft_prefill", "draft_decode", "draft_extend")
    usage = {
        "weight": 0.474,
        "kvcache": max_total_tokens * 46_080 / 2**30,
        "startup_available": 14.8,
        "token_capacity": max_total_tokens,
        "token_capacity_swa": None,
        "graph": dict.fromkeys(graphs, 0.0),
    }
    return {
        "model_path": model_path,
        "served_model_name": model,
        "context_length": scheduler.context_length,
        "kv_cache_dtype": "auto",
        "dtype": "float32",
        "tp_size": 1,
        "page_size": 1,
        "status": "ready",
        "max_total_num_tokens": max_total_tokens,
        "max_req_input_len": scheduler.longest_input,
        "random_seed": start,
        "startup_time": {"load_weight": 0.5 + start},
        "internal_states": [{"memory_usage": usage}],
        "version": VERSION,
    }


def _chat_head(kind: str, model: str, asked: Asked) -> dict[str, object]:
    return {"id": asked.rid, "object": kind, "created": int(time.time()), "model": model}


def _ended(token: Token) -> dict[str, object]:
    reason = (token.finish_reason or {}).get("type")
    return {"finish_reason": reason, "matched_stop": None}


def _usage(asked: Asked, token: Token) -> dict[str, Any]:
    return {
        "prompt_tokens": asked.prompt_tokens,
        "total_tokens": asked.prompt_tokens + len(token.ids),
        "completion_tokens": len(token.ids),
        "prompt_tokens_details": {"cached_tokens": asked.cached_tokens},
        "reasoning_tokens": 0,
        "completion_tokens_details": None,
    }


def _weights(tokens: int) -> list[dict[str, object]]:
    return [{"version": _WEIGHTS, "start": 0, "end": tokens}]
