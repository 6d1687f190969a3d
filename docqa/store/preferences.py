"""Settings that people change in the app: JSON values by key, per workspace or for all."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from docqa.store.database import Database
from docqa.store.models import PreferenceRow


class PreferenceStore:
    """JSON values by key. Workspace 0 is the installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, workspace_id: int = 0, default: Any = None) -> Any:  # noqa: ANN401
        """The value of this key, or the default."""
        query = select(PreferenceRow.value).where(
            PreferenceRow.workspace_id == workspace_id, PreferenceRow.key == key
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return default if row is None else row[0]

    def set(self, key: str, value: Any, workspace_id: int = 0) -> None:  # noqa: ANN401
        """Keep a value that JSON can tell."""
        adding = insert(PreferenceRow).values(workspace_id=workspace_id, key=key, value=value)
        adding = adding.on_conflict_do_update(
            index_elements=["workspace_id", "key"], set_={"value": adding.excluded.value}
        )
        with self._database.write() as connection:
            connection.execute(adding)

    def delete(self, key: str, workspace_id: int = 0) -> None:
        """Forget the value."""
        with self._database.write() as connection:
            connection.execute(
                delete(PreferenceRow).where(
                    PreferenceRow.workspace_id == workspace_id, PreferenceRow.key == key
                )
            )

    def all(self, workspace_id: int = 0) -> dict[str, Any]:
        """All values by key."""
        query = select(PreferenceRow.key, PreferenceRow.value).where(
            PreferenceRow.workspace_id == workspace_id
        )
        with self._database.read() as connection:
            return {row.key: row.value for row in connection.execute(query)}
