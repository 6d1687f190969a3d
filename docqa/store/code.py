"""What is known of source code beyond its passages."""

from sqlalchemy import select

from docqa.core.symbols import CodeFacts, Secret, Symbol
from docqa.store import code_rows
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
