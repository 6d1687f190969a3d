"""The shape of a decoder: what its `config.json` says about the size of weights and KV cache."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from docqa.errors import UnsizableModelError

Precision = Literal["fp32", "bf16", "fp8", "int4"]
BYTES: Mapping[Precision, float] = {"fp32": 4, "bf16": 2, "fp8": 1, "int4": 0.53}
"""Bytes a value takes. Four bits come with a 16-bit scale and zero for every group of 128."""

HYBRID_ARCHITECTURE = "Llama4ForConditionalGeneration"
"""The Llama 4 architecture whose local layers SGLang 0.5.23 gives a small pool of their own.

`is_hybrid_swa_model` in `srt/configs/model_config.py`; `Llama4ForCausalLM` is not in its list, and
keeps every layer's KV of every token.
"""

_LLAMA4_DEFAULTS: Mapping[str, Any] = {
    "num_hidden_layers": 48,
    "hidden_size": 5_120,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 202_048,
    "intermediate_size": 8_192,
    "intermediate_size_mlp": 16_384,
    "num_local_experts": 16,
    "num_experts_per_tok": 1,
    "interleave_moe_layer_step": 1,
    "attention_chunk_size": 8_192,
    "max_position_embeddings": 131_072,
    "tie_word_embeddings": False,
}
"""The defaults of `transformers`' `Llama4TextConfig`, which a `config.json` may leave out."""

_NEEDED = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")
_OTHER_CACHES = (
    ("kv_lora_rank", "it keeps latent attention (MLA) instead of keys and values"),
    ("ssm_state_size", "it has state-space layers"),
    ("mamba_d_state", "it has state-space layers"),
    ("linear_num_value_heads", "it has linear attention layers"),
    ("hybrid_override_pattern", "it has state-space layers"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """A decoder's sizes. Layers are counted, parameters are numbers of values."""

    name: str
    architecture: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    max_positions: int
    """The longest window in tokens that the model is offered with."""
    dense_intermediate: int = 0
    """Width of the feed-forward part of layers without experts."""
    moe_layers: int = 0
    experts: int = 0
    experts_per_token: int = 0
    expert_intermediate: int = 0
    shared_intermediate: int = 0
    """Width of the expert that every token passes; 0 for none."""
    local_layers: int = 0
    """Layers that attend to `local_window` tokens only, in chunks (Llama 4) or sliding."""
    local_window: int = 0
    hybrid_pool: bool = False
    """Whether SGLang keeps the local layers' KV in a small pool of their own."""
    tied_embeddings: bool = False
    other_parameters: int = 0
    """Parameters beside the decoder, such as a vision tower; never quantized."""
    released: bool = True
    """Whether its weights can be had at all."""
    note: str = ""
    """What one has to know about these sizes."""

    @property
    def global_layers(self) -> int:
        """Layers that attend to the whole window."""
        return self.layers - self.local_layers

    @property
    def attention_width(self) -> int:
        """Query heads times head size."""
        return self.heads * self.head_dim

    @property
    def linear_parameters(self) -> int:
        """Parameters of the feed-forward parts: what quantized checkpoints shrink."""
        dense = (self.layers - self.moe_layers) * self.dense_intermediate
        routed = self.moe_layers * self.experts * self.expert_intermediate
        return 3 * self.hidden * (dense + routed + self.moe_layers * self.shared_intermediate)

    @property
    def attention_parameters(self) -> int:
        """Parameters of the query, key, value and output projections."""
        per_layer = 2 * self.hidden * self.head_dim * (self.heads + self.kv_heads)
        return self.layers * per_layer

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the embedding and, where it is another, the output matrix."""
        return self.vocabulary * self.hidden * (1 if self.tied_embeddings else 2)

    @property
    def total_parameters(self) -> int:
        """All parameters; norms and biases, a millionth of them, are left out."""
        routers = self.moe_layers * self.experts * self.hidden
        return (
            self.linear_parameters
            + self.attention_parameters
            + self.embedding_parameters
            + self.other_parameters
            + routers
        )

    @property
    def active_parameters(self) -> int:
        """Parameters that one token passes; the embedding, a look-up, is not among them."""
        dense = (self.layers - self.moe_layers) * self.dense_intermediate
        expert = self.experts_per_token * self.expert_intermediate + self.shared_intermediate
        feed_forward = 3 * self.hidden * (dense + self.moe_layers * expert)
        return feed_forward + self.attention_parameters + self.vocabulary * self.hidden

    def weights_bytes(self, precision: Precision) -> int:
        """Bytes of the weights as SGLang holds them.

        fp8 and int4 checkpoints of Llama 4 leave attention, embeddings, router and vision tower in
        bf16 (the `ignore` list of their `quantization_config`), those of dense models the
        embeddings alone. So Scout is 115 GB in fp8, not half of its 218.
        """
        if precision in {"fp32", "bf16"}:
            return int(self.total_parameters * BYTES[precision])
        shrunk = self.linear_parameters
        if not self.moe_layers:
            shrunk += self.attention_parameters
        rest = self.total_parameters - shrunk
        return int(shrunk * BYTES[precision] + rest * BYTES["bf16"])

    def kv_bytes(self, precision: Precision, layers: int, kv_heads: int | None = None) -> int:
        """Bytes of keys and values of one token in so many layers (with so many KV heads)."""
        heads = self.kv_heads if kv_heads is None else kv_heads
        return int(2 * heads * self.head_dim * layers * BYTES[precision])


def shape_from_config(config: Mapping[str, Any], *, name: str = "model") -> ModelShape:
    """The shape that a Hugging Face `config.json` describes.

    Raises:
        UnsizableModelError: If it is not a decoder whose KV cache grows with the tokens, or the
            file lacks what is needed.
    """
    text: Mapping[str, Any] = config.get("text_config") or config
    kind = str(text.get("model_type") or config.get("model_type") or "")
    architecture = str((config.get("architectures") or [kind or "unknown"])[0])
    if "llama4" in kind or architecture.startswith("Llama4"):
        text = {**_LLAMA4_DEFAULTS, **text}
    for key, why in _OTHER_CACHES:
        if text.get(key):
            raise UnsizableModelError(name, why)
    missing = [key for key in _NEEDED if not isinstance(text.get(key), int)]
    if missing:
        raise UnsizableModelError(name, f"its configuration lacks {', '.join(missing)}")
    heads = int(text["num_attention_heads"])
    layers = int(text["num_hidden_layers"])
    local_layers, window, hybrid, note = _local(text, architecture, layers)
    shape = ModelShape(
        name=name,
        architecture=architecture,
        layers=layers,
        hidden=int(text["hidden_size"]),
        heads=heads,
        kv_heads=int(text.get("num_key_value_heads") or heads),
        head_dim=int(text.get("head_dim") or int(text["hidden_size"]) // heads),
        vocabulary=int(text["vocab_size"]),
        max_positions=int(text.get("max_position_embeddings") or 0),
        tied_embeddings=bool(text.get("tie_word_embeddings", config.get("tie_word_embeddings"))),
        local_layers=local_layers,
        local_window=window,
        hybrid_pool=hybrid,
        other_parameters=_vision_parameters(config.get("vision_config") or {}),
        note=note,
    )
    return replace(shape, **_feed_forward(text, layers))


def precision_from_config(config: Mapping[str, Any]) -> Precision:
    """The precision of the checkpoint that this `config.json` belongs to."""
    quantization = config.get("quantization_config") or {}
    if quantization:
        return "int4" if _bits(quantization) == 4 else "fp8"
    text: Mapping[str, Any] = config.get("text_config") or config
    kinds = {str(part.get(key)) for part in (config, text) for key in ("dtype", "torch_dtype")}
    return "fp32" if "float32" in kinds else "bf16"


def _bits(quantization: Mapping[str, Any]) -> int:
    if isinstance(quantization.get("bits"), int):  # gptq, awq
        return int(quantization["bits"])
    for group in (quantization.get("config_groups") or {}).values():  # compressed-tensors
        bits = (group.get("weights") or {}).get("num_bits")
        if isinstance(bits, int):
            return bits
    name = f"{quantization.get('quant_method', '')} {quantization.get('quant_algo', '')}".lower()
    return 4 if "4" in name or "awq" in name else 8


def _local(text: Mapping[str, Any], architecture: str, layers: int) -> tuple[int, int, bool, str]:
    """How many layers are local, their window, whether SGLang has a pool for them, a remark."""
    chunk = text.get("attention_chunk_size")
    if chunk and "_" not in architecture and architecture.startswith("Llama4"):
        # SGLang's llama4.py: every fourth layer attends globally, without rotary positions.
        local = layers - layers // 4
        hybrid = architecture == HYBRID_ARCHITECTURE
        note = "" if hybrid else f"{architecture} keeps all layers' KV: SGLang has no hybrid pool"
        return local, int(chunk), hybrid, note
    kinds = text.get("layer_types") or []
    window = text.get("sliding_window")
    if window and "sliding_attention" in kinds and text.get("use_sliding_window", True):
        local = sum(kind == "sliding_attention" for kind in kinds)
        note = "sized as if every layer kept every token's KV; SGLang may need less"
        return local, int(window), False, note
    return 0, 0, False, ""


def _feed_forward(text: Mapping[str, Any], layers: int) -> dict[str, Any]:
    """The sizes of the feed-forward parts, by the names that each family gives them."""
    dense = int(text.get("intermediate_size") or 4 * int(text["hidden_size"]))
    names = ("num_local_experts", "num_experts", "n_routed_experts")
    experts = next((int(text[name]) for name in names if text.get(name)), 0)
    if not experts:
        return {"dense_intermediate": dense}
    step = int(text.get("interleave_moe_layer_step") or text.get("decoder_sparse_step") or 1)
    width = int(text.get("moe_intermediate_size") or dense)
    shared = int(text.get("shared_expert_intermediate_size") or 0)
    if "interleave_moe_layer_step" in text:  # Llama 4: one shared expert of the same width
        shared = width
    return {
        "dense_intermediate": int(text.get("intermediate_size_mlp") or dense),
        "moe_layers": layers // step,
        "experts": experts,
        "experts_per_token": int(text.get("num_experts_per_tok") or 1),
        "expert_intermediate": width,
        "shared_intermediate": shared,
    }


def _vision_parameters(vision: Mapping[str, Any]) -> int:
    layers = int(vision.get("num_hidden_layers") or 0)
    hidden = int(vision.get("hidden_size") or 0)
    width = int(vision.get("intermediate_size") or 4 * hidden)
    return layers * (4 * hidden * hidden + 2 * hidden * width)
