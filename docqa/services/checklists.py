"""Checklists: those that come with docqa, and people's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Literal, get_args

from docqa.core.checklists import Checklist, checklist_from, to_data
from docqa.errors import BuiltInChecklistError, ChecklistError, InputError, ReadError
from docqa.services.builtin_checklists import builtin
from docqa.services.checklist_files import csv_file, yaml_file
from docqa.store.disk import disk_errors
from docqa.store.store import Store
from docqa.store.values import StoredChecklist

Format = Literal["yaml", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_BYTES = 8_000_000
"""Of a file that is imported."""


def _from_xlsx(data: bytes, name: str) -> Checklist:
    from docqa.services.checklist_files import xlsx_file  # openpyxl takes long to import

    return xlsx_file.checklist_of(data, name)


def _to_xlsx(checklist: Checklist) -> bytes:
    from docqa.services.checklist_files import xlsx_file  # openpyxl takes long to import

    return xlsx_file.xlsx_of(checklist)


_READERS: dict[str, Callable[[bytes, str], Checklist]] = {
    ".yaml": lambda data, _: yaml_file.checklist_of(data),
    ".yml": lambda data, _: yaml_file.checklist_of(data),
    ".csv": csv_file.checklist_of,
    ".tsv": csv_file.checklist_of,
    ".xlsx": _from_xlsx,
}
_WRITERS: dict[Format, Callable[[Checklist], bytes]] = {
    "yaml": yaml_file.yaml_of,
    "csv": csv_file.csv_of,
    "xlsx": _to_xlsx,
}
SUFFIXES = tuple(_READERS)
"""Of the files that can be imported."""


@dataclass(frozen=True, slots=True)
class ChecklistInfo:
    """A checklist in a list."""

    id: str
    title: str
    version: str
    source: str
    requirements: int
    builtin: bool
    revision: int = 0
    """What `save` has to be given; 0 for the built-in ones, which never change."""
    updated_at: float | None = None
    updated_by: str = ""


class ChecklistService:
    """All checklists of an installation. Those that are built in can be copied, not changed."""

    def __init__(self, store: Store, user: str = "local") -> None:
        self._store = store.checklists
        self._user = user

    def all(self) -> tuple[ChecklistInfo, ...]:
        """The built-in ones, then people's own, by title."""
        built_in = [_info(checklist) for checklist in builtin().values()]
        own = [_own_info(stored) for stored in self._store.all()]
        return (*built_in, *sorted(own, key=lambda info: (info.title.casefold(), info.id)))

    def get(self, checklist_id: str) -> Checklist:
        """The checklist of this id.

        Raises:
            UnknownItemError: If there is none.
        """
        return builtin().get(checklist_id) or self._store.get(checklist_id).checklist

    def info(self, checklist_id: str) -> ChecklistInfo:
        """What the list says of the checklist of this id.

        Raises:
            UnknownItemError: If there is none.
        """
        found = builtin().get(checklist_id)
        return _info(found) if found else _own_info(self._store.get(checklist_id))

    def save(
        self, checklist: Checklist, *, user: str = "", revision: int | None = None
    ) -> StoredChecklist:
        """Keep a checklist of one's own, in place of the one of this revision; None: as a new one.

        Raises:
            ChecklistError: If it breaks the rules.
            BuiltInChecklistError: If a built-in one has its id.
            NameTakenError: If it is to be new, and there is one with its id.
            StaleError: If it is not what it was: someone else saved or deleted it.
        """
        _refuse_builtin(checklist.id)
        checked = checklist_from(to_data(checklist))
        return self._store.save(checked, user=user or self._user, revision=revision)

    def duplicate(
        self, checklist_id: str, new_id: str, new_title: str, user: str = ""
    ) -> StoredChecklist:
        """Copy a checklist, to change the copy.

        Raises:
            UnknownItemError: If there is none to copy.
            ChecklistError: If the new id or title breaks the rules.
            BuiltInChecklistError: If a built-in one has the new id.
            NameTakenError: If another one has the new id.
        """
        copy = replace(self.get(checklist_id), id=new_id, title=new_title)
        return self.save(copy, user=user)

    def delete(self, checklist_id: str, user: str = "") -> None:
        """Delete a checklist of one's own; reviews that were made with it have copies.

        Raises:
            BuiltInChecklistError: If it is built in.
            UnknownItemError: If there is none.
        """
        _refuse_builtin(checklist_id)
        self._store.delete(checklist_id, user=user or self._user)

    def import_bytes(self, name: str, data: bytes) -> Checklist:
        """The checklist in a file of this name, not saved yet.

        Raises:
            ChecklistError: If it cannot be read, or breaks the rules; with all that is wrong.
        """
        if len(data) > MAX_BYTES:
            raise ChecklistError([f"the file has more than {MAX_BYTES / 1e6:,.0f} MB"])
        read = _READERS.get(PurePath(name).suffix.lower())
        if read is None:
            raise ChecklistError([f"only files that end in {', '.join(SUFFIXES)} are taken"])
        return read(data, name)

    def import_file(self, path: Path) -> Checklist:
        """The checklist in this file, not saved yet.

        Raises:
            ReadError: If the file cannot be read.
            ChecklistError: As `import_bytes`.
        """
        try:
            with path.open("rb") as file:
                # One byte more than is taken tells that there are more.
                return self.import_bytes(path.name, file.read(MAX_BYTES + 1))
        except OSError as error:
            raise ReadError(str(path), error.strerror or str(error)) from error

    def export_file(self, checklist_id: str, path: Path) -> int:
        """Write a checklist in the format that the file's name ends with; returns its bytes.

        Raises:
            UnknownItemError: If there is no such checklist.
            InputError: If no format ends like this.
            StoreError: If it cannot be written.
        """
        checklist = self.get(checklist_id)
        suffix = path.suffix.lower().replace(".yml", ".yaml")
        for format in FORMATS:
            if suffix == f".{format}":
                data = self.export(checklist, format)
                with disk_errors(path):
                    path.write_bytes(data)
                return len(data)
        raise InputError(f"{path.name!r} does not end in .yaml, .csv or .xlsx")

    def export(self, checklist: Checklist, format: Format) -> bytes:
        """The checklist as a file that `import_bytes` takes."""
        return _WRITERS[format](checklist)


def _refuse_builtin(checklist_id: str) -> None:
    # Ids that differ in case alone would be one file where names have no case.
    if checklist_id.casefold() in builtin():
        raise BuiltInChecklistError(checklist_id)


def _info(checklist: Checklist) -> ChecklistInfo:
    return ChecklistInfo(
        id=checklist.id,
        title=checklist.title,
        version=checklist.version,
        source=checklist.source,
        requirements=len(checklist.requirements),
        builtin=True,
    )


def _own_info(stored: StoredChecklist) -> ChecklistInfo:
    return replace(
        _info(stored.checklist),
        builtin=False,
        revision=stored.revision,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
    )
