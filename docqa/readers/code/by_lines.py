"""Code without a grammar: cut by lines that look like definitions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docqa.readers.blocks import Block
from docqa.readers.languages import DATA_LANGUAGES

MAX_DEFINITION_INDENT = 8
"""Definitions that are indented more are part of what is around them."""

_DEFINITION = re.compile(
    r"""(?P<indent>[ \t]*)
    (?:(?:export|default|public|private|protected|internal|static|final|abstract|virtual|override
        |async|pub(?:\([^)]*\))?|unsafe|extern(?:\s+"[^"]*")?|inline|const|sealed|partial|open|data
        |suspend|readonly|declare)\s+)*
    (?P<kind>def|class|fn|func|fun|function|struct|enum|trait|impl|interface|module|mod|type|union
        |namespace|macro_rules!|object|protocol|extension|record|sub|proc|package)
    (?:\s*<[^>]*>)?\s+(?:\([^)]*\)\s*)?
    (?P<name>[\w$][\w$:.]*(?:<[^>]*>)?(?:\s+for\s+[\w:]+)?)""",
    re.VERBOSE,
)
_C_FUNCTION = re.compile(
    r"(?P<indent>[ \t]{0,8})(?!(?:if|for|while|switch|return|else|do|catch|case|goto|new|delete"
    r"|throw|typedef|using)\b)"
    r"[\w:<>,*&~\[\] ]+?[\s*&](?P<name>[\w:~]+)\s*\([^;{}]*\)[^;={}]*\{?\s*$"
)
_JS_FUNCTION = re.compile(
    r"(?P<indent>[ \t]*)(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*=\s*"
    r"(?:async\s*)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)"
)
_C_LIKE = frozenset(("c", "cpp", "java", "csharp", "objective-c", "d", "cuda", "glsl"))
_JS_LIKE = frozenset(("javascript", "typescript", "jsx", "tsx", "vue"))
_LEAD = re.compile(r"\s*(?:#(?!include|define|if|endif)|//|/\*|\*|@|--|;;|\"\"\")")
_CLOSER = re.compile(r"\s*[)\]}]|\s*end\b")


@dataclass(frozen=True, slots=True)
class _Found:
    """A line that looks like a definition, and where the comments above it begin."""

    begin: int
    line: int
    indent: int
    symbol: str


def defined_blocks(lines: Sequence[str], language: str) -> Iterator[Block]:
    """Blocks that begin at lines which look like definitions, with what stands above them."""
    path: list[_Found] = []
    first, heading, alone = 0, "", False
    at = 0
    pending = _definitions(lines, language)[::-1]
    while at < len(lines):
        found = pending.pop() if pending and pending[-1].begin <= at else None
        left = len(path)
        indent = found.indent if found else _indent(lines[at])
        while path and path[-1].indent >= indent:
            path.pop()
        if found or len(path) < left:
            if at > first:
                yield Block(first, at, "code", heading, alone)
            first, alone = at, found is not None
            if found:
                path.append(found)
                at = max(found.line, at)
            heading = " > ".join(above.symbol for above in path)
        at += 1
    yield Block(first, len(lines), "code", heading, alone)


def _indent(line: str) -> int:
    """Columns before the text; a line that ends nothing (blank, closing, comment) has many."""
    if not line.strip() or _CLOSER.match(line) or line.lstrip().startswith(("{", "//", "#")):
        return 10_000
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _definitions(lines: Sequence[str], language: str) -> list[_Found]:
    """What looks like a definition, in the order of the lines."""
    patterns = [_DEFINITION]
    if language in DATA_LANGUAGES:
        return []
    if language in _C_LIKE:
        patterns.append(_C_FUNCTION)
    if language in _JS_LIKE:
        patterns.append(_JS_FUNCTION)
    found: list[_Found] = []
    earliest = 0
    for index, line in enumerate(lines):
        if len(line) > 200:
            continue
        match = next((m for pattern in patterns if (m := pattern.match(line))), None)
        if match is None:
            continue
        indent = len(match["indent"].expandtabs(4))
        if indent > MAX_DEFINITION_INDENT:
            continue
        kind = match.groupdict().get("kind")
        begin = index
        while begin > earliest and _LEAD.match(lines[begin - 1]):
            begin -= 1
        name = match["name"].split("<")[0].rstrip(":.")
        found.append(_Found(begin, index, indent, f"{kind} {name}" if kind else name))
        earliest = index + 1
    return found
