"""The engine that docqa is made for: SGLang, its native interface first."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import httpx

from docqa.core.answers import Usage
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
from docqa.engines.openai_compatible import OpenAICompatibleEngine
from docqa.engines.sglang.growth import STEP_TOKENS, WARMED, Reading, new_id
from docqa.engines.sglang.native import (
    NativeAbsentError,
    NativeClient,
    SessionForgottenError,
)
from docqa.engines.sglang.prefix_ids import PrefixIds
from docqa.engines.sglang.record import Root
from docqa.engines.sglang.request import Ids, Request, Sent, in_memory
from docqa.engines.sglang.served import Served, ServerWatch
from docqa.engines.sglang.server_info import DEFAULT_ADDRESS, ServerInfo
from docqa.engines.sglang.trees import Tree, tree_name
from docqa.errors import (
    ContextOverflowError,
    EngineError,
    EngineMemoryError,
)
from docqa.tokenizers.base import Tokenizer

EVICTED_SHARE = 0.5
"""With less of its prefix cached than this, a question that has a root was not served from it."""


class SGLangEngine:
    """A server behind an address. Threads may share it."""

    name = "sglang"

    def __init__(
        self,
        config: EngineConfig,
        tokenizers: Callable[[str], Tokenizer],
        *,
        loading: Callable[[], str] = lambda: "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`loading` says what a server that docqa launched is doing while it cannot be reached."""
        root = (config.base_url or DEFAULT_ADDRESS).rstrip("/").removesuffix("/v1")
        self._config = replace(config, base_url=f"{root}/v1", preset="sglang")
        self._chat = OpenAICompatibleEngine(
            self._config, tokenizers, name=self.name, transport=transport
        )
        self._client = NativeClient(self.name, self._chat.client)
        self._folder = config.cache_path / "sglang"
        self._lock = threading.Lock()
        self._server = ServerWatch(self._client, config.model, tokenizers, loading)
        self._trees: dict[str, Tree] = {}
        self.step_tokens = STEP_TOKENS
        """Tokens that are read at a time when a prefix is warmed, at least."""

    @property
    def model(self) -> str:
        """The model's name as the server serves it, once that is known."""
        return self._server.model

    @property
    def over_chat(self) -> OpenAICompatibleEngine:
        """The same server over `/v1`, where each question sends its documents again."""
        return self._chat

    @property
    def leaves_machine(self) -> bool:
        """Whether text is sent to another machine, judged from the address in use."""
        return self._chat.leaves_machine

    @property
    def context_length(self) -> int:
        """The window in tokens: the server's, as far as its KV memory and the settings allow.

        Raises:
            EngineError: If the server does not answer, or does not tell.
        """
        served = self._server.known()
        if served is None or not served.info.window:
            return self._chat.context_length
        set_to = self._config.context_length
        return min(served.info.window, set_to) if set_to else served.info.window

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own vocabulary; an estimate where it is not known here.

        Raises:
            EngineError: If the server does not answer.
        """
        served = self._server.known()
        if served is None or served.template is None:
            return self._chat.tokenizer
        return served.template.tokenizer

    def server_info(self) -> ServerInfo | None:
        """What the server tells now, None where it has no native endpoints.

        Raises:
            EngineError: If it does not answer.
        """
        served = self._server.ask()
        return served.info if served else None

    def prefill(self, prefix: Prefix) -> Iterator[PrefillProgress]:
        """Read a prefix into the cache, in growing steps, going on where it was left.

        One that was read is read again as far as the server has let go of it.

        Raises:
            EngineError: As `stream`.
        """
        served = self._server.known()
        if served is not None and served.template is not None and prefix.family:
            try:
                yield from self._refreshed(prefix, served)
                return
            except NativeAbsentError:
                self._server.note_absent()
        yield from self._chat.prefill(prefix)

    def stream(self, prompt: Prompt, params: SamplingParams) -> Iterator[Delta]:
        """Yield the answer as it is generated, then one delta that carries the usage.

        Closing the iterator ends the request on the server.

        Raises:
            EngineError: If the server cannot be reached, loads, refuses, or dies in mid-answer.
        """
        served = self._server.known()
        if served is not None and served.template is not None:
            try:
                yield from self._native(prompt, params, served)
                return
            except NativeAbsentError:
                self._server.note_absent()
        yield from self._chat.stream(prompt, params)

    def health(self) -> EngineHealth:
        """Ask the server how it is."""
        try:
            served = self._server.ask()
        except EngineError as error:
            return EngineHealth(False, str(error), self.model, hint=error.hint)
        if served is None:
            return self._chat.health()
        info = served.info
        detail = f"SGLang {info.version} at {self._chat.client.root_url}, {info.model}"
        hint = ""
        if served.template is None:
            hint = (
                "The model's chat template is not known on this machine: each question sends the "
                "documents again. Set DOCQA_MODEL to the model's directory."
            )
        return EngineHealth(
            True, detail, info.model, info.window or None, models=(info.model,), hint=hint
        )

    def prefix_state(self, prefix: Prefix) -> PrefixState:
        """What the record on the disk says of this prefix; asks nobody."""
        if not prefix.family:
            return PrefixState(total=prefix.token_count)
        return self._tree(prefix).state(prefix, self._server.identity)

    def forget(self, family: str) -> None:
        """Delete the ids of a family and close its sessions, where the server can be reached."""
        for record in self._folder.glob(f"{family}-*.json"):
            tree = self._tree_at(record.stem)
            try:
                tree.close_sessions()
            except EngineError:
                continue  # a server that is gone has no sessions
        for path in self._folder.glob(f"{family}-*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the connections back; sessions stay for the next start."""
        for tree in self._trees.values():
            tree.close()
        self._chat.close()

    def _native(self, prompt: Prompt, params: SamplingParams, served: Served) -> Iterator[Delta]:
        if not prompt.prefix.family:
            yield from self._once(prompt, params, served)
            return
        tree = self._tree(prompt.prefix)
        sent = Sent()
        miss = ""
        for attempt in (1, 2):
            root = tree.root(prompt.prefix, served.vocabulary)
            read: PrefillProgress | None = None
            if root is None:
                miss = miss or tree.miss(prompt.prefix, served.vocabulary)
                before = sent.tokens
                for read in self._warm(prompt.prefix, served, sent):
                    yield Delta(progress=read)
                if sent.tokens == before:
                    read = None  # another question, for which this one waited, has read it
                root = tree.root(prompt.prefix, served.vocabulary)
            if root is None:  # a newer version of the pack took its place
                yield from self._once(prompt, params, served)
                return
            try:
                for delta in self._branch(prompt, params, tree, root, served, sent):
                    yield self._told(delta, root, read, miss)
                return
            except SessionForgottenError:
                if attempt == 2:
                    raise
                miss = self._server.why_lost(tree.file.read().server)
                tree.lose(root, miss)
                served = self._still_native(served)

    def _branch(
        self,
        prompt: Prompt,
        params: SamplingParams,
        tree: Tree,
        root: Root,
        served: Served,
        sent: Sent,
    ) -> Iterator[Delta]:
        assert served.template is not None
        tail = served.template.closing(prompt)
        self._check_size(root.tokens + len(tail) + params.max_tokens, served.info)
        for _ in tree.wait_for_room(root):
            yield Delta()
        request = Request(in_memory(tail), new_id(), params, root.branch(), prompt.prefix.salt)
        with tree.flight():
            yield from self._answer(request, served, sent)

    def _told(self, delta: Delta, root: Root, read: PrefillProgress | None, miss: str) -> Delta:
        """The delta; its usage says what of the prompt this question did not have to read."""
        usage = delta.usage
        if usage is None:
            return delta
        cached = usage.cached_tokens
        if read is not None and cached is not None:
            cached = min(cached, read.cached or 0)
        if not miss and (cached or 0) < EVICTED_SHARE * root.tokens:
            miss = "evicted from the server's cache"
        return replace(delta, usage=replace(usage, cached_tokens=cached, cache_miss=miss))

    def _still_native(self, before: Served) -> Served:
        """The server that is there now: another model may have come with the restart.

        Raises:
            NativeAbsentError: If it can only be asked over `/v1`.
        """
        served = self._server.known()
        if served is None or served.template is None:
            raise NativeAbsentError(self.name, f"{before.info.model} is not served any more")
        return served

    def _once(self, prompt: Prompt, params: SamplingParams, served: Served) -> Iterator[Delta]:
        """Ask with all ids in one request: for a prefix that is made for one question."""
        assert served.template is not None
        prefix = prompt.prefix
        tail = served.template.closing(prompt)
        ids = [*served.opening, *served.template.tokenizer.encode("".join(prefix.read_text()))]
        all_ids = Ids((ids, tail), len(ids) + len(tail))
        request = Request(all_ids, new_id(), params, None, prefix.salt)
        yield from self._answer(request, served, Sent())

    def _answer(self, request: Request, served: Served, sent: Sent) -> Iterator[Delta]:
        """The deltas of a request; the last one carries what the server counted."""
        begun = time.monotonic()
        first_s: float | None = None
        shown = ""
        with closing(self._client.generate(request, sent)) as events:
            for event in events:
                if event is None:
                    yield Delta()
                    continue
                text = event.text if served.info.incremental else event.text[len(shown) :]
                shown += text
                if text and first_s is None:
                    first_s = time.monotonic() - begun
                yield Delta(text)
                if event.finish is not None:
                    usage = Usage(
                        prompt_tokens=_count(event.meta.get("prompt_tokens")) or 0,
                        cached_tokens=_count(event.meta.get("cached_tokens")),
                        completion_tokens=_count(event.meta.get("completion_tokens")) or 0,
                        sent_tokens=sent.tokens,
                        sent_bytes=sent.bytes,
                        prefill_s=first_s,
                    )
                    yield Delta(usage=usage, finish_reason=event.finish_reason)

    def _refreshed(self, prefix: Prefix, served: Served) -> Iterator[PrefillProgress]:
        tree = self._tree(prefix)
        root = tree.root(prefix, served.vocabulary)
        if root is not None:
            try:
                with tree.flight():
                    yield from self._touched(root, prefix)
                return
            except SessionForgottenError:
                tree.lose(root, self._server.why_lost(tree.file.read().server))
        yield from self._warm(prefix, served)

    def _touched(self, root: Root, prefix: Prefix) -> Iterator[PrefillProgress]:
        """A branch of one token: the server finds the root in its cache, or reads it again."""
        request = Request(in_memory([0]), new_id(), WARMED, root.branch(), prefix.salt)
        progress = PrefillProgress(0, root.tokens)
        for event in self._client.generate(request, Sent()):
            if event is not None:
                cached = min(_count(event.meta.get("cached_tokens")) or 0, root.tokens)
                progress = PrefillProgress(root.tokens, root.tokens, cached)
            yield progress

    def _warm(
        self, prefix: Prefix, served: Served, sent: Sent | None = None
    ) -> Iterator[PrefillProgress]:
        assert served.template is not None
        self._check_size(prefix.token_count, served.info)
        reading = Reading(
            list(served.opening),
            served.vocabulary,
            PrefixIds(self._folder, served.template.tokenizer),
            lambda: served.info.identity,
            sent or Sent(),
            self.step_tokens,
            served.info.rank_of(prefix.family),
        )
        tree = self._tree(prefix)
        done = PrefillProgress(prefix.token_count, prefix.token_count, prefix.token_count)
        for done in tree.grow(prefix, reading):
            yield done
        yield done

    def _check_size(self, needed: int, info: ServerInfo) -> None:
        if info.context_length and needed > info.context_length:
            raise ContextOverflowError(self.name, needed, info.context_length)
        if info.max_total_tokens and needed > info.max_total_tokens:
            raise EngineMemoryError(
                self.name,
                f"its KV memory holds {info.max_total_tokens:,} tokens, the prompt needs "
                f"{needed:,} (the model's window of {info.context_length:,} would take them)",
            )

    def _tree(self, prefix: Prefix) -> Tree:
        name = tree_name(prefix.family, self._chat.client.root_url, prefix.salt)
        return self._tree_at(name, prefix.salt)

    def _tree_at(self, name: str, salt: str = "") -> Tree:
        with self._lock:
            if name not in self._trees:
                self._trees[name] = Tree(self._client, self._folder / name, salt)
            return self._trees[name]


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
