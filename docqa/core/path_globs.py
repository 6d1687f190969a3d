"""Paths by pattern, as in `.gitignore`: `*.py`, `src/**/*.ts`, `tests/`."""

import re
from collections.abc import Callable

import re2

from docqa.core.escaping import encodable
from docqa.core.text_patterns import Regex, compiled
from docqa.errors import PatternError

MAX_GLOB_CHARACTERS = 500
_FEW_STARS = 4


def path_matcher(glob: str) -> Callable[[str], bool]:
    """Tells the paths that are meant.

    `*` and `?` stand for characters of a name, `**` for any folders. A pattern without a slash is
    a file's or folder's name, wherever it is; one with a slash begins at the root. A folder means
    all that is in it.

    Raises:
        PatternError: If it is empty, too long, or its brackets are not closed.
    """
    wanted = encodable(glob).strip().removeprefix("./")
    if not wanted.strip("/") or len(wanted) > MAX_GLOB_CHARACTERS:
        raise PatternError(glob, f"a path pattern has 1 to {MAX_GLOB_CHARACTERS:,} characters")
    anchored = "/" in wanted.rstrip("/")
    body = _regex(wanted.strip("/"))
    tail = "/.*" if wanted.endswith("/") else "(?:/.*)?"
    pattern = f"{'' if anchored else '(?:.*/)?'}{body}{tail}"
    # RE2 takes any pattern in linear time; for a simple one `re` costs less a call.
    regex: Regex | re.Pattern[str] = compiled(pattern, shown=glob, lines=False)
    if wanted.count("*") <= _FEW_STARS:
        regex = re.compile(pattern, re.DOTALL)
    return lambda path: regex.fullmatch(path) is not None


def _regex(glob: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        elif glob[at] == "[" and (end := glob.find("]", at + 2)) > 0:
            inside = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            parts.append(f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]")
            at = end + 1
        else:
            single = {"*": "[^/]*", "?": "[^/]"}.get(glob[at])
            parts.append(re2.escape(glob[at]) if single is None else single)
            at += 1
    return "".join(parts)
