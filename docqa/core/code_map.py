"""The map of a codebase: its tree and its definitions, in the order of the paths.

A pure function of stored values, bounded by a number of tokens: what does not fit is left away
level by level (methods, functions, types, files, folders), and the map says so. An amendment tells
in the same words what has changed since. Neither has labels; both are escaped when rendered.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from docqa.core.map_fitting import Entry, Group, MapText, fitted
from docqa.core.prompts import one_line
from docqa.core.symbols import Symbol

LEAST_TOKENS = 2_000
"""A map may always be this long."""
SHARE = 20
"""A map has at most a 20th of its source's tokens."""
MIN_CODE_FILES = 3
"""Sources with fewer files of code have no map."""
REVISION_DIGITS = 12
"""Of a commit's 40, in the pack."""

_BYTES_PER_TOKEN = 4
"""Of source code, by Llama 4's vocabulary: 4.4 to 4.6 measured, less with its labels."""
_MOST_NAME = 300
_MOST_DEPTH = 64
_OUTLINE_DEPTHS = (_MOST_DEPTH, 4, 3, 2, 1)
_GUIDE = (
    "Find your way with this map. It has no labels: cite the passages of the documents, never the"
    " map."
)

Folder = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapFile:
    """A file as a map shows it."""

    path: str
    language: str = ""
    lines: int = 0
    size: int = 0
    """Bytes."""
    number: int | None = None
    """Of its document in the pack, where that is told."""

    @property
    def folder(self) -> Folder:
        """The folders it is in, outermost first."""
        return tuple(self.path.split("/")[:-1][:_MOST_DEPTH])


@dataclass(frozen=True, slots=True)
class CodeSource:
    """The codebase that a map is of."""

    name: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class MapChanges:
    """What has changed in a codebase since its map was made."""

    map_number: int
    """Of the map's document in the pack."""
    revision: str = ""
    """The one before."""
    removed: Sequence[MapFile] = ()
    returned: Sequence[MapFile] = ()
    """Were gone, and are there again as they were."""
    changed: Sequence[MapFile] = ()
    """Their numbers are those of the documents which are replaced."""
    added: Sequence[MapFile] = ()


def map_budget(size: int, most: int) -> int:
    """Tokens that the map of so many bytes may have."""
    return min(most, max(LEAST_TOKENS, _tokens(size) // SHARE))


def in_map_order(files: Iterable[MapFile]) -> list[MapFile]:
    """The files by path, those of a folder before its folders."""
    return sorted(files, key=lambda file: (file.folder, file.path))


def render_map(
    source: CodeSource,
    files: Sequence[MapFile],
    symbols: Iterable[Sequence[Symbol]],
    *,
    tokens: int,
    count: Callable[[str], int],
) -> str:
    """The map of these files, which are `in_map_order`; `symbols` are theirs, in the same order.

    It has at most `tokens` tokens as `count` counts them. Symbols are read one file at a time, and
    no more of them than may fit.
    """
    by_folder = {
        folder: tuple(Entry(_name(file.path.rsplit("/", 1)[-1]), _told(file)) for file in group)
        for folder, group in groupby(files, lambda file: file.folder)
    }
    tree = _tree(files)
    at = f" at {source.revision[:REVISION_DIGITS]}" if source.revision else ""
    size = sum(file.size for file in files)
    intro = f"Map of {_name(source.name)}{at}: {_files(len(files))}, {_about(size)}.\n{_GUIDE}\n"
    groups = [Group(line, by_folder.get(folder, ())) for folder, line in tree.items()]
    outlines = [
        [line for folder, line in tree.items() if len(folder) <= depth] for depth in _OUTLINE_DEPTHS
    ]
    text = MapText(intro, groups, outlines, some_files=True)
    return fitted(text, symbols, tokens=tokens, count=count)


def render_amendment(
    source: CodeSource,
    changes: MapChanges,
    symbols: Iterable[Sequence[Symbol]],
    *,
    tokens: int,
    count: Callable[[str], int],
) -> str:
    """What has changed; `symbols` are those of the changed files, then of the added ones."""
    now, before = (each[:REVISION_DIGITS] for each in (source.revision, changes.revision))
    at = f", now at {now}" if now else ""
    was = f", before at {before}" if before and before != now else ""
    intro = (
        f"Changes in {_name(source.name)}{at}{was}. All else in its map (document"
        f" {changes.map_number}) stands.\n{_GUIDE}\n"
    )
    sections = [
        ("Deleted, no part of the code any more", changes.removed, False),
        ("There again, as they were", changes.returned, False),
        ("Changed, the new versions follow; do not rely on the old ones", changes.changed, True),
        ("Added, they follow", changes.added, True),
    ]
    told = [section for section in sections if section[1]]
    groups = [
        Group(
            f"{heading}:",
            [Entry(_numbered(file), _told(file) if defines else "", defines) for file in files],
        )
        for heading, files, defines in told
    ]
    by_folder = [
        f"{heading}: {_files(len(list(group)))} in {_path(folder)}"
        for heading, files, _ in told
        for folder, group in groupby(files, lambda file: file.folder)
    ]
    totals = [f"{heading}: {_files(len(files))}" for heading, files, _ in told]
    text = MapText(intro, groups, (by_folder, totals))
    return fitted(text, symbols, tokens=tokens, count=count)


def _tree(files: Sequence[MapFile]) -> dict[Folder, str]:
    """A line for each folder, with its files and tokens, those of its folders among them."""
    counts: dict[Folder, int] = defaultdict(int)
    sizes: dict[Folder, int] = defaultdict(int)
    own: dict[Folder, int] = defaultdict(int)
    for file in files:
        own[file.folder] += 1
        counts[file.folder] += 1
        sizes[file.folder] += file.size
    for folder in _with_outer(own):
        if folder:
            counts[folder[:-1]] += counts[folder]
            sizes[folder[:-1]] += sizes[folder]
    passing = {
        folder[:-1]
        for folder in counts
        if folder and folder[:-1] not in own and counts[folder[:-1]] == counts[folder]
    }
    return {
        folder: f"{_path(folder)} ({_files(counts[folder])}, {_about(sizes[folder])})"
        for folder in sorted(counts)
        if folder not in passing and (folder or folder in own)
    }


def _with_outer(folders: Iterable[Folder]) -> Iterator[Folder]:
    """These folders and all that they are in, inner ones first."""
    every = {folder[:depth] for folder in folders for depth in range(len(folder) + 1)}
    return iter(sorted(every, key=lambda folder: (-len(folder), folder)))


def _path(folder: Folder) -> str:
    return _name("/".join(folder)) + "/" if folder else "./"


def _name(name: str) -> str:
    shown = one_line(name)
    return shown if len(shown) <= _MOST_NAME else f"{shown[:_MOST_NAME]}..."


def _numbered(file: MapFile) -> str:
    number = f" (document {file.number})" if file.number is not None else ""
    return _name(file.path) + number


def _told(file: MapFile) -> str:
    language = f", {one_line(file.language)}" if file.language else ""
    lines = f", {file.lines:,} line{'s' * (file.lines != 1)}" if file.lines else ""
    return language + lines


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _about(size: int) -> str:
    """About how many tokens so many bytes have."""
    tokens = _tokens(size)
    if tokens < 1_000:
        return f"~{max(1, round(tokens, -1))} tokens"
    return f"~{round(tokens / 1_000):,}k tokens"


def _tokens(size: int) -> int:
    return size // _BYTES_PER_TOKEN
