"""What `FakeSGLang` does with a request: sessions, the prefix cache, tokens one by one."""

import json
import re
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docqa.bench.fake.examples import example_of, match_of
from docqa.bench.fake.radix_tree import PrefixTree, packed

_KEPT_FREE = 6
"""Tokens of the window that SGLang's scheduler keeps for itself."""
_END_OF_TEXT = 2


class Refused(Exception):
    """A request that SGLang answers with status 400 and these words.

    `late` is one that its scheduler refuses: in a stream the status is 200 then, and an event says
    it, with one token of nonsense.
    """

    def __init__(self, message: str, *, late: bool = False) -> None:
        self.message = message
        self.late = late
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for text, as a scripted answer sees it."""

    path: str
    rid: str
    prompt: bytes = field(repr=False)
    """The packed ids of all that the model reads."""
    cached_tokens: int
    max_new_tokens: int
    ignore_eos: bool
    json_schema: str
    regex: str = ""
    messages: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    aborted: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set by `/abort_request`; hooks may wait for it."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens that the model reads."""
        return len(self.prompt) // 4


@dataclass(frozen=True, slots=True)
class Token:
    """One step of an answer: all ids so far, all text so far, and why it ended, if it did."""

    ids: tuple[int, ...]
    text: str
    finish_reason: Mapping[str, object] | None


@dataclass(slots=True)
class _Branch:
    """A finished or running request of a session, and those below it."""

    before: bytes
    """What it goes on from, shared with all that go on from there."""
    own: bytes = b""
    output: bytes = b""
    finished: bool = False
    children: list[str] = field(default_factory=list)

    def ids(self) -> bytes:
        """All that it has read, from now on in one piece."""
        if self.own:
            self.before, self.own = self.before + self.own, b""
        return self.before


class Scheduler:
    """Threads share it; generating itself happens outside of the lock."""

    def __init__(self, context_length: int, max_total_tokens: int) -> None:
        self.context_length = context_length
        self.max_total_tokens = max_total_tokens
        self.answer: str | Callable[[Asked], str] = "The sea is wide and blue."
        self.before_token: Callable[[Asked, int], None] = lambda asked, number: None
        self._lock = threading.Lock()
        self._trees: dict[str, PrefixTree] = {}
        self.sessions: dict[str, dict[str, _Branch]] = {}
        self.in_flight: dict[str, Asked] = {}

    @property
    def longest_input(self) -> int:
        """Tokens that one request may have, its answer not counted."""
        return min(self.context_length, self.max_total_tokens) - _KEPT_FREE

    @property
    def used_tokens(self) -> int:
        """Tokens in the prefix cache."""
        return sum(tree.token_count for tree in self._trees.values())

    def flush(self) -> None:
        """Empty the prefix cache; sessions stay."""
        with self._lock:
            self._trees.clear()

    def forget(self) -> None:
        """What a restart loses: the cache, and all sessions."""
        with self._lock:
            self._trees.clear()
            self.sessions.clear()

    def open(self, session: str) -> bool:
        """Open a session; False if there is one with this id."""
        with self._lock:
            if session in self.sessions:
                return False
            self.sessions[session] = {}
            return True

    def close(self, session: str) -> None:
        """Close a session, if it is open."""
        with self._lock:
            self.sessions.pop(session, None)

    def abort(self, rid: str, *, everything: bool = False) -> None:
        """End this request, or every one."""
        with self._lock:
            for name, asked in self.in_flight.items():
                if everything or (rid and name == rid):
                    asked.aborted.set()

    def admit(self, path: str, rid: str, ids: bytes, body: Mapping[str, Any]) -> Asked:
        """Join the ids to their session's, see what of them is cached, and enter the request.

        Raises:
            Refused: As SGLang would.
        """
        sampling = body.get("sampling_params") or {}
        new_tokens = int(sampling.get("max_new_tokens", 128))
        self._check_own_length(len(ids) // 4, new_tokens)
        params = body.get("session_params") or {}
        with self._lock:
            if rid in self.in_flight:
                raise Refused(f"Duplicate request ID detected: {rid}")
            before = self._before(params) if params else b""
            joined = before + ids
            length = len(joined) // 4
            if length >= self.longest_input:
                raise Refused(
                    f"Input length ({length} tokens) exceeds the maximum allowed length "
                    f"({self.longest_input} tokens). Use a shorter input or enable "
                    "--allow-auto-truncate.",
                    late=True,
                )
            tree = self._tree(body, joined)
            asked = Asked(
                path=path,
                rid=rid,
                prompt=joined,
                cached_tokens=min(tree.matched(joined), max(length - 1, 0)),
                max_new_tokens=new_tokens,
                ignore_eos=bool(sampling.get("ignore_eos")),
                json_schema=str(sampling.get("json_schema") or ""),
                regex=str(sampling.get("regex") or ""),
                messages=tuple(body.get("messages") or ()),
            )
            if params:
                self._enter(params, rid, _Branch(before, ids))
            tree.insert(joined)
            self.in_flight[rid] = asked
        return asked

    def generate(self, asked: Asked, body: Mapping[str, Any]) -> Generator[Token]:
        """The answer, token by token; the last one says why it ended."""
        token = Token((), "", None)
        try:
            for token in self._tokens(asked):
                yield token
        finally:
            self._finish(asked, body, token)

    def _check_own_length(self, length: int, new_tokens: int) -> None:
        if length == 0:
            raise Refused("Either text, input_ids or input_embeds should be provided.")
        if length >= self.context_length:
            raise Refused(
                f"The input ({length} tokens) is longer than the model's context length "
                f"({self.context_length} tokens)."
            )
        if length + new_tokens > self.context_length:
            raise Refused(
                "Requested token count exceeds the model's maximum context length of "
                f"{self.context_length} tokens. You requested a total of {length + new_tokens} "
                f"tokens: {length} tokens from the input messages and {new_tokens} tokens for the "
                "completion. Please reduce the number of tokens in the input messages or the "
                "completion to fit within the limit."
            )

    def _before(self, params: Mapping[str, Any]) -> bytes:
        session = self.sessions.get(params["id"])
        if session is None:
            message = f"Invalid request: session id {params['id']} does not exist"
            raise Refused(message, late=True)
        parent = params.get("rid")
        if parent is None:
            return b""
        branch = session.get(parent)
        if branch is None:
            raise Refused("Invalid request session id", late=True)
        if not branch.finished and not params.get("replace"):
            raise Refused(
                "Session request is appending to a request that hasn't finished.", late=True
            )
        before = branch.ids()
        if not params.get("drop_previous_output"):
            before += branch.output
        return before[: 4 * int(params.get("offset") or len(before))]

    def _enter(self, params: Mapping[str, Any], rid: str, branch: _Branch) -> None:
        session, parent = self.sessions[params["id"]], params.get("rid")
        if params.get("replace"):
            self._drop(session, [parent] if parent else list(session), keep_first=bool(parent))
        if parent:
            session[parent].children.append(rid)
        session[rid] = branch

    def _drop(self, session: dict[str, _Branch], names: list[str], *, keep_first: bool) -> None:
        """Forget these branches and all below them, and abort what of them is running."""
        for name in names:
            branch = session.get(name) if keep_first else session.pop(name, None)
            if running := self.in_flight.get(name):
                running.aborted.set()
            if branch is not None:
                below, branch.children = branch.children, []
                self._drop(session, below, keep_first=False)

    def _tree(self, body: Mapping[str, Any], joined: bytes) -> PrefixTree:
        """The cache of this request's salt, with room made for it if need be."""
        salt = str(body.get("cache_salt") or "") + str(body.get("extra_key") or "")
        tree = self._trees.setdefault(salt, PrefixTree())
        matched = tree.matched(joined)
        if self.used_tokens + len(joined) // 4 - matched > self.max_total_tokens:
            # All goes but what this request shares; SGLang evicts by age, and no more than it must.
            tree = PrefixTree()
            tree.insert(joined[: 4 * matched])
            self._trees = {salt: tree}
        return tree

    def _tokens(self, asked: Asked) -> Generator[Token]:
        text = self._answer(asked)
        pieces = re.findall(r"\s*\S+|\s+$", text) or [""]
        ids: list[int] = []
        said = ""
        for number in range(asked.max_new_tokens):
            self.before_token(asked, number)
            if asked.aborted.is_set():
                yield Token(tuple(ids), said, _ABORTED)
                return
            if number >= len(pieces) and not asked.ignore_eos:
                yield Token((*ids, _END_OF_TEXT), said, {"type": "stop", "matched": _END_OF_TEXT})
                return
            said += pieces[number % len(pieces)]
            ids.append(100 + number)
            last = number + 1 == asked.max_new_tokens
            reason = {"type": "length", "length": asked.max_new_tokens} if last else None
            yield Token(tuple(ids), said, reason)

    def _answer(self, asked: Asked) -> str:
        if not isinstance(self.answer, str):
            return self.answer(asked)
        if asked.regex:
            return match_of(asked.regex)
        return example_of(json.loads(asked.json_schema)) if asked.json_schema else self.answer

    def _finish(self, asked: Asked, body: Mapping[str, Any], last: Token) -> None:
        with self._lock:
            self.in_flight.pop(asked.rid, None)
            params = body.get("session_params") or {}
            branch = self.sessions.get(params.get("id", ""), {}).get(asked.rid)
            if branch is not None:
                branch.finished, branch.output = True, packed(last.ids)


_ABORTED = {"type": "abort", "message": "Aborted", "status_code": None, "err_type": None}
