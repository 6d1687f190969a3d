"""Models that the planner knows without their files, from their published `config.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from docqa.core.model_shapes import ModelShape, Precision, shape_from_config
from docqa.errors import UnsizableModelError


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model by the name people use, and where its weights are on the Hugging Face hub."""

    name: str
    shape: ModelShape
    checkpoints: Mapping[Precision, str]
    """A checkpoint for each precision that one is published in."""


def _llama3(
    layers: int,
    hidden: int,
    heads: int,
    intermediate: int,
    *,
    head_dim: int = 128,
    tied: bool = False,
) -> dict[str, Any]:
    """The fields in which the Llama 3 sizes differ (`config.json` of meta-llama on the hub)."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": 8,
        "head_dim": head_dim,
        "intermediate_size": intermediate,
        "vocab_size": 128_256,
        "max_position_embeddings": 131_072,
        "tie_word_embeddings": tied,
    }


def _llama4(**text: int) -> dict[str, Any]:
    """Llama 4's `config.json`: fields left out have `Llama4TextConfig`'s defaults."""
    return {
        "architectures": ["Llama4ForConditionalGeneration"],
        "model_type": "llama4",
        "text_config": {"model_type": "llama4_text", **text},
        "vision_config": {
            "num_hidden_layers": 34,
            "hidden_size": 1_408,
            "intermediate_size": 5_632,
        },
    }


_BEHEMOTH = {
    # Announced on 2025-04-05: 288B active of nearly 2T parameters, 16 experts; never released.
    # Layers, widths and heads are docqa's guess: solved from these totals.
    "num_hidden_layers": 96,
    "hidden_size": 16_384,
    "num_attention_heads": 128,
    "intermediate_size": 24_064,
    "max_position_embeddings": 1_048_576,
}
_REDHAT = "RedHatAI/Llama-4-"


def _known(name: str, config: Mapping[str, Any], **checkpoints: str) -> KnownModel:
    by_precision: dict[Precision, str] = {}
    for precision in ("bf16", "fp8", "int4"):
        if precision in checkpoints:
            by_precision[precision] = checkpoints[precision]
    return KnownModel(name, shape_from_config(config, name=name), by_precision)


def _models() -> tuple[KnownModel, ...]:
    scout = _known(
        "scout",
        _llama4(max_position_embeddings=10_485_760),
        bf16="meta-llama/Llama-4-Scout-17B-16E-Instruct",
        fp8=f"{_REDHAT}Scout-17B-16E-Instruct-FP8-dynamic",
        int4=f"{_REDHAT}Scout-17B-16E-Instruct-quantized.w4a16",
    )
    maverick = _known(
        "maverick",
        _llama4(
            num_local_experts=128, interleave_moe_layer_step=2, max_position_embeddings=1_048_576
        ),
        bf16="meta-llama/Llama-4-Maverick-17B-128E-Instruct",
        fp8="meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8",
    )
    behemoth = _known("behemoth", _llama4(**_BEHEMOTH))
    note = "announced, never released: nothing can serve it, and its layers and widths are guesses"
    behemoth = replace(behemoth, shape=replace(behemoth.shape, released=False, note=note))
    big = _llama3(80, 8_192, 64, 28_672)
    return (
        scout,
        maverick,
        behemoth,
        _known(
            "llama-3.1-8b",
            _llama3(32, 4_096, 32, 14_336),
            bf16="meta-llama/Llama-3.1-8B-Instruct",
            fp8="RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic",
            int4="RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16",
        ),
        _known(
            "llama-3.1-70b",
            big,
            bf16="meta-llama/Llama-3.1-70B-Instruct",
            fp8="RedHatAI/Meta-Llama-3.1-70B-Instruct-FP8-dynamic",
            int4="RedHatAI/Meta-Llama-3.1-70B-Instruct-quantized.w4a16",
        ),
        _known(
            "llama-3.1-405b",
            _llama3(126, 16_384, 128, 53_248),
            bf16="meta-llama/Llama-3.1-405B-Instruct",
            fp8="RedHatAI/Meta-Llama-3.1-405B-Instruct-FP8-dynamic",
            int4="RedHatAI/Meta-Llama-3.1-405B-Instruct-quantized.w4a16",
        ),
        _known(
            "llama-3.2-1b",
            _llama3(16, 2_048, 32, 8_192, head_dim=64, tied=True),
            bf16="meta-llama/Llama-3.2-1B-Instruct",
        ),
        _known(
            "llama-3.2-3b",
            _llama3(28, 3_072, 24, 8_192, tied=True),
            bf16="meta-llama/Llama-3.2-3B-Instruct",
        ),
        _known(
            "llama-3.3-70b",
            big,
            bf16="meta-llama/Llama-3.3-70B-Instruct",
            fp8="RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
            int4="RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16",
        ),
    )


MODELS: Mapping[str, KnownModel] = {model.name: model for model in _models()}


def known_model(name: str) -> KnownModel:
    """The built-in model of this name, or the one that a hub name belongs to.

    Raises:
        UnsizableModelError: If there is none.
    """
    wanted = name.strip().lower()
    if wanted in MODELS:
        return MODELS[wanted]
    for model in MODELS.values():
        if any(wanted == path.lower() for path in model.checkpoints.values()):
            return model
    raise UnsizableModelError(name, f"it is none of {', '.join(MODELS)}")
