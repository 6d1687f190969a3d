"""What worker processes are asked to do. MuPDF is not imported here."""

from dataclasses import dataclass
from pathlib import Path

from docqa.settings import Settings


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to read. `place` says where its bytes are.

    `place` is one of `{"original": hash}`, `{"file": path}`, `{"archive": path, "member": m}`.
    `identity` is `path` where the same path with new bytes supersedes, `upload` where a name that
    is taken asks (`on_conflict`: `ask`, `replace` or `keep`).
    """

    item_id: int
    workspace_id: int
    source_id: int
    path: str
    name: str
    place: dict[str, str]
    identity: str = "path"
    on_conflict: str = "ask"
    password: str | None = None
    revision: str = ""
    """Of the repository that the file belongs to."""
    mask_secrets: bool = True
    in_code: bool = False
    """Whether it stands in a codebase."""
    again: bool = False
    """Read it also where it is as it was."""


def unlocked_path(settings: Settings, content_hash: str) -> Path:
    """Where the copy without a password of an encrypted original lies, for drawing its pages."""
    return settings.cache_path / "unlocked" / f"{content_hash}.pdf"
