"""The server behind an engine: what it says of itself, and the other ways to ask it."""

from dataclasses import dataclass, field
from typing import Any

from docqa.bench.prefix.measure import Comparison
from docqa.engines.base import Engine
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.engines.sglang.engine import SGLangEngine
from docqa.engines.sglang.native import NativeClient
from docqa.errors import EngineResponseError

FLUSH_WAIT_S = 60
"""Seconds that a server may take until nothing runs any more and its cache can be emptied."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """An engine's server; both empty if it runs in this process."""

    address: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    """What an SGLang server tells: version, sizes of its window and its KV memory."""


def over_chat(engine: Engine) -> OpenAICompatibleEngine | None:
    """The engine's server over `/v1`; None if the engine runs in this process."""
    if isinstance(engine, OpenAICompatibleEngine):
        return engine
    return engine.over_chat if isinstance(engine, SGLangEngine) else None


def server_facts(engine: Engine) -> ServerFacts:
    """Where an engine's server is and what it tells of itself.

    Raises:
        EngineError: If it cannot be reached or refuses.
    """
    chat = over_chat(engine)
    if chat is None:
        return ServerFacts()
    client = chat.client
    info = NativeClient(engine.name, client).server_info()
    if info is None:
        return ServerFacts(client.root_url)
    told = {
        "SGLang": info.version,
        "architecture": info.architecture,
        "context length": info.context_length,
        "KV tokens": info.max_total_tokens,
        "KV type": info.kv_cache_dtype,
        "KV bytes": info.kv_bytes,
    }
    return ServerFacts(client.root_url, {key: value for key, value in told.items() if value})


def comparison_of(engine: Engine) -> Comparison:
    """The other ways to ask this engine's server, as far as there are any.

    Raises:
        EngineError: If it cannot be reached or refuses.
    """
    chat = over_chat(engine)
    if chat is None:
        reason = "the engine runs in docqa's process"
        return Comparison(chat_skipped=reason, flush_skipped=reason)
    client = chat.client
    flushes = NativeClient(engine.name, client).server_info() is not None

    def flush() -> None:
        status, _ = client.request("POST", f"{client.root_url}/flush_cache?timeout={FLUSH_WAIT_S}")
        if status != 200:
            raise EngineResponseError(engine.name, f"did not empty its cache (HTTP {status})")

    return Comparison(
        chat=None if chat is engine else chat,
        chat_skipped="the engine sends chat messages itself" if chat is engine else "",
        flush=flush if flushes else None,
        flush_skipped="" if flushes else "the server has no way to empty its prefix cache",
    )
