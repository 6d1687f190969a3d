"""Paths as people type them."""

from pathlib import Path


def expanded(path: str | Path) -> Path:
    """The path with `~` and `~name` replaced; as it is where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
