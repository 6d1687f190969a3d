"""What an import means: the files of the same source that it asks for.

The rules are those of each language as far as paths alone tell them; build files are not read, but
for the names of Go's modules and Rust's crates. Standard libraries and packages are no files of the
source: nothing.
"""

from collections.abc import Hashable, Iterable, Mapping

from docqa.core.import_paths import SourcePaths, folder_of
from docqa.core.import_rules import RULES
from docqa.core.symbols import Import

MOST_FILES = 100
"""Files that one import may mean: a Go package, a Java package with `*`."""


class ImportResolver:
    """Resolves the imports of one source's files."""

    def __init__(
        self,
        paths: Iterable[str],
        *,
        go_modules: Mapping[str, str] | None = None,
        crates: Mapping[str, str] | None = None,
    ) -> None:
        """What build files tell, by their folder: `go.mod` its module, `Cargo.toml` its crate."""
        self.paths = SourcePaths(paths, go_modules=go_modules, crates=crates)
        self._known: dict[tuple[Hashable, str, str, tuple[str, ...]], tuple[str, ...]] = {}

    def resolve(self, path: str, language: str, what: Import) -> tuple[str, ...]:
        """The paths that an import in this file means, never the file itself; none if unknown."""
        rule = RULES.get(language)
        target = what.target.strip().strip("\"'<>`;")
        if rule is None or not target:
            return ()
        key = (self._place(path, language, target), language, target, what.names)
        if key not in self._known:
            found = dict.fromkeys(rule(self.paths, path, target, what.names))
            self._known[key] = tuple(found)[:MOST_FILES]
        return tuple(each for each in self._known[key] if each != path)

    def _place(self, path: str, language: str, target: str) -> Hashable:
        """What of the importing file's place its imports depend on."""
        if language == "rust":
            return path
        folder = folder_of(path)
        if language == "python" and not target.startswith("."):
            return self.paths.python_roots(folder)
        return folder
