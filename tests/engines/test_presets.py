import pytest

from docqa.engines.presets import PRESETS, leaves_machine, preset


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:11434/v1",
        "http://127.8.9.1/v1",
        "http://localhost:1234/v1",
        "http://models.localhost/v1",
        "http://[::1]:8000/v1",
        "http://[::ffff:127.0.0.1]:8000/v1",
    ],
)
def test_loopback_addresses_stay_on_the_machine(address):
    assert not leaves_machine(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.7:11434/v1",
        "http://0.0.0.0:8000/v1",
        "http://ollama.example/v1",
        "http://localhost.example/v1",
        "http://127.0.0.1.example/v1",
        "http://127.0.0.1@example.com/v1",
        "http://[2001:db8::1]/v1",
        "https://api.groq.com/openai/v1",
        "not an address",
        "",
    ],
)
def test_every_other_address_leaves_the_machine(address):
    assert leaves_machine(address)


def test_a_model_that_ollama_runs_elsewhere_leaves_the_machine():
    assert leaves_machine("http://127.0.0.1:11434/v1", "gpt-oss:120b-cloud")


def test_each_preset_says_of_its_own_address_whether_it_leaves_the_machine():
    told = {each.name: each.leaves_machine for each in PRESETS if each.base_url}

    judged = {each.name: leaves_machine(each.base_url) for each in PRESETS if each.base_url}
    assert told == judged


def test_presets_that_leave_the_machine_need_a_key():
    assert all(each.needs_key == each.leaves_machine for each in PRESETS)


def test_the_usual_local_servers_have_a_preset():
    for name in ("ollama", "lm_studio", "llama_cpp", "vllm", "llama_stack", "llama_api", "other"):
        assert preset(name) is not None
    assert preset("no such") is None
