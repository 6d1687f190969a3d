"""What is in a server's session, written down: another process and the next start go on from it."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from docqa.engines.locks import FileLock
from docqa.engines.sglang.request import Branch

MAX_APPENDED = 16
"""Roots that may follow each other in a session: each keeps its own copy of all ids before it."""


@dataclass(frozen=True, slots=True)
class Root:
    """A request in a session that has read a prefix, or a part of one; questions branch from it."""

    session: str
    rid: str
    hash: str
    """The pack version it has read; empty where it ends within a piece."""
    tokens: int
    """All tokens up to its end, the template's opening included."""
    rank: int | None = None
    """The server's data-parallel rank that holds it, None where there is one rank."""

    def branch(self, *, replace: bool = False) -> Branch:
        """Where a request goes on that has read all of this."""
        return Branch(self.session, self.rid, replace, self.rank)


@dataclass(frozen=True, slots=True)
class Record:
    """The sessions of one family of prefixes on one server."""

    vocabulary: str = ""
    """Names tokenizer and opening; what was read with others is of no use."""
    server: str = ""
    """The server's identity when the session was opened."""
    roots: tuple[Root, ...] = ()
    """In the session in use, oldest first."""
    warming: Root | None = None
    """How far a session has come that is still being read."""
    retired: tuple[str, ...] = ()
    """Sessions to be closed when no question is in flight."""
    lost: str = ""
    """Why there are no roots any more, in words."""

    @property
    def last(self) -> Root | None:
        """The root that has read most."""
        return self.roots[-1] if self.roots else None

    @property
    def full(self) -> bool:
        """Whether the session has as many roots as it may have."""
        return len(self.roots) > MAX_APPENDED

    def root(self, prefix_hash: str) -> Root | None:
        """The root of this pack version."""
        return next((root for root in self.roots if root.hash == prefix_hash), None)

    def appended(self, root: Root) -> "Record":
        """With one more root in the session in use."""
        return replace(self, roots=(*self.roots, root), lost="")

    def warmed(self, root: Root, server: str) -> "Record":
        """With a step further in a session that is being read on this start of the server."""
        return replace(self, warming=root, server=server)

    def moved(self, root: Root, server: str) -> "Record":
        """With a root in a session of its own; all others are to be closed."""
        retired = tuple(session for session in self.sessions if session != root.session)
        return Record(self.vocabulary, server, (root,), retired=retired)

    @property
    def sessions(self) -> tuple[str, ...]:
        """All sessions that may be open on the server."""
        roots = (*self.roots, *((self.warming,) if self.warming else ()))
        return tuple(sorted({root.session for root in roots} | set(self.retired)))

    def dropped(self) -> "Record":
        """With no root; all sessions are to be closed."""
        return Record(vocabulary=self.vocabulary, server=self.server, retired=self.sessions)

    def forgotten(self, why: str) -> "Record":
        """With nothing left on the server."""
        return Record(vocabulary=self.vocabulary, server=self.server, lost=why)

    def without(self, root: Root, why: str) -> "Record":
        """With nothing left, if this root is still one of those in use."""
        return self.forgotten(why) if root in self.roots else self


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A record on the disk; replaced whole, so that a reader finds the old or the new one."""

    path: Path
    _seen: dict[str, Any] = field(default_factory=dict, repr=False)

    def read(self) -> Record:
        """What is recorded; nothing where there is no file or a damaged one."""
        try:
            stamp = self.path.stat().st_mtime_ns
            if self._seen.get("stamp") == stamp:
                known: Record = self._seen["record"]
                return known
            record = _parsed(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return Record()
        self._seen.update(stamp=stamp, record=record)
        return record

    def change(self, change: Callable[[Record], Record]) -> Record:
        """Record what `change` makes of what is recorded; nobody else writes meanwhile."""
        with FileLock(self.path.with_suffix(".writing")).exclusive():
            self._seen.clear()
            record = change(self.read())
            self._write(record)
            return record

    def _write(self, record: Record) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".record")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file)
        Path(name).replace(self.path)
        self._seen.clear()


def _parsed(value: dict[str, Any]) -> Record:
    warming = value["warming"]
    return Record(
        vocabulary=value["vocabulary"],
        server=value["server"],
        roots=tuple(Root(**root) for root in value["roots"]),
        warming=Root(**warming) if warming else None,
        retired=tuple(value["retired"]),
        lost=value["lost"],
    )


@dataclass(frozen=True, slots=True)
class BranchCount:
    """How many branches a session has on the server, over all processes: a byte for each."""

    path: Path

    def add(self) -> None:
        """One more."""
        with self.path.open("ab") as file:
            file.write(b".")

    def reset(self, left: int = 0) -> None:
        """So many are left."""
        self.path.write_bytes(b"." * left)

    @property
    def value(self) -> int:
        """How many there are."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
