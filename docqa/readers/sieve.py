"""Which files and folders of a tree are read: its own rules, what they look like, what is wanted.

A user puts back a file by its path, and a folder by its path with `/`. What is put back is read
unless it cannot be.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass

from docqa.core.left_out import PUT_BACK, LeftOut, LeftOutCategory
from docqa.readers.ignoring import Rule, Rules
from docqa.readers.left_out import by_content, by_name, is_code_root, vendored
from docqa.readers.listing import SourceLimits

HIDDEN_FOLDERS = frozenset((".git", ".hg", ".svn", "__pycache__", "__MACOSX"))
"""Never read and never listed."""


@dataclass(frozen=True, slots=True)
class _Folder:
    reason: str = ""
    """Why all in it is left out."""
    category: LeftOutCategory = "ignored"
    lifted: bool = False
    """Whether a user put it back, so that it counts neither as ignored nor as vendored."""


class Sieve:
    """Decides for each folder and file of one tree whether it is read."""

    def __init__(
        self,
        rules: Rules,
        limits: SourceLimits,
        put_back: Collection[str] = (),
        *,
        is_code: bool = False,
    ) -> None:
        self._rules = rules
        self._limits = limits
        self._put_back = frozenset(put_back)
        self._sorted = sorted(self._put_back)
        self._folders = {"": _Folder()}
        self._code_folders: set[str] = {""} if is_code else set()
        self._all_code = is_code

    def enter(self, folder: str, names: set[str]) -> None:
        """Tell what is in a folder, before what is in it is asked about."""
        if "pyvenv.cfg" in names and not self._folder(folder).lifted:
            reason = "vendored: a virtual environment of Python"
            self._folders[folder] = _Folder(reason, "vendored")
        if self._all_code:
            return
        if folder.rpartition("/")[0] in self._code_folders or is_code_root(names):
            self._code_folders.add(folder)

    def folder(self, path: str) -> LeftOut | None:
        """Why a folder is left out as a whole; None if there is something in it to read."""
        found = self._folder(path)
        if not found.reason or self._wanted_below(path):
            return None
        return LeftOut(f"{path}/", found.reason, found.category)

    def file(self, path: str, size: int, head: Callable[[], bytes]) -> LeftOut | None:
        """Why a file is left out; `head` is called only where its first bytes matter.

        Raises:
            OSError: If `head` does.
        """
        folder = self._folder(path.rpartition("/")[0])
        wanted = path in self._put_back
        rule = self._rules(path)
        if not wanted:
            if folder.reason:
                return LeftOut(path, folder.reason, folder.category, size)
            if rule.ignored_by and not folder.lifted:
                return LeftOut(path, f"ignored by {rule.ignored_by}", "ignored", size)
            if rule.vendored and not folder.lifted:
                return LeftOut(path, "vendored, says .gitattributes", "vendored", size)
            if rule.generated and not rule.wanted:
                return LeftOut(path, "generated, says .gitattributes", "generated", size)
        if size > self._limits.max_file_bytes:
            limit = self._limits.max_file_bytes / 1e6
            reason = f"has {size / 1e6:,.0f} MB, the limit is {limit:,.0f} MB"
            return LeftOut(path, reason, "unreadable", size)
        found = by_name(path, size)
        if found is not None and not self._stays(found, rule, wanted=wanted):
            found = None
        if found is None:
            found = by_content(path, size, head(), in_code=self.in_code(path))
        return found if found is None or self._stays(found, rule, wanted=wanted) else None

    def in_code(self, path: str) -> bool:
        """Whether a file stands among code."""
        return self._all_code or path.rpartition("/")[0] in self._code_folders

    def _stays(self, found: LeftOut, rule: Rule, *, wanted: bool) -> bool:
        """Whether a file stays left out, for all that the tree or the user say."""
        if found.category not in PUT_BACK:
            return True
        said = found.category == "generated" and rule.generated is False
        return not (wanted or rule.wanted or said)

    def _folder(self, path: str) -> _Folder:
        known = self._folders.get(path)
        if known is not None:
            return known
        parent, _, name = path.rpartition("/")
        above = self._folder(parent)
        if above.reason:
            found = above
        else:
            found = self._own(path, parent, name) if not above.lifted else above
        if f"{path}/" in self._put_back:
            found = _Folder(lifted=True)
        self._folders[path] = found
        return found

    def _own(self, path: str, parent: str, name: str) -> _Folder:
        rule = self._rules(f"{path}/")
        if rule.ignored_by:
            return _Folder(f"ignored by {rule.ignored_by}", "ignored")
        if rule.wanted or rule.vendored is False:
            return _Folder()
        if rule.vendored:
            return _Folder("vendored, says .gitattributes", "vendored")
        in_code = self._all_code or parent in self._code_folders
        reason = vendored(name, in_code=in_code)
        return _Folder(reason, "vendored") if reason else _Folder()

    def _wanted_below(self, path: str) -> bool:
        """Whether something in the folder was put back."""
        at = bisect_left(self._sorted, f"{path}/")
        return at < len(self._sorted) and self._sorted[at].startswith(f"{path}/")
