"""Fingerprints of versions, by which near duplicates are found."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from docqa.store.database import Database
from docqa.store.models import DocumentRow, FingerprintRow, VersionRow
from docqa.store.queries import among
from docqa.store.source_files import MAP


class FingerprintStore:
    """One fingerprint a version; it goes with its version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, workspace_id: int) -> dict[int, bytes | None]:
        """Fingerprints of the versions that can be asked about, by document; None where missing."""
        query = (
            select(DocumentRow.id, FingerprintRow.fingerprint)
            .join(VersionRow, VersionRow.id == DocumentRow.current_version_id)
            .outerjoin(FingerprintRow, FingerprintRow.version_id == VersionRow.id)
            .where(
                DocumentRow.workspace_id == workspace_id,
                ~DocumentRow.excluded,
                VersionRow.status == "ready",
                VersionRow.kind != MAP,
            )
            .order_by(DocumentRow.id)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def count(self, workspace_id: int) -> int:
        """How many of the workspace's versions have one."""
        query = (
            select(func.count())
            .select_from(FingerprintRow)
            .join(VersionRow, VersionRow.id == FingerprintRow.version_id)
            .join(DocumentRow, DocumentRow.id == VersionRow.document_id)
            .where(DocumentRow.workspace_id == workspace_id)
        )
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def put(self, fingerprints: Mapping[int, bytes]) -> None:
        """Keep these, by version; those of versions that are gone meanwhile are dropped."""
        if not fingerprints:
            return
        with self._database.write() as connection:
            there = select(VersionRow.id).where(among(VersionRow.id, fingerprints))
            rows = [
                {"version_id": version_id, "fingerprint": fingerprints[version_id]}
                for version_id in connection.scalars(there)
            ]
            if not rows:
                return
            adding = insert(FingerprintRow)
            replacing = adding.on_conflict_do_update(
                index_elements=["version_id"],
                set_={"fingerprint": adding.excluded.fingerprint},
            )
            connection.execute(replacing, rows)
