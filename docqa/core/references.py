"""Where a name of a codebase is defined, who uses it, and which files ask for which."""

from dataclasses import dataclass

from docqa.core.symbols import Import, Symbol, UseKind


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A source file with its current version."""

    document_id: int
    version_id: int
    document: str
    """The document's name."""
    path: str
    """In its source."""
    source_id: int
    language: str
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file that has lines: code, text, Markdown."""

    document_id: int
    version_id: int
    document: str
    """The document's name."""
    path: str
    line_count: int
    revision: str


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a symbol is defined."""

    symbol: Symbol
    document_id: int
    version_id: int
    document: str
    """The document's name."""
    language: str
    source_id: int


@dataclass(frozen=True, slots=True)
class UsePlace:
    """A line that uses a name."""

    document_id: int
    version_id: int
    document: str
    line: int
    """1-based."""
    kind: UseKind
    text: str
    """The line, without white space around it, shortened; secrets in it are masked."""
    within: str
    """Path of the innermost symbol that the line stands in; empty outside of all."""


@dataclass(frozen=True, slots=True)
class UsedBy:
    """Who uses a name, in path order."""

    places: tuple[UsePlace, ...] = ()
    more: bool = False
    """Whether there may be others that are not listed."""


@dataclass(frozen=True, slots=True)
class ResolvedImport:
    """What a file asks for, and the files of the codebase that this means, if any."""

    what: Import
    files: tuple[CodeFile, ...] = ()
    """Empty for the standard library and packages."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A file that imports another one, itself (distance 1) or through others."""

    file: CodeFile
    distance: int


@dataclass(frozen=True, slots=True)
class Codebase:
    """The code of a workspace in figures."""

    files: int
    tokens: int
    languages: tuple[tuple[str, int, int], ...]
    """(language, files, tokens), most tokens first."""
    sources: tuple[int, ...]
    """Ids of the sources with code in them."""
