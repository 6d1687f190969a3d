import pytest

from docqa.core.capacity import plan
from docqa.core.gpus import parse_gpus
from docqa.core.known_models import MODELS
from docqa.core.model_shapes import shape_from_config
from docqa.engines.sglang.server_info import parse_server_info
from docqa.services.comparing import compare

SMOLLM2 = shape_from_config(
    {
        "architectures": ["LlamaForCausalLM"],
        "num_hidden_layers": 30,
        "hidden_size": 576,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "intermediate_size": 1_536,
        "vocab_size": 49_152,
        "max_position_embeddings": 8_192,
    },
    name="smollm2",
)


def reported(memory, **facts):
    """What SGLang 0.5.23 answers, without the fields that nobody reads."""
    return parse_server_info(
        {"internal_states": [{"memory_usage": memory}], "kv_cache_dtype": "auto", **facts}, {}
    )


def test_the_cpu_servers_tokens_per_byte_are_the_planned_ones_within_two_percent():
    # Reported by SGLang 0.5.23 on a CPU with --max-total-tokens 40000 and float32.
    info = reported(
        {"kvcache": 1.717, "token_capacity": 40_000, "token_capacity_swa": None},
        dtype="float32",
        tp_size=1,
        attn_dp_size=1,
        max_total_num_tokens=40_000,
    )

    each, tokens = compare(SMOLLM2, info)

    assert each.planned == 46_080
    assert each.ratio == pytest.approx(1, abs=0.02)
    assert tokens.ratio == pytest.approx(1, abs=0.02)


def test_a_hybrid_pools_local_tokens_are_counted():
    scout = MODELS["scout"].shape
    full, local = 1_000_000, 100_000
    per_gpu = (full * 12 + local * 36) * 2 * 1 * 128
    info = reported(
        {"kvcache": per_gpu / 2**30, "token_capacity_swa": local},
        kv_cache_dtype="fp8_e4m3",
        tp_size=8,
        max_total_num_tokens=full,
    )

    each, _ = compare(scout, info)

    assert each.ratio == pytest.approx(1, abs=0.001)


def test_attention_groups_hold_whole_sets_of_heads():
    scout = MODELS["scout"].shape
    info = reported(
        {"kvcache": 10.0},
        dtype="bfloat16",
        tp_size=16,
        attn_dp_size=2,
        max_total_num_tokens=1_000,
    )

    each, _ = compare(scout, info)

    assert each.planned == 2 * 1 * 128 * 48 * 2


def test_a_plan_for_the_servers_gpus_adds_its_window():
    shape = MODELS["llama-3.1-8b"].shape
    planned = plan(shape, parse_gpus("H100"))
    info = reported(
        {"kvcache": 50.0},
        kv_cache_dtype="fp8_e4m3",
        tp_size=1,
        max_total_num_tokens=planned.max_tokens,
        context_length=planned.context_length,
    )

    rows = compare(shape, info, planned)

    assert [row.what for row in rows][1:] == ["tokens in KV memory", "window in tokens"]
    assert [row.ratio for row in rows][1:] == [1, 1]


def test_a_server_that_tells_nothing_is_compared_with_nothing():
    assert compare(SMOLLM2, parse_server_info({}, {})) == ()
