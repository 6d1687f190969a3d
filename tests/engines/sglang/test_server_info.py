import json

from docqa.engines.base import SamplingParams
from docqa.engines.sglang.record import Root
from docqa.engines.sglang.request import Branch, Request, body_of, in_memory
from docqa.engines.sglang.server_info import parse_server_info

TOLD = {
    "version": "0.5.23",
    "served_model_name": "scout",
    "context_length": 1_000_000,
    "max_total_num_tokens": 600_000,
    "kv_cache_dtype": "fp8_e4m3",
    "api_key": "very-secret",
    "startup_time": {"load_weight": 1.5},
    "random_seed": 7,
    "internal_states": [{"memory_usage": {"kvcache": 1.0}, "api_key": "very-secret"}],
}


def test_the_window_is_what_the_kv_memory_allows():
    assert parse_server_info(TOLD, {}).window == 600_000


def test_the_bytes_of_a_token_are_the_pools_by_its_tokens():
    assert parse_server_info(TOLD, {}).kv_bytes_per_token == 2**30 / 600_000


def test_no_key_of_the_server_is_kept():
    assert "very-secret" not in repr(dict(parse_server_info(TOLD, {}).facts))


def test_the_identity_changes_with_a_new_start_only():
    again = {**TOLD, "last_gen_throughput": 12.0}
    restarted = {**TOLD, "startup_time": {"load_weight": 1.6}}

    identities = [parse_server_info(told, {}).identity for told in (TOLD, again, restarted)]

    assert identities[0] == identities[1] != identities[2]


def test_answers_of_other_servers_do_not_break_it():
    info = parse_server_info({"internal_states": "none", "context_length": "8k"}, {}, {"loads": 3})

    assert (info.window, info.kv_bytes_per_token, info.used_tokens) == (0, None, None)


def test_one_rank_is_left_to_the_server():
    assert parse_server_info(TOLD, {}).rank_of("7") is None


def test_with_several_ranks_all_requests_of_a_family_go_to_the_same_one():
    info = parse_server_info({**TOLD, "attn_dp_size": 2}, {})
    rank = info.rank_of("7")
    root = Root("s", "r", "h", 10, rank)
    request = Request(in_memory([1]), "q", SamplingParams(), root.branch())
    first = Request(in_memory([1]), "q", SamplingParams(), Branch("s", rank=rank))

    bodies = [json.loads(b"".join(body_of(each))) for each in (first, request)]

    assert rank in (0, 1)
    assert {info.rank_of("7") for _ in range(5)} == {rank}
    assert [body["routed_dp_rank"] for body in bodies] == [rank, rank]
