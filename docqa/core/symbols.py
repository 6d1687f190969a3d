"""What a reader finds in source code beside its passages: symbols, imports, uses, secrets.

Lines are 1-based, character offsets 0-based and half open. Everything here is stored.
"""

from dataclasses import dataclass
from typing import Literal

SymbolKind = Literal[
    "class",
    "constant",
    "enum",
    "function",
    "impl",
    "interface",
    "macro",
    "method",
    "module",
    "struct",
    "trait",
    "type",
]
UseKind = Literal["call", "import", "type", "name"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition in a file."""

    ordinal: int
    """0-based, in the order of the lines."""
    parent: int | None
    """Ordinal of the definition that it stands in."""
    name: str
    path: str
    """Names from the outermost definition on, joined by `.`: `Flask.route`."""
    kind: SymbolKind
    first_line: int
    """With its decorators and the comments above it."""
    last_line: int
    line: int
    """Where its name stands."""
    signature: str = ""
    """The line that names it, shortened."""


@dataclass(frozen=True, slots=True)
class Import:
    """What a file asks for, as it is written there: `flask.app`, `./util`, `stdio.h`."""

    target: str
    line: int
    names: tuple[str, ...] = ()
    """What is taken from it; empty where it is taken as a whole."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a file uses without defining it there; definitions are symbols."""

    name: str
    line: int
    kind: UseKind = "name"


@dataclass(frozen=True, slots=True)
class Secret:
    """A place that looks like a password, key or token; `kind` says which, in words."""

    line: int
    start: int
    end: int
    """`start` and `end` are character offsets in the line."""
    kind: str


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """The structure of one source file."""

    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    uses: tuple[Use, ...] = ()


NO_FACTS = CodeFacts()
