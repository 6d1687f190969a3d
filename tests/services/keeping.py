"""A pretended engine that keeps prefixes, as the `sglang` engine does; steps are given by tests."""

import threading

from docqa.core.answers import Usage
from docqa.engines.base import Delta, EngineHealth, PrefillProgress, PrefixState
from docqa.tokenizers.registry import tokenizer


class KeepingEngine:
    """Reads a prefix in four steps and remembers how far it came, by the prefix's family."""

    name = "sglang"
    model = "scout"
    leaves_machine = False
    tokenizer = tokenizer("llama4")
    STEPS = 4

    def __init__(self, app=None, *, context_length: int = 131_072) -> None:
        self.context_length = context_length
        self.state: PrefixState | None = None
        """What is said instead of what is remembered."""
        self.forgotten: list[str] = []
        self.read: list[str] = []
        """Hashes of the prefixes whose prefilling began."""
        self.done: dict[str, int] = {}
        self.at_step = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.closed_steps = 0
        if app is not None:
            app.engines.engine = lambda: self

    def prefill(self, prefix):
        self.read.append(prefix.hash)
        cached = self.done.get(prefix.family, 0)
        try:
            for step in range(self.STEPS + 1):
                done = max(cached, prefix.token_count * step // self.STEPS)
                self.done[prefix.family] = done
                yield PrefillProgress(done, prefix.token_count, cached)
                self.at_step.set()
                while not self.go.wait(0.01):
                    yield PrefillProgress(done, prefix.token_count, cached)
        finally:
            self.closed_steps += 1

    def stream(self, prompt, params):
        tokens = prompt.prefix.token_count
        yield Delta("Not there.")
        yield Delta(usage=Usage(tokens + 10, tokens, 2), finish_reason="stop")

    def health(self):
        return EngineHealth(True, "pretends", self.model, self.context_length)

    def prefix_state(self, prefix):
        if self.state is not None:
            return self.state
        done = self.done.get(prefix.family, 0)
        state = "hot" if done == prefix.token_count else "cold"
        return PrefixState(state, done, prefix.token_count)

    def forget(self, family):
        self.forgotten.append(family)
        self.done.pop(family, None)

    def close(self):
        pass
