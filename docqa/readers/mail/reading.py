"""A message and all that is attached to it -> one document, within bounds."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from docqa.core.documents import PageInfo, PageLocator, ParsedDocument, Passage, PlaceLocator
from docqa.core.symbols import Secret
from docqa.errors import EmptyFileError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.formats import Format, format_of
from docqa.readers.mail.message import HEADERS, Attachment, Message
from docqa.readers.office.building import Blocks, document_of
from docqa.readers.office.html import add_html
from docqa.readers.registry import entry_for
from docqa.readers.secrets import masked
from docqa.readers.signatures import HEAD_BYTES

DEEPEST = 3
"""Messages in messages that are read."""
MOST_ATTACHMENTS = 300
"""Of a message and all messages in it."""
MOST_BYTES = 300_000_000
"""Of those."""
MOST_PASSAGES = 200_000
SMALL_PICTURE_BYTES = 30_000
"""Pictures within the text that are smaller are logos and the like."""
_MOST_NOTES = 20
_SUFFIX_CHARACTERS = 6
"""Of names of files that tell a kind, the point included."""
_MESSAGES: frozenset[Format] = frozenset(("eml", "msg"))


def read_message(
    message: Message, name: str, options: ReaderOptions, progress: Progress, *, reader: str
) -> ParsedDocument:
    """The document: the message's own text, then what is attached, each a part by its name.

    There is a `PageInfo` for the message, and for each page of what is attached, or for the
    attachment where it has no pages; what is not read says why, and is named in the notes.

    Raises:
        EmptyFileError: If there is no text in any of it.
    """
    reading = _Reading(name, options, progress)
    reading.message(message, (), 0)
    if not reading.passages:
        raise EmptyFileError(name, "; ".join(["there is no text in it", *reading.notes]))
    notes = reading.notes
    if len(notes) > _MOST_NOTES:
        notes = [*notes[:_MOST_NOTES], f"and {len(notes) - _MOST_NOTES:,} more remarks"]
    return ParsedDocument(
        kind="mail",
        passages=tuple(replace(p, ordinal=n) for n, p in enumerate(reading.passages)),
        pages=tuple(replace(p, number=n) for n, p in enumerate(reading.pages, 1)),
        title=masked(message.subject, name, options)[0][:300],
        language=reading.language,
        reader=reader,
        notes=tuple(notes),
        secrets=tuple(reading.secrets),
    )


@dataclass(slots=True)
class _Reading:
    """What was read so far, and how much more may be."""

    name: str
    options: ReaderOptions
    progress: Progress
    passages: list[Passage] = field(default_factory=list)
    pages: list[PageInfo] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    language: str = ""
    attachments: int = 0
    size: int = 0

    def message(self, message: Message, path: tuple[str, ...], depth: int) -> None:
        """Read a message that is attached at this path, the file itself at the empty one."""
        part = " > ".join(path)
        self.notes += [f"{part}: {note}" if part else note for note in message.notes]
        self._text(message, part)
        taken: set[str] = set()
        small = 0
        for attachment in message.attachments:
            name = _unlike(self._shown(attachment.name), taken)
            taken.add(name)
            if _is_logo(attachment):
                small += 1
                continue
            self._attachment(replace(attachment, name=name), (*path, name), depth)
        if small:
            pictures = "1 small picture" if small == 1 else f"{small:,} small pictures"
            where = f" of {part}" if part else ""
            self.notes.append(f"{pictures} within the text{where} not read")

    def _shown(self, name: str) -> str:
        """An attachment's name, secrets masked; it ends as before, for that tells the kind."""
        shown, secrets = masked(name, self.name, self.options)
        self.secrets += secrets
        suffix = PurePath(name).suffix
        is_kept = len(suffix) > _SUFFIX_CHARACTERS or shown.endswith(suffix)
        return shown if is_kept else f"{shown}{suffix}"

    def _alive(self, done: int = 0, total: int = 1) -> None:
        """Tell progress within what is read now: reading a scanned page takes its time."""
        before = len(self.pages)
        self.progress(before + done, before + max(done, total))

    def _text(self, message: Message, part: str) -> None:
        try:
            document = _own_text(message, part, self.name, self.options)
        except EmptyFileError:
            self.pages.append(PageInfo(0, 0, 0, "empty", f"{part or 'the message'} has no text"))
            return
        except ReadError as error:
            self._leave_out(part or "the text of the message", error.detail)
            return
        self.language = self.language or document.language
        self._add(document, part)

    def _attachment(self, attachment: Attachment, path: tuple[str, ...], depth: int) -> None:
        part = " > ".join(path)
        self.attachments += 1
        self._alive()
        if self.attachments > MOST_ATTACHMENTS:
            self._leave_out(part, f"it has more than {MOST_ATTACHMENTS:,} attachments")
            return
        content = attachment.content
        if isinstance(content, Message):
            self._nested(content, path, depth)
            return
        self.size += len(content)
        if self.size > MOST_BYTES:
            self._leave_out(part, f"its attachments have more than {MOST_BYTES / 1e6:,.0f} MB")
            return
        try:
            self._file(content, attachment.name, path, depth)
        except ReadError as error:
            self._leave_out(part, error.detail)

    def _nested(self, message: Message, path: tuple[str, ...], depth: int) -> None:
        if depth >= DEEPEST:
            reason = f"messages in messages are read {DEEPEST} deep"
            self._leave_out(" > ".join(path), reason)
        else:
            self.message(message, path, depth + 1)

    def _file(self, data: bytes, name: str, path: tuple[str, ...], depth: int) -> None:
        """Read a file by the reader of its kind.

        Raises:
            ReadError: If it cannot be read.
        """
        if not data:
            raise EmptyFileError(name)
        found = format_of(name, data[:HEAD_BYTES])
        if found in _MESSAGES:
            self._nested(_parsed(data, name, found), path, depth)
            return
        reader = entry_for(name, data[:HEAD_BYTES]).make()
        with tempfile.TemporaryDirectory(prefix="docqa-mail-") as folder:
            file = Path(folder) / "attachment"
            file.write_bytes(data)
            document = reader.read(file, name, replace(self.options, password=None), self._alive)
        part = " > ".join(path)
        self.notes += [f"{part}: {note}" for note in document.notes]
        self._add(document, part)

    def _add(self, document: ParsedDocument, part: str) -> None:
        room = MOST_PASSAGES - len(self.passages)
        if len(document.passages) > room:
            self._leave_out(part, f"passages from number {room + 1:,} on are too many")
        self.passages += [_placed(passage, part) for passage in document.passages[:room]]
        self.secrets += document.secrets
        if document.pages:
            self.pages += [_page(page, part) for page in document.pages]
        else:
            characters = sum(len(passage.text) for passage in document.passages)
            self.pages.append(PageInfo(0, 0, 0, "text", "", characters))

    def _leave_out(self, part: str, reason: str) -> None:
        said = f"{part!r} was not read: {reason}"
        self.pages.append(PageInfo(0, 0, 0, "failed", said))
        self.notes.append(said)


def _is_logo(attachment: Attachment) -> bool:
    content = attachment.content
    is_small = isinstance(content, bytes) and len(content) < SMALL_PICTURE_BYTES
    return attachment.is_inline and is_small


def _own_text(message: Message, part: str, name: str, options: ReaderOptions) -> ParsedDocument:
    """The headers and the text of a message; they have the subject as their heading.

    Raises:
        EmptyFileError: If it has neither.
        ReadError: If it has too much text.
    """
    blocks = Blocks(name)
    said = [f"{key}: {message.headers[key]}" for key in HEADERS if key in message.headers]
    blocks.add("\n".join(said), "list")
    for body in message.bodies:
        if body.is_html:
            add_html(body.text, blocks, name)
            continue
        for text in _paragraphs(str(body.text)):
            blocks.add(text)
    document = document_of(blocks, name, options, reader="", kind="mail")
    subject = masked(message.subject, name, options)[0][:120]
    passages = tuple(
        replace(passage, heading=" > ".join(filter(None, (subject, passage.heading))))
        for passage in document.passages
    )
    return replace(document, passages=passages)


def _paragraphs(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            yield "\n".join(lines)
            lines = []


def _parsed(data: bytes, name: str, found: Format | None) -> Message:
    """The message in a file that is attached.

    Raises:
        BrokenFileError: If it is none.
    """
    if found == "msg":
        from docqa.readers.mail.msg import outlook_message_of

        return outlook_message_of(data, name)
    from docqa.readers.mail.eml import message_of

    return message_of(data, name)


def _placed(passage: Passage, part: str) -> Passage:
    """A passage of an attachment as one of the message: its place is said in words."""
    at = passage.locator
    if isinstance(at, PlaceLocator):
        if not part:
            return passage
        inner = f"{part} > {at.part}" if at.part else part
        return replace(passage, locator=replace(at, part=inner))
    if isinstance(at, PageLocator):
        place = PlaceLocator("page", at.first_page, at.last_page, part)
    else:
        place = PlaceLocator("paragraph", passage.ordinal + 1, passage.ordinal + 1, part)
    # Where the words stand on the page is not kept: the message has no page to draw.
    return replace(passage, locator=place, geometry=b"")


def _page(page: PageInfo, part: str) -> PageInfo:
    if not part:
        return page
    said = f"{part}, {page.number}: {page.reason}" if page.reason else ""
    return replace(page, reason=said)


def _unlike(name: str, taken: set[str]) -> str:
    """The name, with a number where another attachment has it."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found
