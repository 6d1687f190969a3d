"""Source code: Python by its syntax tree, other languages by lines that look like definitions."""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pygments.lexers import find_lexer_class_for_filename

from docqa.core.documents import ParsedDocument
from docqa.errors import EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.blocks import Block, line_passages
from docqa.readers.encoding import decode, lines_of, looks_binary
from docqa.readers.text import MARKDOWN_SUFFIXES, TEXT_SUFFIXES

DATA_LANGUAGES = frozenset(("json", "yaml", "toml", "ini", "xml", "html", "css", "svg", "diff"))
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


class CodeReader:
    """Reads source code; a passage's heading is its symbol path."""

    name = "code/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name is that of a source file and the bytes are text."""
        return bool(language_of(name)) and not looks_binary(head)

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a passage per definition.

        Raises:
            EmptyFileError: If there is nothing but white space in it.
        """
        decoded = decode(path.read_bytes())
        if not decoded.text.strip():
            raise EmptyFileError(name, "there is nothing but white space in it")
        lines = lines_of(decoded.text)
        language = language_of(name)
        return ParsedDocument(
            kind="code",
            passages=line_passages(lines, _blocks(decoded.text, lines, language)),
            language=language,
            line_count=len(lines),
            encoding=decoded.encoding,
            reader=self.name,
        )


@lru_cache(maxsize=4_096)
def language_of(name: str) -> str:
    """The Pygments alias of a source file's language by its name; empty for prose and unknown."""
    base = PurePosixPath(name).name
    suffix = PurePosixPath(base.lower()).suffix
    if suffix in MARKDOWN_SUFFIXES or suffix in TEXT_SUFFIXES:
        return ""
    return _language_of_pattern(base if not suffix else f"x{suffix}")


@lru_cache(maxsize=1_024)
def _language_of_pattern(name: str) -> str:
    lexer = find_lexer_class_for_filename(name)
    aliases = lexer.aliases if lexer is not None else ()
    return "" if not aliases or aliases[0] == "text" else str(aliases[0])


def _blocks(text: str, lines: Sequence[str], language: str) -> Iterator[Block]:
    if language == "python":
        tree = _python_tree(text)
        if tree is not None:
            yield from _PythonBlocks(lines).module(tree)
            return
    yield from _defined_blocks(lines, language)


# Python


def _python_tree(text: str) -> ast.Module | None:
    """The syntax tree, None where the text is not today's Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes and the like are the author's business
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class _PythonBlocks:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def module(self, tree: ast.Module) -> Iterator[Block]:
        """Blocks that cover all lines of the module."""
        yield from self._body(tree.body, 0, len(self._lines), ())

    def _body(
        self, body: Sequence[ast.stmt], first: int, stop: int, path: tuple[str, ...]
    ) -> Iterator[Block]:
        """The statements between two lines: definitions for themselves, the rest between them."""
        at = first
        for statement in body:
            if not isinstance(statement, _Definition):
                continue
            begin = self._begin(statement, at)
            end = min(statement.end_lineno or stop, stop)
            if end <= at:
                continue  # several on one line
            if begin > at:
                yield Block(at, begin, "code", " > ".join(path))
            yield from self._definition(statement, begin, end, path)
            at = end
        if at < stop:
            yield Block(at, stop, "code", " > ".join(path))

    def _begin(self, statement: _Definition, earliest: int) -> int:
        """Where it begins with its decorators and the comments above them."""
        decorators = [decorator.lineno for decorator in statement.decorator_list]
        begin = min([statement.lineno, *decorators]) - 1
        while begin > earliest and self._lines[begin - 1].lstrip().startswith("#"):
            begin -= 1
        return max(begin, earliest)

    def _definition(
        self, statement: _Definition, begin: int, end: int, path: tuple[str, ...]
    ) -> Iterator[Block]:
        word = "class" if isinstance(statement, ast.ClassDef) else "def"
        path = (*path, f"{word} {statement.name}")
        if isinstance(statement, ast.ClassDef):
            yield from self._body(statement.body, begin, end, path)
        else:
            yield Block(begin, end, "code", " > ".join(path), alone=True)


# Other languages


@dataclass(frozen=True, slots=True)
class _Found:
    """A line that looks like a definition, and where the comments above it begin."""

    begin: int
    line: int
    indent: int
    symbol: str


def _defined_blocks(lines: Sequence[str], language: str) -> Iterator[Block]:
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
