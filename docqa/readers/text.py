"""Plain text and Markdown: passages by paragraph, heading, list, table and fenced code."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from docqa.core.documents import DocumentKind, ParsedDocument
from docqa.errors import EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.blocks import Block, line_passages
from docqa.readers.encoding import Decoded, decode, lines_of, looks_binary
from docqa.readers.language import guess_language
from docqa.readers.secrets import masked

__all__ = ["TextReader", "decode"]

MARKDOWN_SUFFIXES = frozenset((".md", ".markdown", ".mdown", ".mkd", ".mdx"))
TEXT_SUFFIXES = frozenset(
    (".txt", ".text", ".log", ".rst", ".adoc", ".asciidoc", ".org", ".csv", ".tsv", ".srt", ".eml")
)

_ATX = re.compile(r" {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+\S")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CAPITALS = re.compile(r"[^a-zà-ÿ]{4,80}$")


class TextReader:
    """Reads text in any encoding; the passages' lines are verbatim, but for secrets."""

    name = "text/2"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether these are bytes of text, whatever the name."""
        return not looks_binary(head)

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, its passages by heading and paragraph.

        Raises:
            EmptyFileError: If there is nothing but white space in it.
        """
        decoded = decode(path.read_bytes())
        text, secrets = masked(decoded.text, name, options)
        return replace(read_text(replace(decoded, text=text), name), secrets=secrets)


def read_text(decoded: Decoded, name: str) -> ParsedDocument:
    """The document of this text.

    Raises:
        EmptyFileError: If there is nothing but white space in it.
    """
    if not decoded.text.strip():
        raise EmptyFileError(name, "there is nothing but white space in it")
    suffix = PurePosixPath(name.lower()).suffix
    kind: DocumentKind = "markdown" if suffix in MARKDOWN_SUFFIXES else "text"
    lines = lines_of(decoded.text)
    if suffix in (".csv", ".tsv"):
        blocks = [Block(0, len(lines), "table")]
    else:
        blocks = list(_Blocks(lines, markdown=kind == "markdown", underlined=suffix == ".rst"))
    heading = next((lines[b.first] for b in blocks if b.kind == "heading"), "")
    return ParsedDocument(
        kind=kind,
        passages=line_passages(lines, blocks),
        title=heading.strip("#= \t")[:300],
        language=guess_language(decoded.text),
        line_count=len(lines),
        encoding=decoded.encoding,
        reader=TextReader.name,
    )


class _Blocks:
    """The blocks of a text, one after the other, each with its heading path."""

    def __init__(self, lines: Sequence[str], *, markdown: bool, underlined: bool) -> None:
        self._lines = lines
        self._markdown = markdown
        self._underlined = underlined
        self._path: list[tuple[int, str]] = []
        self._marks: list[str] = []
        """Underlines of reStructuredText in the order they were first used."""

    def __iter__(self) -> Iterator[Block]:
        at = 0
        if self._markdown and self._lines[0].strip() == "---":
            stop = self._until(1, lambda line: line.strip() in ("---", "..."))
            if stop > 1 and stop < 200:
                yield Block(0, stop, "code", alone=True)
                at = stop
        while at < len(self._lines):
            if not self._lines[at].strip():
                at += 1
                continue
            block = self._heading(at) or self._code(at) or self._running(at)
            yield block
            at = block.stop

    @property
    def _under(self) -> str:
        return " > ".join(title for _, title in self._path)

    def _until(self, at: int, ends: Callable[[str], object]) -> int:
        """The line after the first from `at` that ends the block; all if none does."""
        for index in range(at, len(self._lines)):
            if ends(self._lines[index]):
                return index + 1
        return len(self._lines)

    def _heading(self, at: int) -> Block | None:
        line = self._lines[at]
        stop, level, title = at + 1, 0, line.strip()
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        if self._markdown and (atx := _ATX.match(line[:500])):
            level, title = len(atx[1]), (atx[2] or "").strip()
        elif self._is_underlined(line, below):
            stop, level = at + 2, self._underline_level(below.strip()[0])
        elif not self._markdown and self._stands_alone(at) and _CAPITALS.match(title):
            level = 1 if sum(map(str.isalpha, title)) >= 4 else 0
        if not level:
            return None
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        block = Block(at, stop, "heading", self._under, alone=True)
        if title:
            self._path.append((level, title[:120]))
        return block

    def _is_underlined(self, line: str, below: str) -> bool:
        mark = _UNDERLINE.match(below)
        if not mark or not line.strip() or _UNDERLINE.match(line) or line[0].isspace():
            return False
        if self._underlined:
            return len(below.strip()) >= len(line.strip()) - 1
        if not self._markdown:
            return mark[1] in "=-~" and abs(len(below.strip()) - len(line.strip())) <= 2
        return mark[1] in "=-" and "|" not in line and not _ITEM.match(line)

    def _underline_level(self, mark: str) -> int:
        if not self._underlined:
            return 1 if mark == "=" else 2
        if mark not in self._marks:
            self._marks.append(mark)
        return self._marks.index(mark) + 1

    def _stands_alone(self, at: int) -> bool:
        before = self._lines[at - 1] if at else ""
        after = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        return not before.strip() and not after.strip()

    def _code(self, at: int) -> Block | None:
        fence = _FENCE.match(self._lines[at])
        if not fence:
            return None
        close = re.compile(rf" {{0,3}}{fence[1][0]}{{{len(fence[1])},}}\s*$")
        return Block(at, self._until(at + 1, close.match), "code", self._under)

    def _running(self, at: int) -> Block:
        """A paragraph, a list or a table: up to a blank line, a heading or a fence."""
        stop = at + 1
        is_list = _ITEM.match(self._lines[at]) is not None
        while stop < len(self._lines):
            line = self._lines[stop]
            if not line.strip():
                # A list goes on after a blank line with its next item or what is under it.
                following = self._lines[stop + 1] if stop + 1 < len(self._lines) else ""
                if not (is_list and (_ITEM.match(following) or following.startswith("  "))):
                    break
            elif self._interrupts(stop):
                break
            stop += 1
        table = (
            stop - at > 1
            and _TABLE_RULE.match(self._lines[at + 1][:500])
            and "|" in self._lines[at]
        )
        kind = "table" if table else "list" if is_list else "paragraph"
        return Block(at, stop, kind, self._under)  # type: ignore[arg-type]

    def _interrupts(self, at: int) -> bool:
        """Whether a heading or a fence begins here, without a blank line before it."""
        line = self._lines[at][:500]
        if self._markdown:
            return bool(_ATX.match(line) or _FENCE.match(line))
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        return self._underlined and self._is_underlined(line, below)
