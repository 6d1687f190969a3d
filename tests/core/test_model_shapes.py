import pytest

from docqa.core.known_models import MODELS, known_model
from docqa.core.model_shapes import precision_from_config, shape_from_config
from docqa.errors import UnsizableModelError

SMOLLM2 = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "num_hidden_layers": 30,
    "hidden_size": 576,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "intermediate_size": 1_536,
    "vocab_size": 49_152,
    "max_position_embeddings": 8_192,
    "tie_word_embeddings": True,
    "torch_dtype": "float32",
}
SCOUT = {
    "architectures": ["Llama4ForConditionalGeneration"],
    "text_config": {"model_type": "llama4_text", "max_position_embeddings": 10_485_760},
}


def test_scouts_cache_takes_what_is_written_in_the_design():
    scout = MODELS["scout"].shape

    assert scout.kv_bytes("bf16", scout.layers) == 192 * 1_024
    assert scout.kv_bytes("fp8", scout.layers) == 96 * 1_024
    assert scout.kv_bytes("bf16", scout.global_layers) == 48 * 1_024
    assert scout.kv_bytes("fp8", scout.global_layers) == 24 * 1_024


@pytest.mark.parametrize(
    ("name", "total", "active"),
    [
        ("scout", 109e9, 17e9),
        ("maverick", 400e9, 17e9),
        ("behemoth", 2e12, 288e9),
        ("llama-3.1-8b", 8.03e9, 8.03e9),
        ("llama-3.1-70b", 70.6e9, 70.6e9),
        ("llama-3.1-405b", 405.9e9, 405.9e9),
        ("llama-3.2-1b", 1.24e9, 1.24e9),
        ("llama-3.2-3b", 3.21e9, 3.21e9),
        ("llama-3.3-70b", 70.6e9, 70.6e9),
    ],
)
def test_parameters_counted_from_the_shape_are_the_published_ones(name, total, active):
    shape = MODELS[name].shape

    assert shape.total_parameters == pytest.approx(total, rel=0.01)
    assert shape.active_parameters == pytest.approx(active, rel=0.07)


def test_scouts_weights_shrink_with_their_precision():
    scout = MODELS["scout"].shape

    assert scout.weights_bytes("bf16") == pytest.approx(218e9, rel=0.01)
    assert scout.weights_bytes("fp8") == pytest.approx(109e9, rel=0.06)
    assert scout.weights_bytes("int4") == pytest.approx(60e9, rel=0.12)


def test_a_llama_configuration_is_read():
    shape = shape_from_config(SMOLLM2, name="smollm2")

    assert (shape.head_dim, shape.max_positions, shape.local_layers) == (64, 8_192, 0)
    assert shape.kv_bytes("fp32", shape.layers) == 46_080
    assert shape.total_parameters == pytest.approx(134.5e6, rel=0.01)


def test_llama_4_gets_the_hybrid_pool_only_with_its_outer_architecture():
    whole = shape_from_config(SCOUT, name="scout")
    bare = shape_from_config({**SCOUT["text_config"], "architectures": ["Llama4ForCausalLM"]})

    assert (whole.hybrid_pool, whole.local_layers, whole.local_window) == (True, 36, 8_192)
    assert (bare.hybrid_pool, bare.local_layers) == (False, 36)
    assert "no hybrid pool" in bare.note


def test_fewer_layers_of_llama_4_keep_every_fourth_global():
    config = {**SCOUT, "text_config": {**SCOUT["text_config"], "num_hidden_layers": 10}}

    shape = shape_from_config(config)

    assert (shape.local_layers, shape.global_layers) == (8, 2)


def test_mixtures_are_sized_by_the_names_of_their_family():
    qwen = {
        "architectures": ["Qwen3MoeForCausalLM"],
        "model_type": "qwen3_moe",
        "num_hidden_layers": 48,
        "hidden_size": 2_048,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "head_dim": 128,
        "intermediate_size": 6_144,
        "moe_intermediate_size": 768,
        "num_experts": 128,
        "num_experts_per_tok": 8,
        "decoder_sparse_step": 1,
        "vocab_size": 151_936,
        "max_position_embeddings": 262_144,
    }

    shape = shape_from_config(qwen)

    assert shape.total_parameters == pytest.approx(30.5e9, rel=0.01)
    assert shape.active_parameters == pytest.approx(3.3e9, rel=0.1)


def test_sliding_layers_are_counted_as_if_they_kept_everything():
    kinds = ["sliding_attention", "full_attention"] * 15

    shape = shape_from_config({**SMOLLM2, "sliding_window": 128, "layer_types": kinds})

    assert (shape.local_layers, shape.hybrid_pool) == (15, False)
    assert "every layer" in shape.note


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"kv_lora_rank": 512}, "latent attention"),
        ({"mamba_d_state": 128}, "state-space"),
        ({"num_hidden_layers": None}, "num_hidden_layers"),
    ],
)
def test_what_cannot_be_sized_is_said(more, word):
    with pytest.raises(UnsizableModelError, match=word):
        shape_from_config({**SMOLLM2, **more}, name="odd")


@pytest.mark.parametrize(
    ("more", "precision"),
    [
        ({}, "fp32"),
        ({"torch_dtype": "bfloat16"}, "bf16"),
        ({"quantization_config": {"quant_method": "fp8"}}, "fp8"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "int4"),
        ({"quantization_config": {"quant_algo": "NVFP4"}}, "int4"),
        (
            {"quantization_config": {"config_groups": {"group_0": {"weights": {"num_bits": 8}}}}},
            "fp8",
        ),
        (
            {"quantization_config": {"config_groups": {"group_0": {"weights": {"num_bits": 4}}}}},
            "int4",
        ),
    ],
)
def test_the_checkpoints_precision_is_read(more, precision):
    assert precision_from_config({**SMOLLM2, **more}) == precision


def test_models_are_known_by_their_names_on_the_hub_too():
    assert known_model("Scout").name == "scout"
    assert known_model("meta-llama/Llama-3.1-8B-Instruct").name == "llama-3.1-8b"
    with pytest.raises(UnsizableModelError, match="scout"):
        known_model("gpt-4")


def test_behemoth_is_marked_as_never_released():
    behemoth = known_model("behemoth")

    assert not behemoth.shape.released
    assert not behemoth.checkpoints
