"""The paths of a source as imports find them: exactly, by the end of a path, or by folder."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

PYTHON_FOLDERS = ("src", "lib", "Lib", "python")
_MOST_ALIKE = 2_000
"""Paths with the same ending that are looked at."""


class SourcePaths:
    """The paths of one source's files."""

    def __init__(
        self,
        paths: Iterable[str],
        *,
        go_modules: Mapping[str, str] | None = None,
        crates: Mapping[str, str] | None = None,
    ) -> None:
        """What build files tell, by their folder: `go.mod` its module, `Cargo.toml` its crate."""
        self.all = frozenset(paths)
        self.go_modules = dict(go_modules or {})
        self.crates = {name.replace("-", "_"): folder for folder, name in (crates or {}).items()}
        """The folder of each crate, by its name in code."""
        self._python_roots: dict[str, tuple[str, ...]] = {}

    @cached_property
    def folders(self) -> dict[str, tuple[str, ...]]:
        """The files that stand in each folder itself, in path order; `""` is the root."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.all):
            found.setdefault(folder_of(path), []).append(path)
        return {folder: tuple(files) for folder, files in found.items()}

    @cached_property
    def _folders_by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for folder in sorted({above for inner in self.folders for above in _and_above(inner)}):
            found.setdefault(folder.rpartition("/")[2], []).append(folder)
        return found

    @cached_property
    def _by_end(self) -> dict[str, list[str]]:
        """Paths by their last part and by their last two."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.all):
            parts = path.rsplit("/", 2)
            found.setdefault(parts[-1], []).append(path)
            if len(parts) > 1:
                found.setdefault("/".join(parts[-2:]), []).append(path)
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """What a dotted Python name may begin with: folders, and files without their ending."""
        folders = {above for inner in self.folders for above in _and_above(inner)}
        files = {path.rpartition(".")[0] for path in self.all if path.endswith((".py", ".pyi"))}
        return frozenset(folders | files)

    def python_roots(self, folder: str) -> tuple[str, ...]:
        """Where absolute imports of the files in a folder begin, nearest first.

        Folders above it that are no packages, and the usual names of source folders.
        """
        if folder not in self._python_roots:
            above = ancestors(under(folder, "x"))
            roots = [root for root in above if under(root, "__init__.py") not in self.all]
            self._python_roots[folder] = tuple(dict.fromkeys((*roots, *PYTHON_FOLDERS)))
        return self._python_roots[folder]

    def first(self, candidates: Iterable[str]) -> str | None:
        """The first of these paths that there is."""
        return next((path for path in candidates if path in self.all), None)

    def ending_with(self, end: str, near: str) -> str | None:
        """The path that is this or ends with it, the one nearest to another file if several do."""
        alike = self._by_end.get("/".join(end.rsplit("/", 2)[-2:]), ())[:_MOST_ALIKE]
        found = [path for path in alike if path == end or path.endswith(f"/{end}")]
        return min(found, key=lambda path: (-_shared(path, near), len(path), path), default=None)

    def folder_ending_with(self, end: str, near: str) -> str | None:
        """As `ending_with`, for a folder that holds files itself."""
        alike = self._folders_by_name.get(end.rpartition("/")[2], ())[:_MOST_ALIKE]
        found = [
            folder
            for folder in alike
            if folder in self.folders and (folder == end or folder.endswith(f"/{end}"))
        ]
        return min(found, key=lambda path: (-_shared(path, near), len(path), path), default=None)

    def under(self, folder: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """The files of this kind that stand in the folder itself."""
        return tuple(path for path in self.folders.get(folder, ()) if path.endswith(suffixes))


def folder_of(path: str) -> str:
    """The path without its last part; empty at the root."""
    return path.rpartition("/")[0]


def joined(folder: str, relative: str) -> str | None:
    """A relative path from a folder on; None if it leads out of the source."""
    parts = folder.split("/") if folder else []
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def under(folder: str, path: str) -> str:
    """The path below a folder, which may be the root."""
    return f"{folder}/{path}" if folder else path


def ancestors(path: str) -> Iterator[str]:
    """The folders that a file stands in, innermost first, `""` last."""
    folder = folder_of(path)
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def _and_above(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder_of(folder)


def _shared(path: str, other: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for one, two in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if one != two:
            break
        count += 1
    return count
