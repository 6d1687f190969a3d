"""What was planned beside what a running server reports."""

from dataclasses import dataclass

from docqa.core.capacity import Plan
from docqa.core.model_shapes import ModelShape, Precision
from docqa.engines.sglang.server_info import ServerInfo


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure, planned and reported."""

    what: str
    planned: float
    reported: float

    @property
    def ratio(self) -> float | None:
        """Reported over planned."""
        return self.reported / self.planned if self.planned else None


def compare(
    shape: ModelShape, info: ServerInfo, plan: Plan | None = None
) -> tuple[Comparison, ...]:
    """Planned beside reported, for the model that the server runs.

    `plan` is one for the server's own GPUs, where there is one.
    """
    rows = []
    each = _bytes_per_token(shape, info)
    if info.kv_bytes is not None and info.max_total_tokens:
        reported = info.kv_bytes / info.max_total_tokens
        rows.append(Comparison("KV bytes per token on a GPU", each, reported))
        expected = plan.max_tokens if plan else info.kv_bytes / each
        rows.append(Comparison("tokens in KV memory", expected, info.max_total_tokens))
    if plan and info.context_length:
        rows.append(Comparison("window in tokens", plan.context_length, info.context_length))
    return tuple(rows)


def _bytes_per_token(shape: ModelShape, info: ServerInfo) -> float:
    """KV bytes of a token on each GPU, with the server's own parallelism and local pool."""
    precision = _kv_precision(info)
    groups = _whole(info.facts.get("attn_dp_size"))
    heads = max(1, shape.kv_heads * groups // _whole(info.facts.get("tp_size")))
    local_tokens = info.facts.get("memory_usage", {}).get("token_capacity_swa")
    if not shape.hybrid_pool or not isinstance(local_tokens, int):
        return shape.kv_bytes(precision, shape.layers, heads)
    local = shape.kv_bytes(precision, shape.local_layers, heads)
    ratio = local_tokens / info.max_total_tokens if info.max_total_tokens else 0
    return shape.kv_bytes(precision, shape.global_layers, heads) + ratio * local


def _kv_precision(info: ServerInfo) -> Precision:
    stored = info.kv_cache_dtype
    if stored in {"", "auto"}:
        stored = str(info.facts.get("dtype") or "")
    if "fp8" in stored:
        return "fp8"
    return "fp32" if stored in {"float32", "float"} else "bf16"


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 1
