"""How long reading and writing take: estimates from peaks and one factor each, not measurements."""

from dataclasses import dataclass

from docqa.core.gpus import Gpu
from docqa.core.model_shapes import ModelShape, Precision

PREFILL_EFFICIENCY = 0.45
"""Assumed share of the GPUs' peak rate that a prefill reaches, communication included."""
DECODE_EFFICIENCY = 0.6
"""Assumed share of the memory's bandwidth that decoding reaches."""
STEP_OVERHEAD_S = 0.004
"""Assumed seconds a step takes beside reading: launches, all-reduces, sampling."""
REQUEST_OVERHEAD_S = 0.05
"""Assumed seconds a request takes beside computing: HTTP, scheduling, detokenizing."""
QUESTION_TOKENS = 512
"""Tokens of a question with its tail, as assumed for the first token when warm."""

ASSUMPTIONS = (
    f"prefill reaches {PREFILL_EFFICIENCY:.0%} of the GPUs' peak rate",
    f"decoding reaches {DECODE_EFFICIENCY:.0%} of their memory's bandwidth",
    f"a step takes {STEP_OVERHEAD_S * 1000:.0f} ms and a request {REQUEST_OVERHEAD_S * 1000:.0f} ms"
    f" beside that; a question has {QUESTION_TOKENS} tokens",
)
"""What the estimates rest on; docqa has not measured it on these GPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A model on the GPUs that work on one request, and the times that follow. Estimates all."""

    shape: ModelShape
    gpu: Gpu
    gpus: int
    """GPUs that hold the feed-forward parts."""
    attention_gpus: int
    """GPUs that share one request's attention."""
    weight_precision: Precision
    kv_precision: Precision
    kv_heads_held: int
    """KV heads that those GPUs hold together, repeated ones counted again."""

    def prefill_s(self, tokens: int, cached: int = 0) -> float:
        """Seconds to read `tokens` tokens after `cached` ones that are in the cache.

        The weights cost two operations per active parameter and token. A layer's attention costs
        four operations per query, key and value of its width; a causal query sees half of the new
        tokens and all of the cached ones, so a global layer takes 2 n^2 width over n new tokens,
        and a local layer's query sees half a window on average.
        """
        shape = self.shape
        fp8 = self.weight_precision == "fp8" and self.gpu.fp8_flops > 0
        weight_rate = self.gpus * (self.gpu.fp8_flops if fp8 else self.gpu.bf16_flops)
        weights = 2 * shape.active_parameters * tokens / weight_rate
        keys = tokens / 2 + cached
        local_keys = min(keys, shape.local_window / 2)
        pairs = tokens * (shape.global_layers * keys + shape.local_layers * local_keys)
        # At the bf16 rate also with an fp8 cache: what fp8 attention gains is left out.
        attention = 4 * pairs * shape.attention_width
        seconds = weights + attention / (self.attention_gpus * self.gpu.bf16_flops)
        return seconds / PREFILL_EFFICIENCY

    def warm_first_token_s(self, tokens: int, question: int = QUESTION_TOKENS) -> float:
        """Seconds to the first token of a question over `tokens` cached tokens.

        Reading the question, at least as long as one pass through all weights and the cache.
        """
        read = self._weights_s(self.shape.total_parameters) + self._cache_s(tokens)
        return REQUEST_OVERHEAD_S + STEP_OVERHEAD_S + max(self.prefill_s(question, tokens), read)

    def decode_s_per_token(self, tokens: int) -> float:
        """Seconds per token of an answer over `tokens` tokens, with one question in flight.

        A step reads the active weights, the global layers' cache once and a window of the others.
        """
        return (
            STEP_OVERHEAD_S + self._weights_s(self.shape.active_parameters) + self._cache_s(tokens)
        )

    def _weights_s(self, parameters: int) -> float:
        share = parameters / self.shape.total_parameters
        read = share * self.shape.weights_bytes(self.weight_precision) / self.gpus
        return read / (self.gpu.bandwidth * DECODE_EFFICIENCY)

    def _cache_s(self, tokens: int) -> float:
        shape, precision, heads = self.shape, self.kv_precision, self.kv_heads_held
        near = min(tokens, shape.local_window)
        read = tokens * shape.kv_bytes(precision, shape.global_layers, heads)
        read += near * shape.kv_bytes(precision, shape.local_layers, heads)
        return read / self.attention_gpus / (self.gpu.bandwidth * DECODE_EFFICIENCY)
