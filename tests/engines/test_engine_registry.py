import pytest

from docqa.engines.config import EngineConfig
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.engines.registry import create_engine
from docqa.engines.scripted import ScriptedEngine
from docqa.engines.sglang.engine import SGLangEngine
from docqa.errors import EngineNotConfiguredError
from tests.engines.pretended import CharacterTokenizer


def test_engines_are_made_by_name(tmp_path):
    scripted = create_engine(EngineConfig("scripted", tmp_path), CharacterTokenizer)
    remote = create_engine(
        EngineConfig("openai_compatible", tmp_path, preset="ollama"), CharacterTokenizer
    )
    sglang = create_engine(EngineConfig("sglang", tmp_path), CharacterTokenizer)
    remote.close()
    sglang.close()

    assert isinstance(scripted, ScriptedEngine)
    assert isinstance(remote, OpenAICompatibleEngine)
    assert isinstance(sglang, SGLangEngine)


def test_an_unknown_engine_is_told(tmp_path):
    with pytest.raises(EngineNotConfiguredError, match="no engine of this name"):
        create_engine(EngineConfig("magic", tmp_path), CharacterTokenizer)
