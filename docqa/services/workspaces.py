"""Workspaces: listed, made, renamed, deleted."""

from docqa.services.library import LibraryService
from docqa.store.store import Store
from docqa.store.values import Workspace, WorkspaceSummary

DEFAULT_WORKSPACE = "default"


class WorkspaceService:
    """The sets of documents that are asked about together."""

    def __init__(self, store: Store, library: LibraryService) -> None:
        self._store = store.workspaces
        self._library = library

    def all(self) -> tuple[WorkspaceSummary, ...]:
        """All workspaces with their sizes."""
        return self._store.all()

    def get(self, name: str) -> Workspace:
        """The workspace of this name.

        Raises:
            UnknownItemError: If there is none.
        """
        return self._store.get(name)

    def by_id(self, workspace_id: int) -> Workspace:
        """The workspace of this number.

        Raises:
            UnknownItemError: If there is none.
        """
        return self._store.by_id(workspace_id)

    def get_or_create(self, name: str) -> Workspace:
        """The workspace of this name, made if there is none.

        Raises:
            InvalidNameError: If it cannot be a name.
        """
        return self._store.get_or_create(name)

    def create(self, name: str) -> Workspace:
        """A new workspace.

        Raises:
            InvalidNameError: If it cannot be a name.
            NameTakenError: If there is one of this name.
        """
        return self._store.create(name)

    def rename(self, workspace_id: int, name: str) -> Workspace:
        """Give a workspace another name.

        Raises:
            InvalidNameError: If it cannot be a name.
            NameTakenError: If there is one of this name.
        """
        return self._store.rename(workspace_id, name)

    def delete(self, workspace_id: int) -> None:
        """Delete a workspace with all that is in it.

        Raises:
            InputError: If something is still running in it.
        """
        self._library.delete_workspace(workspace_id)
