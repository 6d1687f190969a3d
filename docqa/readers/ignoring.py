"""What a tree says of its own files: `.gitignore`, `.docqaignore`, `.gitattributes`."""

from dataclasses import dataclass
from typing import Literal

from pathspec import GitIgnoreSpec

RuleFile = Literal[".gitignore", ".docqaignore", ".gitattributes"]
RULE_FILES: tuple[RuleFile, ...] = (".gitignore", ".docqaignore", ".gitattributes")
MAX_RULE_BYTES = 1_000_000

_ATTRIBUTES = ("linguist-generated", "linguist-vendored")


@dataclass(frozen=True, slots=True)
class Rule:
    """What the tree says about a path; None where it says nothing."""

    ignored_by: str = ""
    """Name of the file whose rules ignore it."""
    wanted: bool = False
    """Whether `.docqaignore` says that it is to be read, whatever it looks like."""
    generated: bool | None = None
    vendored: bool | None = None


NO_RULE = Rule()
_Chain = tuple[tuple[int, GitIgnoreSpec], ...]


class Rules:
    """Rules by the folder they hold below; the deepest that says something about a path decides.

    What `.docqaignore` says goes before what `.gitignore` says.
    """

    def __init__(self) -> None:
        self._specs: dict[str, dict[str, GitIgnoreSpec]] = {}
        self._chains: dict[tuple[str, str], _Chain] = {}

    def add(self, folder: str, file: RuleFile, text: str) -> None:
        """The rules of a file in a folder (`""` is the top); to be added before it is asked."""
        if file == ".gitattributes":
            for attribute in _ATTRIBUTES:
                self._add(attribute, folder, _attribute_lines(text, attribute))
        else:
            self._add(file, folder, text.splitlines())

    def __call__(self, path: str) -> Rule:
        """What is said about a path; a folder ends in `/`."""
        if not self._specs:
            return NO_RULE
        chosen = self._says(".docqaignore", path)
        by = ".docqaignore" if chosen else ""
        if chosen is None and self._says(".gitignore", path):
            by = ".gitignore"
        return Rule(
            ignored_by=by,
            wanted=chosen is False,
            generated=self._says("linguist-generated", path),
            vendored=self._says("linguist-vendored", path),
        )

    def _add(self, kind: str, folder: str, lines: list[str]) -> None:
        try:
            spec = GitIgnoreSpec.from_lines(lines)
        except ValueError:
            return  # a pattern that git would not understand either: the file is as good as absent
        if len(spec):
            self._specs.setdefault(kind, {})[folder] = spec
            self._chains.clear()

    def _says(self, kind: str, path: str) -> bool | None:
        if kind not in self._specs:
            return None
        for skip, spec in self._chain(kind, path.rstrip("/").rpartition("/")[0]):
            decided = spec.check_file(path[skip:]).include
            if decided is not None:
                return decided
        return None

    def _chain(self, kind: str, folder: str) -> _Chain:
        """The specs that hold in a folder, the deepest first, and what they take off a path."""
        known = self._chains.get((kind, folder))
        if known is not None:
            return known
        above = self._chain(kind, folder.rpartition("/")[0]) if folder else ()
        own = self._specs[kind].get(folder)
        chain = ((len(folder) + 1 if folder else 0, own), *above) if own is not None else above
        self._chains[kind, folder] = chain
        return chain


def _attribute_lines(text: str, attribute: str) -> list[str]:
    """The lines of a `.gitattributes` that set (or unset, with `!`) an attribute, as patterns."""
    lines = []
    for line in text.splitlines():
        pattern, *attributes = line.split()[:50] or ("#",)
        if pattern.startswith(("#", "!", '"', "[attr]")):
            continue
        for each in attributes:
            name, _, value = each.removeprefix("-").partition("=")
            if name == attribute:
                unset = each.startswith("-") or value.lower() in ("false", "0", "no")
                lines.append(f"!{pattern}" if unset else pattern)
    return lines
