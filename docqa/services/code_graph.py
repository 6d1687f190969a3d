"""Which files of a workspace import which; read from the store once per published state."""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from docqa.core.import_rules import RULES
from docqa.core.imports import ImportResolver
from docqa.core.module_graph import Module, ModuleGraph
from docqa.core.references import CodeFile, ResolvedImport
from docqa.core.symbols import Import
from docqa.store.store import Store

_KEPT = 2
"""Workspaces whose files are kept in memory."""
_MOST_BUILD_FILES = 200
_GO_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_CRATE = re.compile(r"^\[package\][^\[]*?^name\s*=\s*\"([\w-]+)\"", re.MULTILINE | re.DOTALL)
_GO_MOD, _CARGO = "go.mod", "Cargo.toml"
_IMPORTS_CLASSES = frozenset(("java", "kotlin", "scala", "groovy"))


@dataclass(frozen=True)
class CodeIndex:
    """The source files that can be asked about, and what they import."""

    store: Store = field(repr=False)
    workspace_id: int = 0
    files: tuple[CodeFile, ...] = ()
    graphs: dict[tuple[str, int], ModuleGraph] = field(default_factory=dict, repr=False)
    """By folder and size."""
    questions: list[tuple[str, ...]] = field(default_factory=list, repr=False)
    """What it suggests, once that was asked."""

    @cached_property
    def by_version(self) -> dict[int, CodeFile]:
        """The files by their current version."""
        return {file.version_id: file for file in self.files}

    @cached_property
    def by_document(self) -> dict[int, CodeFile]:
        """The files by their document."""
        return {file.document_id: file for file in self.files}

    @cached_property
    def by_path(self) -> dict[tuple[int, str], CodeFile]:
        """The files by source and path."""
        return {(file.source_id, file.path): file for file in self.files}

    def resolved(self, version_id: int) -> tuple[ResolvedImport, ...]:
        """What a version imports, in the order of the lines; nothing of one that is not current."""
        file = self.by_version.get(version_id)
        if file is None:
            return ()
        found = dict(self.store.code.imports((version_id,))).get(version_id, ())
        return tuple(
            ResolvedImport(what, self._files(file, what))
            for what in sorted(found, key=lambda what: what.line)
        )

    @cached_property
    def imports(self) -> dict[int, tuple[int, ...]]:
        """The documents that each document imports."""
        return self._scanned[0]

    @cached_property
    def imported_names(self) -> Counter[str]:
        """How many files import each name from other files of the codebase."""
        return self._scanned[1]

    @cached_property
    def _scanned(self) -> tuple[dict[int, tuple[int, ...]], Counter[str]]:
        graph: dict[int, tuple[int, ...]] = {}
        names: Counter[str] = Counter()
        for version_id, found in self.store.code.imports(tuple(self.by_version)):
            file = self.by_version[version_id]
            targets: set[int] = set()
            for what in found:
                meant = self._files(file, what)
                targets.update(each.document_id for each in meant)
                if meant:
                    names.update(what.names or _class_of(file, what))
            targets.discard(file.document_id)
            if targets:
                graph[file.document_id] = tuple(sorted(targets))
        return graph, names

    @cached_property
    def imported_by(self) -> dict[int, tuple[int, ...]]:
        """The documents that import each document."""
        graph: dict[int, list[int]] = {}
        for importer, imported in sorted(self.imports.items()):
            for document_id in imported:
                graph.setdefault(document_id, []).append(importer)
        return {document_id: tuple(importers) for document_id, importers in graph.items()}

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The files as the graph of modules has them."""
        return tuple(
            Module(_module_id(file), file.document_id, file.tokens)
            for file in with_imports(self.files)
        )

    @cached_property
    def module_imports(self) -> dict[str, tuple[str, ...]]:
        """The modules that each module imports."""
        ids = {module.document_id: module.id for module in self.modules}
        return {
            ids[importer]: tuple(ids[each] for each in imported if each in ids)
            for importer, imported in self.imports.items()
            if importer in ids
        }

    def _files(self, file: CodeFile, what: Import) -> tuple[CodeFile, ...]:
        resolver = self._resolvers[file.source_id]
        paths = resolver.resolve(file.path, file.language, what)
        return tuple(self.by_path[file.source_id, path] for path in paths)

    @cached_property
    def _resolvers(self) -> Mapping[int, ImportResolver]:
        paths: dict[int, list[str]] = {}
        for file in self.files:
            paths.setdefault(file.source_id, []).append(file.path)
        modules, crates = self._named_in(_GO_MOD, _GO_MODULE), self._named_in(_CARGO, _CRATE)
        return {
            source_id: ImportResolver(
                each, go_modules=modules.get(source_id), crates=crates.get(source_id)
            )
            for source_id, each in paths.items()
        }

    def _named_in(self, name: str, pattern: re.Pattern[str]) -> dict[int, dict[str, str]]:
        """By source and folder, what the build files of this name call it."""
        found: dict[int, dict[str, str]] = {}
        named = [file for file in self.files if file.path.rpartition("/")[2] == name]
        for file in named[:_MOST_BUILD_FILES]:
            passages = self.store.documents.passages_by_ordinal(file.version_id, (0,))
            match = pattern.search(passages[0].text) if 0 in passages else None
            if match:
                folder = file.path.rpartition("/")[0]
                found.setdefault(file.source_id, {})[folder] = match[1]
        return found


class CodeIndexes:
    """The indexes of the workspaces that were asked for last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[object, CodeIndex]] = {}

    def of(self, workspace_id: int) -> CodeIndex:
        """The workspace's index as of what is published and in scope now."""
        pack = self._store.packs.find(workspace_id)
        state = (pack.hash if pack else "", self._store.documents.fingerprint(workspace_id))
        with self._lock:
            known = self._kept.pop(workspace_id, None)
            if known is None or known[0] != state:
                known = (
                    state,
                    CodeIndex(self._store, workspace_id, self._store.code.files(workspace_id)),
                )
            self._kept[workspace_id] = known
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        return known[1]


def _class_of(file: CodeFile, what: Import) -> tuple[str, ...]:
    """What is imported by name where the target ends with it."""
    return (what.target.rpartition(".")[2],) if file.language in _IMPORTS_CLASSES else ()


def _module_id(file: CodeFile) -> str:
    return f"{file.source_id}/{file.path}"


def with_imports(files: Iterable[CodeFile]) -> tuple[CodeFile, ...]:
    """Those of the files that are in a language whose imports are understood."""
    return tuple(file for file in files if file.language in RULES)
