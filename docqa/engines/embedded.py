"""llama.cpp in this process: a GGUF file of the user's, or the small packaged model."""

import os
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from docqa.engines.base import (
    Delta,
    EngineHealth,
    PrefillProgress,
    Prefix,
    PrefixState,
    Prompt,
    SamplingParams,
)
from docqa.engines.config import EngineConfig
from docqa.engines.gguf_file import GgufFile, read_gguf
from docqa.engines.gguf_tokenizer import tokenizer_of
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.engines.packaged_model import model_file, models_folder, packaged_file, quantized
from docqa.engines.ticking import TICK_S
from docqa.errors import EngineResponseError, EngineUnavailableError
from docqa.tokenizers.base import Tokenizer

BATCH_TOKENS = 256
"""Tokens read at a time: progress and Stop come between two batches, about a second on a laptop."""
SLOTS = 2
"""Questions answered at once, each with a prefix cache of its own."""
PREFIX_STORE_MIB = 1_024
"""Memory for prefixes that no slot holds any more."""
_KV_SHARE = 0.25
_SMALLEST_WINDOW = 2_048


class EmbeddedEngine:
    """A model in this process, behind an address that only this process knows the key of.

    llama.cpp's own server does the work, on a loopback port, started with the first request.
    Threads may share the engine.
    """

    name = "embedded"
    leaves_machine = False

    def __init__(self, config: EngineConfig) -> None:
        """Reads the file's metadata only.

        Raises:
            EngineNotConfiguredError: If there is no model file, or it is none.
        """
        self._config = config
        self._file = read_gguf(model_file(config))
        self.model = self._file.name
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="engine-start")
        self._remote: Future[OpenAICompatibleEngine] | None = None
        self._held: list[Any] = []
        self._tokenizer: Tokenizer | None = None
        self._closed = False

    @property
    def context_length(self) -> int:
        """The window in tokens: the file's, as far as the settings and the memory allow."""
        return window_for(
            self._file, self._config.context_length, psutil.virtual_memory().total * _KV_SHARE
        )

    @property
    def tokenizer(self) -> Tokenizer:
        """The file's own vocabulary."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = tokenizer_of(self._file, self._tokenize)
            return self._tokenizer

    def prefill(self, prefix: Prefix) -> Iterator[PrefillProgress]:
        """Read a prefix into the cache.

        Raises:
            EngineError: As `stream`.
        """
        starting = self._starting()
        while not starting.done():
            yield PrefillProgress(0, prefix.token_count)
            wait((starting,), TICK_S)
        yield from starting.result().prefill(prefix)

    def stream(self, prompt: Prompt, params: SamplingParams) -> Iterator[Delta]:
        """Yield the answer as it is generated, then one delta that carries the usage.

        Raises:
            EngineError: If llama.cpp cannot load the file, or the prompt does not fit.
        """
        starting = self._starting()
        while not starting.done():
            yield Delta()
            wait((starting,), TICK_S)
        yield from starting.result().stream(prompt, params)

    def health(self) -> EngineHealth:
        """Whether the model can be run; does not load it."""
        remote = self._remote
        loaded = remote is not None and remote.done() and remote.exception() is None
        state = "loaded" if loaded else "loads with the first question"
        return EngineHealth(
            True,
            f"{self._file.path.name} in this process, {state}",
            self.model,
            self.context_length,
            models=(self.model,),
        )

    def prefix_state(self, prefix: Prefix) -> PrefixState:
        """Unknown: this engine keeps its cache by itself."""
        return PrefixState(total=prefix.token_count)

    def forget(self, family: str) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Stop llama.cpp and give its memory back; answers under way fail."""
        with self._lock:
            self._closed = True
        self._starter.shutdown(wait=True, cancel_futures=True)
        remote = self._remote
        if remote is not None and not remote.cancelled() and remote.exception() is None:
            remote.result().close()
        # The server stops when the last reference to it goes.
        self._held.clear()

    def _starting(self) -> "Future[OpenAICompatibleEngine]":
        """The engine behind llama.cpp's address, once loaded. A failed start is tried again."""
        with self._lock:
            if self._closed:
                raise EngineUnavailableError(self.name, "the engine is closed")
            failed = self._remote is not None and self._remote.done() and self._remote.exception()
            if self._remote is None or failed:
                self._remote = self._starter.submit(self._start)
            return self._remote

    def _start(self) -> OpenAICompatibleEngine:
        file = self._file.path
        if file == packaged_file():
            file = quantized(file, models_folder(self._config.cache_path))
        key = secrets.token_urlsafe(32)
        server = _serve(file, self.context_length, key)
        self._held.append(server)
        config = replace(
            self._config,
            preset="llama_cpp",
            base_url=f"{server.listening_address}/v1",
            api_key=key,
            model=self.model,
        )
        return OpenAICompatibleEngine(config, lambda _: self.tokenizer, name=self.name)

    def _tokenize(self, text: str) -> list[int]:
        client = self._starting().result().client
        told = client.post_json(
            f"{client.root_url}/tokenize", {"content": text, "parse_special": False}
        )
        tokens = told.get("tokens") if isinstance(told, dict) else None
        if not isinstance(tokens, list):
            raise EngineResponseError(self.name, "llama.cpp gave no tokens")
        return tokens


def window_for(file: GgufFile, most: int, kv_bytes: float) -> int:
    """The window to run a file with: what it was trained for, at most `most` (if not 0) tokens.

    Without `most` it is also bounded by the memory that the KV caches may take.
    """
    trained = file.context_length or 4_096
    if most:
        return min(trained, most)
    affordable = int(kv_bytes / max(1, file.kv_bytes_per_token * SLOTS)) // 256 * 256
    return min(trained, max(_SMALLEST_WINDOW, affordable))


def _serve(file: Path, window: int, key: str) -> Any:  # noqa: ANN401
    # llama.cpp's threads wait for each other by spinning; where something else needs the processor
    # too, that takes ten times as long (45 against 3 tokens/s at a load of 5 on two cores). OpenMP
    # reads this when the library is loaded.
    os.putenv("OMP_WAIT_POLICY", "passive")
    import xllamacpp  # a native library: loaded only when the engine is used

    params = xllamacpp.CommonParams()
    params.model.path = str(file.absolute())
    params.n_parallel = SLOTS
    params.n_ctx = window * SLOTS
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    params.cache_ram_mib = PREFIX_STORE_MIB
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.cors_origins = ""
    params.ui = False
    params.warmup = False
    # Standard output carries results, standard error progress: llama.cpp says nothing on either.
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        failure = EngineUnavailableError(
            "embedded", f"llama.cpp cannot load {file.name!r} ({error})"
        )
        failure.hint = "Check that the file is complete and the memory suffices, or choose another."
        raise failure from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
