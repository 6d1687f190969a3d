"""Any server that speaks `/v1`: Ollama, LM Studio, llama.cpp, vLLM, Llama Stack, services."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import httpx

from docqa.core.answers import Usage
from docqa.engines import presets
from docqa.engines.base import (
    PROMPT_TRUNCATED,
    Delta,
    EngineHealth,
    PrefillProgress,
    Prefix,
    PrefixState,
    Prompt,
    SamplingParams,
)
from docqa.engines.chat_client import ChatClient
from docqa.engines.config import EngineConfig
from docqa.engines.messages import messages_of, prefix_text
from docqa.engines.window import window_of
from docqa.errors import EngineError, EngineNotConfiguredError
from docqa.tokenizers.base import Tokenizer

WINDOW_KNOWN_FOR_S = 60.0
"""How long a window is believed before the server is asked again: it may load another model."""

# The fewest tokens a server may report, as a share of our count, before we say that it cut the
# prompt: by its own vocabulary; by another one (the leanest seen need a tenth fewer than Llama
# 4's); by the estimate, which is Llama 4's count and 30 % more.
_SHARE_EXACT = 0.97
_SHARE_OTHER = 0.85
_SHARE_ESTIMATE = 0.65

_LLAMA_4 = re.compile(r"llama-?_?4|scout|maverick", re.IGNORECASE)
_LLAMA_3 = re.compile(r"llama-?_?3", re.IGNORECASE)


class OpenAICompatibleEngine:
    """A server behind an address. Threads may share it."""

    def __init__(
        self,
        config: EngineConfig,
        tokenizers: Callable[[str], Tokenizer],
        *,
        name: str = "openai_compatible",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name = name
        chosen = presets.preset(config.preset or "other")
        if chosen is None:
            known = ", ".join(each.name for each in presets.PRESETS)
            raise EngineNotConfiguredError(
                self.name, f"there is no preset {config.preset!r}; there are: {known}"
            )
        self._preset = chosen
        self._config = config
        self._tokenizers = tokenizers
        self.model = config.model or chosen.default_model
        if chosen.needs_key and not config.api_key:
            raise EngineNotConfiguredError(self.name, f"{chosen.label} needs a key (DOCQA_API_KEY)")
        self.client = ChatClient(
            self.name,
            config.base_url or chosen.base_url,
            api_key=config.api_key,
            timeout_s=config.timeout_s,
            start_hint=chosen.start_hint,
            transport=transport,
        )
        self._lock = threading.Lock()
        self._window: tuple[int, float] | None = None

    @property
    def leaves_machine(self) -> bool:
        """Whether text is sent to another machine, judged from the address in use."""
        return presets.leaves_machine(self.client.base_url, self.model)

    @property
    def context_length(self) -> int:
        """The window in tokens: what the server tells, at most what the settings say.

        Raises:
            EngineError: If the server has to be asked and does not answer, or does not tell.
        """
        set_to = self._config.context_length
        try:
            told = self._told_window()
        except EngineError:
            if set_to:
                return set_to
            raise
        if told is None and not set_to:
            error = EngineNotConfiguredError(
                self.name, f"the server does not tell the window of {self.model!r}"
            )
            error.hint = "Set the context length on the Engine page or in DOCQA_CONTEXT_LENGTH."
            raise error
        return min(size for size in (told, set_to) if size)

    @property
    def tokenizer(self) -> Tokenizer:
        """Llama's own vocabulary where the model's name tells it, else the estimate."""
        if _LLAMA_4.search(self.model):
            return self._tokenizers("llama4")
        if _LLAMA_3.search(self.model):
            return self._tokenizers("llama3")
        return self._tokenizers("estimate")

    def prefill(self, prefix: Prefix) -> Iterator[PrefillProgress]:
        """Have the server read the prefix: a request for one token.

        Raises:
            EngineError: As `stream`.
        """
        messages = [{"role": "user", "content": prefix_text(prefix)}]
        params = SamplingParams(max_tokens=1)
        progress = PrefillProgress(0, prefix.token_count)
        usage = None
        pieces = self.client.stream(
            messages, params, model=self._chosen_model(), extra=self._extra()
        )
        with closing(pieces):
            for piece in pieces:
                usage = piece.usage or usage
                progress = piece.progress or progress
                yield progress
        total = usage.prompt_tokens if usage else prefix.token_count
        yield PrefillProgress(total, total, usage.cached_tokens if usage else None)

    def stream(self, prompt: Prompt, params: SamplingParams) -> Iterator[Delta]:
        """Yield the answer as it is generated, then one delta that carries the usage.

        Closing the iterator ends the request, also while the server is still silent.

        Raises:
            EngineError: If the server cannot be reached, times out or answers with an error.
        """
        pieces = self.client.stream(
            messages_of(prompt), params, model=self._chosen_model(), extra=self._extra()
        )
        usage = None
        finish_reason = ""
        with closing(pieces):
            for piece in pieces:
                usage = piece.usage or usage
                finish_reason = piece.finish_reason or finish_reason
                yield Delta(piece.text, progress=piece.progress)
        if usage is not None and self._was_cut(prompt, usage):
            finish_reason = PROMPT_TRUNCATED
        yield Delta(usage=usage or Usage(), finish_reason=finish_reason)

    def health(self) -> EngineHealth:
        """Ask the server for its models and window."""
        try:
            names = self.client.models()
            model = self._chosen_model()
            with self._lock:
                self._window = None
            window = self._ask_window(load=False)
        except EngineError as error:
            return EngineHealth(False, str(error), self.model, hint=error.hint)
        label = f"{self._preset.label} at {self.client.base_url}"
        if names and model not in names and f"{model}:latest" not in names:
            listed = ", ".join(names[:12])
            return EngineHealth(
                False,
                f"{label} has no model {model!r}; it has: {listed}",
                model,
                models=names,
                hint="Choose one of its models.",
            )
        sizes = [size for size in (window, self._config.context_length) if size]
        hint = "" if sizes else "The server does not tell its window: set the context length."
        return EngineHealth(True, label, model, min(sizes, default=None), models=names, hint=hint)

    def prefix_state(self, prefix: Prefix) -> PrefixState:
        """Unknown: this engine keeps its cache by itself."""
        return PrefixState(total=prefix.token_count)

    def forget(self, family: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()

    def _chosen_model(self) -> str:
        if self.model:
            return self.model
        names = self.client.models()
        if len(names) != 1:
            detail = "it has: " + ", ".join(names[:12]) if names else "the server lists none"
            error = EngineNotConfiguredError(self.name, f"no model is chosen; {detail}")
            error.hint = "Choose a model on the Engine page or in DOCQA_MODEL."
            raise error
        self.model = names[0]
        return self.model

    def _told_window(self) -> int | None:
        with self._lock:
            known = self._window
        if known is not None and time.monotonic() - known[1] < WINDOW_KNOWN_FOR_S:
            return known[0]
        return self._ask_window(load=not self._config.context_length)

    def _ask_window(self, *, load: bool) -> int | None:
        told = window_of(self.client, self._chosen_model(), self._preset.window_probe, load=load)
        if told is not None:
            with self._lock:
                self._window = (told, time.monotonic())
        return told

    def _extra(self) -> Mapping[str, object]:
        if self._preset.window_probe == "llama_cpp":
            return {"cache_prompt": True, "return_progress": True}
        return {}

    def _was_cut(self, prompt: Prompt, usage: Usage) -> bool:
        """Whether the server reports fewer tokens than were sent, or a window without any room.

        Ollama cuts a prompt at its window without a word.
        """
        if not usage.prompt_tokens:
            return False
        try:
            window = self._told_window()
        except EngineError:
            window = None
        if window is not None and usage.prompt_tokens >= window - 1:
            return True
        return usage.prompt_tokens < fewest_tokens(prompt, self.tokenizer)


def fewest_tokens(prompt: Prompt, tokenizer: Tokenizer) -> int:
    """A number of tokens that no vocabulary in use stays below for this prompt."""
    prefix = prompt.prefix
    if prefix.tokenizer == tokenizer.name and tokenizer.exact:
        share = _SHARE_EXACT
    else:
        share = _SHARE_ESTIMATE if prefix.tokenizer == "estimate" else _SHARE_OTHER
    return int(prefix.token_count * share)
