"""The reader of source code; a passage's heading is its symbol path."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.errors import EmptyFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.blocks import Block, line_passages
from docqa.readers.code.by_lines import defined_blocks
from docqa.readers.code.passages import code_blocks
from docqa.readers.code.syntax import Structure, structure
from docqa.readers.encoding import decode, lines_of, looks_binary
from docqa.readers.languages import language_of
from docqa.readers.secrets import masked


class CodeReader:
    """Reads source code of any language; the structure of those with a grammar."""

    name = "code/2"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name is that of a source file and the bytes are text."""
        return bool(language_of(name)) and not looks_binary(head)

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document, a passage or more for each definition.

        Raises:
            EmptyFileError: If there is nothing but white space in it.
        """
        decoded = decode(path.read_bytes())
        if not decoded.text.strip():
            raise EmptyFileError(name, "there is nothing but white space in it")
        language = language_of(name)
        text, secrets = masked(decoded.text, name, options)
        lines = lines_of(text)
        found = structure(text, lines, language)
        return ParsedDocument(
            kind="code",
            passages=line_passages(lines, blocks_of(found, lines, language)),
            language=language,
            line_count=len(lines),
            encoding=decoded.encoding,
            reader=self.name,
            facts=found.facts,
            secrets=secrets,
        )


def blocks_of(found: Structure, lines: Sequence[str], language: str) -> Iterator[Block]:
    """Where passages begin and end: at definitions, or at lines that look like some."""
    if found.definitions:
        return code_blocks(found.definitions, lines)
    return defined_blocks(lines, language)
