"""Engines by name. Each is imported when it is made."""

from collections.abc import Callable

from docqa.engines.base import Engine
from docqa.engines.config import EngineConfig
from docqa.errors import EngineNotConfiguredError
from docqa.tokenizers.base import Tokenizer


def create_engine(
    config: EngineConfig,
    tokenizers: Callable[[str], Tokenizer],
    *,
    loading: Callable[[], str] = lambda: "",
) -> Engine:
    """The engine of this configuration; `tokenizers` gives `llama3`, `llama4` and `estimate`.

    `loading` says what a server that docqa launched is doing before it answers, if anything.

    Raises:
        EngineNotConfiguredError: If a setting that it needs is missing or wrong.
    """
    if config.name == "openai_compatible":
        from docqa.engines.openai_compatible import OpenAICompatibleEngine

        return OpenAICompatibleEngine(config, tokenizers)
    if config.name == "embedded":
        from docqa.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(config)
    if config.name == "scripted":
        from docqa.engines.scripted import UI_WORDS_PER_S, ScriptedEngine

        return ScriptedEngine(
            tokenizers("llama4"),
            context_length=config.context_length or 131_072,
            words_per_s=UI_WORDS_PER_S,
        )
    if config.name == "sglang":
        from docqa.engines.sglang.engine import SGLangEngine

        return SGLangEngine(config, tokenizers, loading=loading)
    raise EngineNotConfiguredError(config.name, "there is no engine of this name")
