"""What is known of source code beyond its passages."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from docqa.core.code_tree import TreeFile
from docqa.core.references import CodeFile, Definition, LineFile
from docqa.core.symbols import CodeFacts, Import, Secret, Symbol, UseKind
from docqa.store import code_files, code_names, code_rows
from docqa.store.code_names import NameMatch
from docqa.store.database import Database
from docqa.store.models import CodeFactsRow, SymbolRow


class CodeStore:
    """Symbols, imports, uses and places of secrets, by document version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def symbols(self, version_id: int) -> tuple[Symbol, ...]:
        """The definitions in a version, in the order of the lines."""
        query = (
            select(*code_rows.SYMBOL_COLUMNS)
            .where(SymbolRow.version_id == version_id)
            .order_by(SymbolRow.ordinal)
        )
        with self._database.read() as connection:
            return tuple(code_rows.to_symbol(row) for row in connection.execute(query))

    def facts(self, version_id: int) -> CodeFacts:
        """All that is known of a version; uses are by name and then by line."""
        query = select(CodeFactsRow.imports, CodeFactsRow.uses).where(
            CodeFactsRow.version_id == version_id
        )
        symbols = self.symbols(version_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return CodeFacts(symbols)
        return CodeFacts(symbols, code_rows.to_imports(row[0]), code_rows.unpacked(row[1]))

    def secrets(self, version_id: int) -> tuple[Secret, ...]:
        """Where a version has what looks like a secret."""
        with self._database.read() as connection:
            return code_rows.secrets_of(connection, version_id)

    def has_code(self, workspace_id: int) -> bool:
        """Whether any source file of the workspace can be asked about."""
        with self._database.read() as connection:
            return code_files.has_code(connection, workspace_id)

    def files(self, workspace_id: int) -> tuple[CodeFile, ...]:
        """The source files that can be asked about, by source and path."""
        with self._database.read() as connection:
            return tuple(code_files.files(connection, workspace_id))

    def tree(self, workspace_id: int) -> tuple[TreeFile, ...]:
        """All files of all sources in path order, also those that are not read or not in scope."""
        with self._database.read() as connection:
            return tuple(code_files.tree(connection, workspace_id))

    def find_symbols(
        self, workspace_id: int, name: str, *, how: NameMatch = "exact", most: int = 1_000
    ) -> tuple[Definition, ...]:
        """Definitions of this name, in path order; `Flask.route` are those with this path's end.

        Only those in files that can be asked about. `how` is about the last part of the name.
        """
        return self.definitions(workspace_id, (name,), how=how, most=most).get(name, ())

    def definitions(
        self,
        workspace_id: int,
        names: Collection[str],
        *,
        how: NameMatch = "exact",
        most: int = 5_000,
    ) -> dict[str, tuple[Definition, ...]]:
        """As `find_symbols`, for several names at once; names without definitions are left out."""
        with self._database.read() as connection:
            return code_names.definitions(connection, workspace_id, names, how=how, most=most)

    def imports(self, version_ids: Sequence[int]) -> Iterator[tuple[int, tuple[Import, ...]]]:
        """(version id, what it imports) of those of these versions that import something."""
        with self._database.read() as connection:
            yield from code_names.imports(connection, version_ids)

    def candidates(self, workspace_id: int, term: str, most: int) -> tuple[list[int], bool]:
        """Versions of source files that have the search term, in path order; whether more have."""
        with self._database.read() as connection:
            return code_names.candidates(connection, workspace_id, term, most)

    def uses_of(
        self, version_ids: Sequence[int], name: str
    ) -> Iterator[tuple[int, list[tuple[int, UseKind]]]]:
        """(version id, [(line, kind), ...]) of those of these versions that use the name."""
        with self._database.read() as connection:
            yield from code_names.uses(connection, version_ids, name)

    def lines(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        """By (version id, 1-based line): its text as read, and the innermost symbol's path."""
        with self._database.read() as connection:
            return code_names.lines(connection, places)

    def occurring(self, workspace_id: int, terms: Collection[str]) -> set[str]:
        """Those of these search terms that occur in what can be asked about."""
        with self._database.read() as connection:
            return code_names.occurring(connection, workspace_id, terms)

    def line_files(self, workspace_id: int) -> tuple[LineFile, ...]:
        """The files that have lines and can be asked about, in path order."""
        with self._database.read() as connection:
            return tuple(code_files.line_files(connection, workspace_id))
