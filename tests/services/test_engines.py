import stat

import pytest

from docqa.errors import InputError
from docqa.services.engines import EngineChoice
from tests.services.parts import bytes_under

SERVER = {"base_url": "http://127.0.0.1:9/v1", "model": "llama", "context_length": 8_000}


@pytest.fixture
def free(open_app):
    """An app whose engine the environment does not fix."""
    return open_app(engine="auto")


def test_a_fresh_machine_answers_in_quotes(free):
    assert free.engines.choice() == EngineChoice()
    assert free.engines.choice().label == "Extractive reader (no model)"
    assert free.engines.engine() is None
    assert free.engines.health().ok


def test_a_choice_is_kept_over_a_restart(free, open_app):
    chosen = free.engines.choose("openai_compatible", **SERVER)

    again = open_app(engine="auto").engines

    assert again.choice() == chosen
    assert again.engine().context_length == 8_000
    assert not again.leaves_machine()


def test_a_key_lies_beside_the_database_for_its_owner_alone(free):
    free.engines.choose("openai_compatible", **SERVER, api_key="sk-very-secret")
    free.engines.choose("openai_compatible", **SERVER | {"model": "another"})

    keys = free.settings.home / "keys.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert "sk-very-secret" in keys.read_text("utf-8")
    keys.unlink()
    assert b"sk-very-secret" not in bytes_under(free.settings.home)


def test_the_engine_is_made_once_and_anew_when_the_choice_changes(free):
    free.engines.choose("openai_compatible", **SERVER)
    first = free.engines.engine()

    assert free.engines.engine() is first

    free.engines.choose("openai_compatible", **SERVER | {"context_length": 4_000})
    assert free.engines.engine() is not first
    assert free.engines.engine().context_length == 4_000


def test_the_environment_fixes_the_engine(open_app):
    fixed = open_app(engine="extractive")

    assert fixed.engines.choice().fixed
    with pytest.raises(InputError, match="set in the environment"):
        fixed.engines.choose("embedded")


@pytest.mark.parametrize("name", ["scripted", "", "nonsense"])
def test_only_engines_that_are_built_can_be_chosen(free, name):
    with pytest.raises(InputError, match="there is no engine"):
        free.engines.choose(name)


def test_a_server_that_is_not_there_is_unwell_and_says_what_to_do(free):
    free.engines.choose("openai_compatible", **SERVER)

    health = free.engines.health()

    assert not health.ok
    assert health.detail
    assert health.hint


def test_permission_to_send_documents_away_is_for_one_address(free):
    workspace = free.workspaces.get_or_create("default").id
    remote = SERVER | {"base_url": "https://models.example.org/v1"}
    free.engines.choose("openai_compatible", **remote)
    assert free.engines.leaves_machine()

    free.engines.allow_remote(workspace)

    assert free.engines.remote_allowed(workspace)
    free.engines.choose(
        "openai_compatible", **remote | {"base_url": "https://others.example.org/v1"}
    )
    assert not free.engines.remote_allowed(workspace)
