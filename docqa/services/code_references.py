"""Where names are defined and who uses them."""

import re
from collections.abc import Callable, Sequence

from docqa.core.references import CodeFile, Definition, UsedBy, UsePlace
from docqa.core.symbols import UseKind
from docqa.core.terms import search_terms
from docqa.services.code_graph import CodeIndex, CodeIndexes
from docqa.store.code_names import name_parts
from docqa.store.store import Store

MOST_PLACES = 200
MOST_FILES = 4_000
"""Files that are looked at for the uses of one name."""
MOST_NAMES = 400
"""Names of one symbol that are looked up."""
MOST_ALIKE = 3
"""A name that is not imported and has more definitions could be any of them."""
MAX_LINE = 200
_WEIGHTY = frozenset(("class", "enum", "function", "interface", "struct", "trait", "type"))
# Whole words: `docker`, `special` and `latest` are none.
_TEST_FOLDER = re.compile(
    r"tests?|testing|testdata|specs?|examples?|docs?|documentation|bench(?:marks?)?"
)
_TEST_FILE = re.compile(r"(?:test|bench)_.*|tests?|conftest|.*[_.-](?:test|spec)s?")
_TEST_CLASS = re.compile(r"(?:Tests?|Spec)\Z")


class References:
    """Definitions and uses of names."""

    def __init__(self, store: Store, indexes: CodeIndexes) -> None:
        self._store = store
        self._indexes = indexes

    def definitions(
        self, workspace_id: int, name: str, *, near: int | None = None
    ) -> tuple[Definition, ...]:
        """Where a name is defined, best first; see `CodeService.definitions`."""
        found = self._store.code.find_symbols(workspace_id, name)
        parts = name_parts(name)
        if not found and len(parts) > 1:
            found = self._store.code.find_symbols(workspace_id, parts[-1])
        if len(found) < 2:
            return found
        index = self._indexes.of(workspace_id)
        return tuple(sorted(found, key=_closeness(index, index.by_version.get(near or 0))))

    def used_by(self, workspace_id: int, name: str, *, most: int = MOST_PLACES) -> UsedBy:
        """The lines that use a name; see `CodeService.used_by`."""
        parts = name_parts(name)
        if not parts:
            return UsedBy()
        index = self._indexes.of(workspace_id)
        versions, more = self._candidates(index, workspace_id, parts[-1])
        if len(parts) > 1 and len(self._store.code.find_symbols(workspace_id, parts[-1])) > 1:
            # Others are called so, too: what uses this one hardly does without naming its holder.
            holding = set(self._candidates(index, workspace_id, parts[-2])[0])
            versions = [version_id for version_id in versions if version_id in holding]
        found: list[tuple[int, int, UseKind]] = []
        for version_id, uses in self._store.code.uses_of(versions, parts[-1]):
            found += [(version_id, line, kind) for line, kind in uses]
            if len(found) > most:
                more = True
                break
        return UsedBy(self._places(index, found[:most]), more)

    def uses(self, workspace_id: int, version_id: int, ordinal: int) -> tuple[Definition, ...]:
        """What a symbol uses of the codebase; see `CodeService.uses`."""
        facts = self._store.code.facts(version_id)
        index = self._indexes.of(workspace_id)
        file = index.by_version.get(version_id)
        if file is None or not 0 <= ordinal < len(facts.symbols):
            return ()
        symbol = facts.symbols[ordinal]
        first_lines: dict[str, int] = {}
        for use in sorted(facts.uses, key=lambda use: use.line):
            if symbol.first_line <= use.line <= symbol.last_line:
                first_lines.setdefault(use.name, use.line)
        names = list(first_lines)[:MOST_NAMES]
        defined = self._store.code.definitions(workspace_id, names)
        closeness = _closeness(index, file)
        used = []
        for name in names:
            others = [each for each in defined.get(name, ()) if not _is(each, version_id, ordinal)]
            best = min(others, key=closeness, default=None)
            if best and (closeness(best)[0] < _SAME_LANGUAGE or len(others) <= MOST_ALIKE):
                used.append(best)
        return tuple(used)

    def _candidates(
        self, index: CodeIndex, workspace_id: int, name: str
    ) -> tuple[Sequence[int], bool]:
        """Versions that may use the name, in path order, and whether there are more."""
        terms = search_terms(name).split()
        if terms:
            return self._store.code.candidates(workspace_id, terms[0], MOST_FILES)
        # Function words are in no index: `is`, `on`.
        everything = sorted(index.files, key=lambda file: (file.path, file.source_id))
        versions = [file.version_id for file in everything]
        return versions[:MOST_FILES], len(versions) > MOST_FILES

    def _places(
        self, index: CodeIndex, found: Sequence[tuple[int, int, UseKind]]
    ) -> tuple[UsePlace, ...]:
        told = self._store.code.lines([(version_id, line) for version_id, line, _ in found])
        places = []
        for version_id, line, kind in found:
            file = index.by_version.get(version_id)
            if file is not None:
                text, within = told[version_id, line]
                places.append(
                    UsePlace(
                        document_id=file.document_id,
                        version_id=version_id,
                        document=file.document,
                        line=line,
                        kind=kind,
                        text=text.strip()[:MAX_LINE],
                        within=within,
                    )
                )
        return tuple(places)


_SAME_FILE, _IMPORTED, _SAME_FOLDER, _SAME_LANGUAGE, _ELSEWHERE = range(5)
_Prominence = tuple[bool, bool, int, int, str, int]


def _closeness(
    index: CodeIndex, near: CodeFile | None
) -> Callable[[Definition], tuple[int, _Prominence]]:
    """What definitions are put in order by: the closest to a file first."""
    imported = set()
    if near is not None:
        resolved = index.resolved(near.version_id)
        imported = {file.version_id for each in resolved for file in each.files}

    def place(definition: Definition) -> int:
        if near is None:
            return _SAME_LANGUAGE
        if definition.version_id == near.version_id:
            return _SAME_FILE
        if definition.version_id in imported:
            return _IMPORTED
        if definition.language != near.language:
            return _ELSEWHERE
        file = index.by_version.get(definition.version_id)
        same = file is not None and _folder(file) == _folder(near)
        return _SAME_FOLDER if same else _SAME_LANGUAGE

    return lambda definition: (place(definition), prominence(definition))


def prominence(definition: Definition) -> _Prominence:
    """What definitions of one name are put in order by where nothing else tells: the best first."""
    symbol = definition.symbol
    return (
        is_test(definition.document),
        symbol.kind not in _WEIGHTY and symbol.kind != "method",
        symbol.path.count("."),
        symbol.first_line - symbol.last_line,
        definition.document,
        symbol.ordinal,
    )


def is_test(path: str) -> bool:
    """Whether a file looks like a test, example or documentation."""
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0] or name
    return (
        any(_TEST_FOLDER.fullmatch(folder.strip("_.").lower()) for folder in folders)
        or _TEST_CLASS.search(stem) is not None
        or _TEST_FILE.fullmatch(stem.lower()) is not None
    )


def _folder(file: CodeFile) -> tuple[int, str]:
    return file.source_id, file.path.rpartition("/")[0]


def _is(definition: Definition, version_id: int, ordinal: int) -> bool:
    return definition.version_id == version_id and definition.symbol.ordinal == ordinal
