"""A workspace's code: its tree, symbols, references, imports, and who wrote it."""

from docqa.core.code_tree import TreeFile
from docqa.core.module_graph import ModuleGraph, fold, reached_by
from docqa.core.references import Affected, Codebase, CodeFile, Definition, ResolvedImport, UsedBy
from docqa.core.symbols import Symbol
from docqa.readers.git import BlameLine
from docqa.services.code_blame import blame_of
from docqa.services.code_graph import CodeIndex, CodeIndexes
from docqa.services.code_questions import code_questions
from docqa.services.code_references import MOST_PLACES, References
from docqa.settings import Settings
from docqa.store.store import Store

MOST_NODES = 120
MOST_GRAPHS = 50
"""Graphs of one state of a workspace that are kept in memory."""


class CodeService:
    """Answers what a workspace's source files are and how they hang together.

    Only files that questions are about count, except in `tree`, `outline` and `blame`.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._indexes = CodeIndexes(store)
        self._references = References(store, self._indexes)

    def overview(self, workspace_id: int) -> Codebase | None:
        """The code in figures, None where there is none."""
        files = self._indexes.of(workspace_id).files
        if not files:
            return None
        languages: dict[str, list[int]] = {}
        for file in files:
            languages.setdefault(file.language, []).append(file.tokens)
        by_size = sorted(languages.items(), key=lambda item: (-sum(item[1]), item[0]))
        return Codebase(
            files=len(files),
            tokens=sum(file.tokens for file in files),
            languages=tuple((name, len(tokens), sum(tokens)) for name, tokens in by_size),
            sources=tuple(sorted({file.source_id for file in files})),
        )

    def tree(self, workspace_id: int) -> tuple[TreeFile, ...]:
        """All files of all sources in path order: also those left out, removed or failed."""
        return self._store.code.tree(workspace_id)

    def outline(self, version_id: int) -> tuple[Symbol, ...]:
        """The definitions in a version, in the order of the lines."""
        return self._store.code.symbols(version_id)

    def definitions(
        self, workspace_id: int, name: str, *, near: int | None = None
    ) -> tuple[Definition, ...]:
        """Where a name is defined, best first; `near` is the version in which it stands.

        The name may be qualified: `Flask.route`, `Flask::route()`. Where nothing has all of its
        parts, what is called as its last part counts: `app.route` is `Flask.route`.
        """
        return self._references.definitions(workspace_id, name, near=near)

    def used_by(self, workspace_id: int, name: str, *, most: int = MOST_PLACES) -> UsedBy:
        """The lines that use a name, in path order, at most so many.

        Of a qualified name, `Flask.route`, whose last part is defined elsewhere too, those in files
        that name what it stands in.
        """
        return self._references.used_by(workspace_id, name, most=most)

    def uses(self, version_id: int, ordinal: int) -> tuple[Definition, ...]:
        """What the symbol of this ordinal uses of the codebase, in the order of its lines."""
        return self._references.uses(self._workspace_of(version_id), version_id, ordinal)

    def imports(self, version_id: int) -> tuple[ResolvedImport, ...]:
        """What a version imports, in the order of the lines."""
        return self._indexes.of(self._workspace_of(version_id)).resolved(version_id)

    def imported_by(self, document_id: int) -> tuple[CodeFile, ...]:
        """The files that import this one, in path order."""
        index = self._index_of(document_id)
        importers = index.imported_by.get(document_id, ())
        return tuple(sorted((index.by_document[each] for each in importers), key=_by_path))

    def affected(self, document_id: int) -> tuple[Affected, ...]:
        """The files that import this one, also through others: what a change may break.

        Nearest first.
        """
        index = self._index_of(document_id)
        reached = reached_by(index.imported_by, document_id)
        found = [Affected(index.by_document[each], far) for each, far in reached.items()]
        return tuple(sorted(found, key=lambda each: (each.distance, _by_path(each.file))))

    def graph(self, workspace_id: int, *, folder: str = "", most: int = MOST_NODES) -> ModuleGraph:
        """What imports what under a folder; folders stay closed where it were too many nodes.

        `folder` is the id of a folder's node, or empty for all.
        """
        index = self._indexes.of(workspace_id)
        if (folder, most) not in index.graphs:
            sources = self._store.documents.sources(workspace_id)
            names = {str(source.id): source.name for source in sources}
            if len(index.graphs) >= MOST_GRAPHS:
                index.graphs.clear()
            index.graphs[folder, most] = fold(
                index.modules, index.module_imports, folder=folder, most=most, names=names
            )
        return index.graphs[folder, most]

    def blame(self, version_id: int) -> tuple[BlameLine, ...]:
        """Who wrote the lines of a version, as of its revision.

        Raises:
            NotInRepositoryError: If it was not read from a repository that is still there.
            GitError: If git cannot tell.
        """
        return blame_of(self._settings, self._store, version_id)

    def questions(self, workspace_id: int) -> tuple[str, ...]:
        """Questions to begin with; none where there is no code."""
        index = self._indexes.of(workspace_id)
        if not index.questions:
            index.questions.append(code_questions(self._store, index))
        return index.questions[0]

    def _workspace_of(self, version_id: int) -> int:
        version = self._store.documents.version(version_id)
        return self._store.documents.get(version.document_id).workspace_id

    def _index_of(self, document_id: int) -> CodeIndex:
        return self._indexes.of(self._store.documents.get(document_id).workspace_id)


def _by_path(file: CodeFile) -> tuple[int, str]:
    return file.source_id, file.path
