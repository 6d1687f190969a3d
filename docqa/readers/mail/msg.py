"""Outlook's messages (.msg), by python-oxmsg."""

import struct
from pathlib import Path

from oxmsg import Message as OutlookMessage
from oxmsg.attachment import Attachment as OutlookAttachment
from oxmsg.properties import Properties
from oxmsg.storage import Storage
from oxmsg.util import lazyproperty

from docqa.core.documents import ParsedDocument
from docqa.errors import BrokenFileError
from docqa.readers.base import Progress, ReaderOptions
from docqa.readers.mail.message import Attachment, Body, Message, clean_name
from docqa.readers.mail.reading import read_message

_EMBEDDED = "__substg1.0_3701000D"
"""The storage of a message that is attached to a message ([MS-OXMSG] 2.2.2.1)."""
_EMBEDDED_HEADER = 24
_TO, _CC, _RICH_TEXT, _SHORT_NAME, _CONTENT_ID = 0x0E04, 0x0E03, 0x1009, 0x3704, 0x3712
"""Properties by their numbers ([MS-OXPROPS])."""
_DEEPEST = 20
_ERRORS = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError),
    *(AssertionError, struct.error, RecursionError, OverflowError),
)
"""What the libraries raise for messages that are not as the standard says."""


class MsgReader:
    """Reads a message with what is attached to it."""

    name = "msg/1"

    def accepts(self, name: str, head: bytes) -> bool:
        """Whether it is an old Office file that is called a message."""
        return head.startswith(b"\xd0\xcf\x11\xe0") and name.lower().endswith(".msg")

    def read(
        self, path: Path, name: str, options: ReaderOptions, progress: Progress
    ) -> ParsedDocument:
        """The document; what is attached and cannot be read is named.

        Raises:
            BrokenFileError: If it is no message.
            EmptyFileError: If there is no text in it, nor in what is attached.
        """
        message = outlook_message_of(path.read_bytes(), name)
        return read_message(message, name, options, progress, reader=self.name)


def outlook_message_of(data: bytes, name: str) -> Message:
    """The message in these bytes.

    Raises:
        BrokenFileError: If it is none.
    """
    try:
        return _message(OutlookMessage.load(data))
    except _ERRORS as error:
        said = " ".join(str(error).split())[:150] or type(error).__name__
        raise BrokenFileError(name, f"it is no message of Outlook ({said})") from error


class _Embedded(OutlookMessage):
    """A message in a message: its properties begin elsewhere."""

    @lazyproperty
    def _properties(self) -> Properties:
        return Properties(self._storage, properties_header_offset=_EMBEDDED_HEADER)


def _message(outlook: OutlookMessage, depth: int = 0) -> Message:
    sent = outlook.message_headers
    date = outlook.sent_date
    headers = {
        "From": outlook.sender or "",
        "To": sent.get("To", "") or outlook.properties.str_prop_value(_TO) or "",
        "Cc": sent.get("Cc", "") or outlook.properties.str_prop_value(_CC) or "",
        "Date": sent.get("Date", "") or (f"{date:%Y-%m-%d %H:%M} UTC" if date else ""),
        "Subject": outlook.subject,
    }
    found = Message({key: text for key, said in headers.items() if (text := _folded(said))})
    if outlook.body and outlook.body.strip():
        found.bodies.append(Body(outlook.body))
    elif outlook.html_body:
        found.bodies.append(Body(outlook.html_body, is_html=True))
    elif outlook.properties.binary_prop_value(_RICH_TEXT):
        found.notes.append("its text is kept as rich text only, which was not read")
    for number, each in enumerate(outlook.attachments, 1):
        try:
            found.attachments.append(_attachment(each, number, depth))
        except _ERRORS as error:
            said = " ".join(str(error).split())[:150] or type(error).__name__
            found.notes.append(f"attachment {number} cannot be read ({said})")
    return found


def _attachment(attached: OutlookAttachment, number: int, depth: int) -> Attachment:
    name = attached.file_name or attached.properties.str_prop_value(_SHORT_NAME) or ""
    inner = _storage(attached)
    if inner is not None and depth < _DEEPEST:
        message = _message(_Embedded(inner), depth + 1)
        return Attachment(clean_name(name or message.subject, "message"), message)
    data = attached.file_bytes
    if data is None:
        raise ValueError("it is not kept in the message")
    is_picture = (attached.mime_type or "").startswith("image/")
    is_inline = is_picture and bool(attached.properties.str_prop_value(_CONTENT_ID))
    return Attachment(clean_name(name, f"attachment {number}"), data, is_inline)


def _storage(attached: OutlookAttachment) -> Storage | None:
    storages = attached._storage.storages  # type: ignore[attr-defined]
    return next((each for each in storages if each.name == _EMBEDDED), None)


def _folded(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:4_000]
