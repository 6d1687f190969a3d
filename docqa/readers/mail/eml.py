"""Messages in the internet's format (.eml, .mht; RFC 5322 and MIME), by the standard library."""

from base64 import decodebytes
from collections.abc import Iterator
from email import policy
from email.message import Message as AnyMessage
from email.parser import BytesParser
from pathlib import Path

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError, ReadError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.encoding import decode
from docqa.readers.mail.message import HEADERS, Attachment, Body, Message, clean_name
from docqa.readers.mail.reading import read_message
from docqa.readers.office.building import Blocks
from docqa.readers.office.html import add_html

MOST_PARTS = 2_000
"""Of a message with all that is in it."""
_DEEPEST = 60
"""Parts in parts."""
_LEAST_PLAIN = 20
"""Characters below which plain text beside a web page says no more than that there is one."""
_LEAST_SHARE = 0.5
"""Of a web page's characters that plain text beside it has if it says the same."""
_SHORT_BYTES = 2_000
_ERRORS = (*(ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError),)
"""What the library raises for messages that are not as the standard says."""


class EmlReader:
    """Reads a message with what is attached to it."""

    name = "eml/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether the name says that it is a message."""
        return name.lower().endswith((".eml", ".mht", ".mhtml"))

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; what is attached and cannot be read is named.

        Raises:
            BrokenFileError: If it is no message.
            EmptyFileError: If there is no text in it, nor in what is attached.
        """
        message = message_of(path.read_bytes(), name)
        return read_message(message, name, options, progress, reader=self.name)


def message_of(data: bytes, name: str) -> Message:
    """The message in these bytes.

    Raises:
        BrokenFileError: If it is none.
    """
    try:
        parsed = BytesParser(policy=policy.default).parsebytes(data)
    except _ERRORS as error:
        raise BrokenFileError(name, f"it is no message that can be read ({error})") from error
    if not parsed.keys() and not parsed.is_multipart():
        raise BrokenFileError(name, "it is no message: it has no headers")
    return _Taking().message(parsed)


class _Taking:
    """Takes messages apart, counting their parts."""

    def __init__(self) -> None:
        self._left = MOST_PARTS
        self._lengths: dict[Body, int] = {}

    def message(self, parsed: AnyMessage, depth: int = 0) -> Message:
        """The message that the library made."""
        found = Message({name: text for name in HEADERS if (text := _header(parsed, name))})
        try:
            self._take(parsed, found, depth)
        except _ERRORS as error:
            found.notes.append(f"a part of the message is damaged ({_said(error)})")
        return found

    def _take(self, part: AnyMessage, found: Message, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            if "more parts" not in "".join(found.notes):
                found.notes.append("it has more parts than docqa reads of a message")
            return
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            found.bodies += [Body(each.as_string()) for each in _payload(part)]
        elif part.get_content_maintype() == "message":
            for inner in _payload(part):
                found.attachments.append(self._message_in(part, inner, depth + 1))
        elif part.is_multipart():
            self._take_parts(part, found, depth, choose=kind == "multipart/alternative")
        else:
            _take_leaf(part, kind, found)

    def _message_in(self, part: AnyMessage, inner: AnyMessage, depth: int) -> Attachment:
        if not inner.keys():
            # Encoded, which the standard forbids: the library takes the code for the text.
            encoded = str(inner.get_payload()).encode("ascii", errors="replace")
            data = decodebytes(encoded) if _is_base64(part) else encoded
            return Attachment(clean_name(_filename(part), "message.eml"), data)
        message = self.message(inner, depth)
        return Attachment(clean_name(_filename(part) or message.subject, "message"), message)

    def _take_parts(self, part: AnyMessage, found: Message, depth: int, *, choose: bool) -> None:
        choices: list[list[Body]] = []
        for each in _payload(part):
            inner = Message()
            try:
                self._take(each, inner, depth + 1)
            except _ERRORS as error:
                inner.notes.append(f"a part of the message is damaged ({_said(error)})")
            choices.append(inner.bodies)
            found.attachments += inner.attachments
            found.notes += inner.notes
        if choose:
            found.bodies += self._chosen([bodies for bodies in choices if bodies])
        else:
            found.bodies += [body for bodies in choices for body in bodies]

    def _chosen(self, choices: list[list[Body]]) -> list[Body]:
        """Of versions of the same text the plain one, unless it says far less than the page."""
        longest = max((self._length(bodies) for bodies in choices), default=0)
        for bodies in choices:
            plain = [body for body in bodies if not body.is_html]
            length = self._length(plain)
            if length >= _LEAST_PLAIN and length >= _LEAST_SHARE * longest:
                return plain
        return max(reversed(choices), key=self._length, default=[])

    def _length(self, bodies: list[Body]) -> int:
        """Characters that are shown of these."""
        for body in bodies:
            if body not in self._lengths:
                self._lengths[body] = _shown_characters(body)
        return sum(self._lengths[body] for body in bodies)


def _shown_characters(body: Body) -> int:
    """White space not counted; 0 for a page that cannot be read."""
    if not body.is_html:
        return len("".join(str(body.text).split()))
    blocks = Blocks("")
    try:
        add_html(body.text, blocks, "")
    except ReadError:
        return 0
    return sum(len("".join(block.text.split())) for block in blocks.found)


def _is_base64(part: AnyMessage) -> bool:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"


def _payload(part: AnyMessage) -> Iterator[AnyMessage]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (each for each in payload if isinstance(each, AnyMessage))


def _take_leaf(part: AnyMessage, kind: str, found: Message) -> None:
    name = _filename(part)
    is_beside = part.get_content_disposition() == "attachment" or bool(name)
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        data = b""
    if kind in ("text/plain", "text/html") and not is_beside:
        is_html = kind == "text/html"
        text = _text(part, data)
        found.bodies.append(Body(text, is_html))
        return
    if not data and not name:
        return
    is_within = "Content-ID" in part or part.get_content_disposition() == "inline"
    is_inline = kind.startswith("image/") and is_within
    otherwise = f"part {len(found.attachments) + 1}{_suffix(kind)}"
    found.attachments.append(Attachment(clean_name(name, otherwise), data, is_inline))


def _text(part: AnyMessage, data: bytes) -> str | bytes:
    """The text in the character set that the part declares; as bytes where it declares none."""
    charset = str(part.get_content_charset("") or "")
    if not charset:
        return data if part.get_content_type() == "text/html" else decode(data).text
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        # Of a few words nobody can tell the character set; most are Western.
        short = len(data) < _SHORT_BYTES and not _is_utf8(data)
        return data.decode("cp1252", errors="replace") if short else decode(data).text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _filename(part: AnyMessage) -> str:
    try:
        return part.get_filename() or ""
    except _ERRORS:
        return ""


def _header(message: AnyMessage, name: str) -> str:
    try:
        value = message.get_all(name, [])
        return " ".join(", ".join(str(each) for each in value).split())[:4_000]
    except _ERRORS:
        raw = [text for key, text in message.raw_items() if key.lower() == name.lower()]
        return " ".join(str(raw[0]).split())[:4_000] if raw else ""


def _suffix(kind: str) -> str:
    """What a part without a name would be called by its kind."""
    known = {"text/calendar": ".ics", "text/csv": ".csv", "application/pdf": ".pdf"}
    if kind in known:
        return known[kind]
    main, _, sub = kind.partition("/")
    return f".{sub}" if main == "image" and sub.isalnum() else ".txt" if main == "text" else ""


def _said(error: BaseException) -> str:
    return " ".join(str(error).split())[:150] or type(error).__name__
