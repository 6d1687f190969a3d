"""A workspace's code: its tree, symbols, references, imports, and who wrote it."""

from docqa.core.blame import BlameLine
from docqa.core.code_tree import TreeFile
from docqa.core.module_graph import ModuleGraph
from docqa.core.references import (
    Affected,
    Codebase,
    Definition,
    ResolvedImport,
    UsedBy,
)
from docqa.core.symbols import Symbol
from docqa.settings import Settings
from docqa.store.store import Store

MOST_PLACES = 200
MOST_NODES = 120


class CodeService:
    """Answers what a workspace's source files are and how they hang together.

    Only files that questions are about count, except in `tree`.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def overview(self, workspace_id: int) -> Codebase | None:
        """The code in figures, None where there is none."""
        files = self._store.code.files(workspace_id)
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

        The name may be qualified: `Flask.route`, `Flask::route()`.
        """
        return self._store.code.find_symbols(workspace_id, name)

    def used_by(self, workspace_id: int, name: str, *, most: int = MOST_PLACES) -> UsedBy:
        """The lines that use a name, in path order, at most so many."""
        return UsedBy()

    def uses(self, version_id: int, ordinal: int) -> tuple[Definition, ...]:
        """What the symbol of this ordinal uses of the codebase, in the order of the lines."""
        return ()

    def imports(self, version_id: int) -> tuple[ResolvedImport, ...]:
        """What a version imports, in the order of the lines."""
        return ()

    def imported_by(self, document_id: int) -> tuple[Affected, ...]:
        """The files that import this one, in path order."""
        return ()

    def affected(self, document_id: int) -> tuple[Affected, ...]:
        """The files that import this one, also through others: what a change may break.

        Nearest first.
        """
        return ()

    def graph(self, workspace_id: int, *, folder: str = "", most: int = MOST_NODES) -> ModuleGraph:
        """What imports what under a folder; folders stay closed where it were too many nodes.

        `folder` is the id of a folder's node, or empty for all.
        """
        return ModuleGraph()

    def blame(self, version_id: int) -> tuple[BlameLine, ...]:
        """Who wrote the lines of a version, as of its revision.

        Raises:
            InputError: If its source is no repository, or that is not there any more.
        """
        return ()

    def questions(self, workspace_id: int) -> tuple[str, ...]:
        """Questions to begin with; none where there is no code."""
        return ()
