import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.capacity import Plan, best_precision, default_kv_precision, plan
from docqa.core.gpus import parse_gpus
from docqa.core.known_models import MODELS
from docqa.core.layout import layout_of
from docqa.core.model_shapes import shape_from_config

SCOUT = MODELS["scout"].shape
LLAMA_8B = MODELS["llama-3.1-8b"].shape


def scout_on(gpus: str, **options) -> Plan:
    return plan(SCOUT, parse_gpus(gpus), **options)


def test_a_plan_says_what_a_token_costs_in_each_kind_of_layer():
    bf16 = scout_on("8xH200", kv_precision="bf16")
    fp8 = scout_on("8xH200", kv_precision="fp8")

    assert (bf16.kv_bytes_per_token, bf16.global_kv_bytes_per_token) == (196_608, 49_152)
    assert (fp8.kv_bytes_per_token, fp8.global_kv_bytes_per_token) == (98_304, 24_576)
    assert fp8.local_kv_bytes == 8_192 * 36 * 2_048


def test_scout_in_bf16_does_not_fit_one_h200_and_says_why():
    planned = scout_on("1xH200", weight_precision="bf16", tokens=100_000)

    assert not planned.fits
    assert "217 GB" in planned.problems[0]


def test_scout_in_fp8_fits_one_h200_with_half_a_million_tokens():
    planned = scout_on("1xH200", weight_precision="fp8")

    assert planned.fits
    assert 400_000 < planned.context_length < 1_000_000
    assert planned.context_length <= planned.max_tokens


def test_the_whole_window_of_scout_fits_eight_h200():
    planned = scout_on("8xH200", tokens=10_000_000)

    assert planned.fits
    assert planned.context_length == 10_485_760
    assert planned.layout.tp_size == 8


def test_a_corpus_larger_than_the_window_does_not_fit():
    planned = scout_on("8xH200", tokens=20_000_000)

    assert not planned.fits
    assert "20,000,000" in planned.problems[0]


def test_the_corpus_leaves_room_for_the_question():
    planned = scout_on("8xH200", tokens=10_485_760)

    assert not planned.fits


def test_without_the_hybrid_pool_a_token_costs_four_times_as_much():
    bare = shape_from_config(
        {
            "architectures": ["Llama4ForCausalLM"],
            "model_type": "llama4_text",
            "max_position_embeddings": 10_485_760,
        }
    )

    hybrid = scout_on("8xH200").max_tokens
    whole = plan(bare, parse_gpus("8xH200")).max_tokens

    assert hybrid / whole == pytest.approx(4, rel=0.1)


def test_the_local_layers_pool_is_small_beside_the_other():
    planned = scout_on("8xH200")

    assert 10 * 8_192 < planned.local_pool_tokens < 14 * 8_192
    assert planned.swa_full_tokens_ratio < 0.01


def test_heads_that_cannot_be_cut_leave_gpus_unused():
    planned = scout_on("6xH200")

    assert (planned.layout.tp_size, planned.layout.unused) == (4, 2)
    assert "2 of 6 GPUs stay unused" in planned.notes[0]


def test_sixteen_gpus_are_two_attention_groups_for_forty_heads():
    planned = scout_on("2x8xH100")

    assert (planned.layout.tp_size, planned.layout.attention_dp) == (16, 2)
    assert planned.layout.attention_tp == 8
    assert any("two" in note or "2 attention groups" in note for note in planned.notes)


def test_kv_heads_that_are_fewer_than_gpus_are_kept_several_times():
    gpus = parse_gpus("2x8xH100")

    planned = plan(MODELS["llama-3.1-405b"].shape, gpus, weight_precision="bf16")

    assert planned.layout.attention_tp == 16
    assert planned.pool_bytes_per_token == 2 * planned.kv_bytes_per_token


def test_behemoth_is_sized_and_said_to_be_served_by_nothing():
    planned = plan(MODELS["behemoth"].shape, parse_gpus("4x8xB200"))

    assert planned.weights_bytes > 3.9e12
    assert not planned.fits
    assert "never released" in planned.problems[0]


def test_tiers_beyond_the_gpu_hold_what_they_are_given():
    planned = scout_on("8xH200", host_bytes=10**12, disk_bytes=4 * 10**12)

    assert planned.host_tokens == pytest.approx(1e12 / planned.pool_bytes_per_token, rel=0.01)
    assert planned.disk_tokens == pytest.approx(4 * planned.host_tokens, rel=0.01)
    assert planned.page_size == 64


def test_scout_beyond_hopper_comes_with_a_warning():
    assert any("check answers" in note for note in scout_on("8xB200").notes)
    assert not any("check answers" in note for note in scout_on("8xH200").notes)


def test_files_need_host_memory():
    assert any("host memory" in note for note in scout_on("8xH200", disk_bytes=10**12).notes)


def test_a_window_that_is_asked_for_is_set():
    planned = plan(LLAMA_8B, parse_gpus("H100"), context_length=32_768)

    assert planned.context_length == 32_768
    assert planned.page_size == 1


def test_a_window_beyond_the_models_does_not_fit():
    planned = plan(LLAMA_8B, parse_gpus("H200"), context_length=1_000_000)

    assert "131,072 tokens at most" in planned.problems[0]


def test_the_finest_weights_that_leave_room_are_chosen():
    choices = ("bf16", "fp8", "int4")

    def chosen(gpus: str, tokens: int = 0) -> str:
        return best_precision(SCOUT, parse_gpus(gpus), choices, tokens=tokens)

    assert chosen("8xH200") == "bf16"
    assert chosen("1xH200") == "fp8"
    assert chosen("1xH200", tokens=1_000_000) == "int4"
    assert chosen("1xL4") == "int4"


def test_the_cache_is_fp8_where_the_gpu_computes_with_it():
    assert default_kv_precision(parse_gpus("H100")) == "fp8"
    assert default_kv_precision(parse_gpus("A100")) == "bf16"


def test_prefill_grows_with_the_square_of_a_long_corpus():
    ten = scout_on("8xH200", tokens=10_000_000)
    five = scout_on("8xH200", tokens=5_000_000)

    assert ten.prefill_s / five.prefill_s == pytest.approx(4, rel=0.1)


def test_prefill_is_the_formulas_sum():
    planned = scout_on("8xH200", tokens=1_000_000)

    weights = 2 * SCOUT.active_parameters * 1e6
    far = 2 * 1e12 * 5_120 * 12
    near = 2 * 1e6 * 8_192 * 5_120 * 36
    assert planned.prefill_s == pytest.approx(
        (weights + far + near) / (8 * 989e12 * 0.45), rel=0.01
    )


def test_a_warm_question_is_far_sooner_than_reading_the_corpus():
    planned = scout_on("8xH200", tokens=1_000_000)

    assert planned.warm_first_token_s < planned.prefill_s / 100


def test_every_estimate_comes_with_its_assumptions():
    assert any("peak rate" in text for text in scout_on("8xH200").assumptions)


@given(
    st.sampled_from(sorted(MODELS)),
    st.sampled_from(["1xH200", "4xL40S", "8xB200", "2x8xH100", "3xRTX-4090", "5x7xA100"]),
    st.sampled_from(["bf16", "fp8", "int4"]),
    st.sampled_from(["bf16", "fp8"]),
    st.integers(0, 12_000_000),
)
def test_no_plan_holds_more_than_its_gpus(model, gpus, weights, kv, tokens):
    shape, where = MODELS[model].shape, parse_gpus(gpus)

    planned = plan(shape, where, weight_precision=weights, kv_precision=kv, tokens=tokens)

    pool = planned.max_tokens * planned.pool_bytes_per_token / planned.layout.attention_tp
    assert planned.weights_bytes_per_gpu * (pool > 0) + pool <= where.gpu.memory_bytes
    assert planned.context_length <= max(planned.max_tokens, 0)
    assert shape.heads % planned.layout.attention_tp == 0
    assert planned.fits or planned.problems
    if planned.context_length:
        static = planned.weights_bytes_per_gpu + pool
        assert static <= planned.mem_fraction_static * where.gpu.memory_bytes * 1.01


@given(st.sampled_from(sorted(MODELS)), st.integers(1, 8), st.integers(1, 4))
def test_a_layout_uses_heads_evenly(model, per_node, nodes):
    shape = MODELS[model].shape

    layout = layout_of(shape, parse_gpus(f"{per_node}xH100", nodes=nodes))

    assert shape.heads % layout.attention_tp == 0
    assert layout.tp_size + layout.unused == per_node * nodes
    assert layout.tp_size % layout.attention_dp == 0
