"""Rich text (.rtf): text in order, headings, tables, notes, headers and comments."""

from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.office import building
from docqa.readers.office.building import Blocks, document_of
from docqa.readers.office.rtf_events import RtfEvents
from docqa.readers.office.rtf_tokens import tokens
from docqa.readers.office.rtf_words import RtfFacts


class RtfReader:
    """Reads the document as it stands, with changes accepted, and without a layout."""

    name = "rtf/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the bytes begin as rich text, whatever the name."""
        return head.lstrip().startswith(b"{\\rtf")

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; notes, comments and headers are parts of their own behind the text.

        Raises:
            BrokenFileError: If its groups are nested without end.
            EmptyFileError: If there is no text in it.
            ReadError: If it has too much text.
        """
        blocks, facts = Blocks(name), RtfFacts()
        # Each byte as the character of its number: the encoding depends on the font.
        text = path.read_bytes().decode("latin-1")
        RtfEvents(blocks, facts, name).take(tokens(text))
        facts.add_asides(blocks)
        blocks.add_part(building.EDGES, dict.fromkeys(facts.edges))
        blocks.notes.extend(facts.unread())
        return document_of(blocks, name, options, reader=self.name, title=facts.title)
