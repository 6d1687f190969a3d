import httpx
import pytest

from docqa.errors import EngineNotConfiguredError, EngineUnavailableError


def down(_):
    raise httpx.ConnectError("Connection refused")


def test_ollama_tells_the_window_of_a_loaded_model(server):
    server.paths["/api/ps"] = {"models": [{"name": "m:latest", "context_length": 16_384}]}

    assert server.engine(preset="ollama", context_length=0).context_length == 16_384


def test_ollama_is_made_to_load_a_model_whose_window_it_does_not_know_yet(server):
    server.paths["/api/show"] = {"model_info": {"llama.context_length": 131_072}}
    server.paths["/api/ps"] = {"models": []}

    def load(_):
        server.paths["/api/ps"] = {"models": [{"name": "m", "context_length": 4_096}]}
        return httpx.Response(200, json={"done": True})

    server.paths["/api/generate"] = load

    assert server.engine(preset="ollama", context_length=0).context_length == 4_096


def test_ollama_is_not_made_to_load_a_model_when_the_window_is_set(server):
    server.paths["/api/show"] = {"parameters": "stop x"}
    server.paths["/api/ps"] = {"models": []}

    assert server.engine(preset="ollama", context_length=9_000).context_length == 9_000
    assert "/api/generate" not in {request.url.path for request in server.requests}


def test_ollama_tells_a_window_that_the_model_itself_sets(server):
    server.paths["/api/ps"] = {"models": []}
    server.paths["/api/show"] = {"parameters": 'stop "<|eot_id|>"\nnum_ctx    12288'}

    assert server.engine(preset="ollama", context_length=0).context_length == 12_288


def test_llama_cpp_tells_the_window_of_a_slot(server):
    server.paths["/props"] = {"default_generation_settings": {"n_ctx": 8_192}}

    assert server.engine(preset="llama_cpp", context_length=0).context_length == 8_192


def test_vllm_tells_the_window_with_its_models(server):
    server.paths["/v1/models"] = {
        "data": [{"id": "x", "max_model_len": 1}, {"id": "m", "max_model_len": 32_768}]
    }

    assert server.engine(preset="vllm", context_length=0).context_length == 32_768


def test_lm_studio_tells_the_window_of_a_loaded_model(server):
    server.paths["/api/v0/models"] = {
        "data": [{"id": "m", "max_context_length": 131_072, "loaded_context_length": 4_096}]
    }

    assert server.engine(preset="lm_studio", context_length=0).context_length == 4_096


def test_an_unknown_server_is_asked_in_every_way(server):
    server.paths["/v1/models"] = {"data": [{"id": "m", "context_window": 10_000}]}

    assert server.engine(preset="", context_length=0).context_length == 10_000
    assert {"/props", "/api/ps"} <= {request.url.path for request in server.requests}


def test_the_smaller_of_the_told_and_the_set_window_counts(server):
    server.paths["/props"] = {"default_generation_settings": {"n_ctx": 8_192}}

    assert server.engine(preset="llama_cpp", context_length=4_000).context_length == 4_000
    assert server.engine(preset="llama_cpp", context_length=99_999).context_length == 8_192


def test_a_window_that_nobody_tells_is_asked_for(server):
    with pytest.raises(EngineNotConfiguredError) as caught:
        _ = server.engine(preset="vllm", context_length=0).context_length

    assert "DOCQA_CONTEXT_LENGTH" in caught.value.hint


def test_a_set_window_holds_while_the_server_is_down(server):
    server.paths["/props"] = down

    assert server.engine(preset="llama_cpp", context_length=4_000).context_length == 4_000


def test_without_a_set_window_a_server_that_is_down_is_told(server):
    server.paths["/props"] = down

    with pytest.raises(EngineUnavailableError):
        _ = server.engine(preset="llama_cpp", context_length=0).context_length


def test_the_window_is_not_asked_for_at_every_look(server):
    server.paths["/props"] = {"default_generation_settings": {"n_ctx": 8_192}}
    engine = server.engine(preset="llama_cpp", context_length=0)

    assert [engine.context_length for _ in range(3)] == [8_192] * 3
    assert len(server.requests) == 1


@pytest.mark.parametrize("nonsense", [{"data": "x"}, [], {"data": [{"id": 7}]}, {"models": None}])
def test_nonsense_is_no_window(server, nonsense):
    for path in ("/v1/models", "/props", "/api/ps", "/api/show", "/api/v0/models"):
        server.paths[path] = nonsense

    assert server.engine(preset="", context_length=500).context_length == 500
