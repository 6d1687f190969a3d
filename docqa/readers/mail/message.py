"""A message as it was saved, whatever the format of the file."""

from dataclasses import dataclass, field

HEADERS = ("From", "To", "Cc", "Date", "Subject")
"""Headers that are read, in this order."""
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Body:
    """A part of the text: plain, or a web page."""

    text: str | bytes
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file or a message in a message."""

    name: str
    content: "bytes | Message"
    is_inline: bool = False
    """Whether it is a picture within the text rather than a file beside it."""


@dataclass(slots=True)
class Message:
    """What a message says and carries."""

    headers: dict[str, str] = field(default_factory=dict)
    """Of `HEADERS` those that it has."""
    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be taken of it."""

    @property
    def subject(self) -> str:
        """In one line; empty if there is none."""
        return self.headers.get("Subject", "")


def clean_name(name: str, otherwise: str) -> str:
    """The name of an attachment without folders and what cannot be shown."""
    base = name.replace("\\", "/").rpartition("/")[2]
    shown = " ".join("".join(c if c.isprintable() else " " for c in base).split())
    if len(shown) > _LONGEST_NAME:
        stem, dot, suffix = shown.rpartition(".")
        shown = f"{stem[:_LONGEST_NAME]}…{dot}{suffix[:10]}" if dot else shown[:_LONGEST_NAME]
    return (shown.strip(" .") and shown) or otherwise
