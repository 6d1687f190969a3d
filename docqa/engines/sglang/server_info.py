"""What an SGLang server tells of itself."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_ADDRESS = "http://127.0.0.1:30000"
"""Where SGLang listens unless it is told otherwise."""
_SECRET = ("api_key", "admin_api_key", "launch_command", "internal_states")
"""Facts in which a server tells its keys."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The part of `/server_info` and `/model_info` that docqa uses."""

    version: str
    model: str
    """The name it is served under."""
    model_path: str
    architecture: str
    context_length: int
    """Tokens of one request, prompt and answer."""
    max_total_tokens: int
    """Tokens that the KV memory holds, over all requests."""
    kv_cache_dtype: str
    kv_bytes: int | None
    """Bytes of the KV pool, None where the server does not tell."""
    identity: str
    """Changes whenever the server is started anew."""
    used_tokens: int | None = None
    incremental: bool = False
    """Whether streamed texts are pieces; usually each is the whole text so far."""
    ranks: int = 1
    """Data-parallel ranks: each has a cache and sessions of its own."""
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def window(self) -> int:
        """Tokens that one request can have: the context length, as far as the KV memory goes."""
        sizes = [size for size in (self.context_length, self.max_total_tokens) if size > 0]
        return min(sizes, default=0)

    def rank_of(self, family: str) -> int | None:
        """The rank that holds the prefixes of this family; None where there is one rank only."""
        return zlib.crc32(family.encode()) % self.ranks if self.ranks > 1 else None

    @property
    def kv_bytes_per_token(self) -> float | None:
        """Bytes of KV that a token takes, as the server divides its memory."""
        if self.kv_bytes is None or not self.max_total_tokens:
            return None
        return self.kv_bytes / self.max_total_tokens


def parse_server_info(
    server: Mapping[str, Any], model: Mapping[str, Any], loads: Mapping[str, Any] | None = None
) -> ServerInfo:
    """What the answers (and that of `/v1/loads`) say. Nothing in them is sure to be there."""
    states = server.get("internal_states")
    state = states[0] if isinstance(states, list) and states else {}
    memory = state.get("memory_usage") if isinstance(state, dict) else None
    kv_gib = memory.get("kvcache") if isinstance(memory, dict) else None
    architectures = model.get("architectures")
    started = {key: server.get(key) for key in ("startup_time", "random_seed", "port")}
    return ServerInfo(
        version=_text(server.get("version")),
        model=_text(server.get("served_model_name") or model.get("served_model_name")),
        model_path=_text(model.get("model_path") or server.get("model_path")),
        architecture=_text(architectures[0]) if isinstance(architectures, list) else "",
        context_length=_number(server.get("context_length")),
        max_total_tokens=_number(server.get("max_total_num_tokens")),
        kv_cache_dtype=_text(server.get("kv_cache_dtype")),
        # SGLang says GB and means 2**30 bytes (`GB` in `memory_pool.py`).
        kv_bytes=round(kv_gib * 2**30) if isinstance(kv_gib, int | float) else None,
        identity=hashlib.sha256(json.dumps(started, sort_keys=True).encode()).hexdigest()[:16],
        used_tokens=_used(loads or {}),
        incremental=bool(server.get("incremental_streaming_output")),
        ranks=max(_number(server.get("dp_size")), _number(server.get("attn_dp_size")), 1),
        facts={name: value for name, value in server.items() if name not in _SECRET}
        | {"memory_usage": dict(memory) if isinstance(memory, dict) else {}},
    )


def _used(loads: Mapping[str, Any]) -> int | None:
    entries = loads.get("loads")
    if not isinstance(entries, list) or not entries or not isinstance(entries[0], dict):
        return None
    used = entries[0].get("num_used_tokens")
    return used if isinstance(used, int) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
