"""XML of office files, as events of a stream: no entities, nothing fetched, no tree to hold."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import IO, Protocol

from lxml import etree

from docqa.errors import BrokenFileError
from docqa.readers.office.zipped import translated

Attributes = Mapping[str, str]

_CHUNK = 1 << 16


class Handler(Protocol):
    """Takes the events of a part of an office file."""

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take an element's beginning."""
        ...

    def end(self, tag: str) -> None:
        """Take an element's end."""
        ...

    def data(self, text: str) -> None:
        """Take text, perhaps a part of it."""
        ...


@lru_cache(maxsize=4_096)
def local(tag: str) -> str:
    """The tag without its namespace."""
    return tag.rpartition("}")[2]


def value(attributes: Attributes, name: str) -> str:
    """The attribute of this local name, in whatever namespace; empty where there is none."""
    for key, said in attributes.items():
        if key == name or (key.endswith(name) and local(key) == name):
            return said
    return ""


def number(attributes: Attributes, name: str, default: int = 0) -> int:
    """The attribute as a whole number, the default where it is none of at most six digits."""
    said = value(attributes, name)
    digits = said.removeprefix("-")
    return int(said) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else default


def is_on(attributes: Attributes) -> bool:
    """Whether a switch such as `w:vanish` is on: it is unless its value says not."""
    return value(attributes, "val") not in ("0", "false", "off", "none")


def feed(
    stream: IO[bytes],
    handler: Handler,
    name: str,
    *,
    skipped: Collection[str] = (),
    named: Callable[[str], str] = local,
) -> None:
    """Give the elements of a stream to the handler, by the names that `named` makes of their tags.

    Elements in `skipped`, and all in them, are left out. Entities of other files are not
    fetched, and those of its own grow no further than libxml2 lets them.

    Raises:
        BrokenFileError: If it is not XML, or its archive is damaged.
    """
    target = _Target(handler, frozenset(skipped), named)
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        with translated(name):
            while chunk := stream.read(_CHUNK):
                parser.feed(chunk)
        parser.close()
    except etree.LxmlError as error:
        raise BrokenFileError(name, f"holds XML that cannot be read ({error})") from error


def tree(data: bytes, name: str) -> etree._Element:
    """The root element of a small part.

    Raises:
        BrokenFileError: If it is not XML.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise BrokenFileError(name, f"holds XML that cannot be read ({error})") from error


class _Target:
    """What lxml calls: names tags and skips subtrees for the handler."""

    def __init__(
        self, handler: Handler, skipped: frozenset[str], named: Callable[[str], str]
    ) -> None:
        self._handler = handler
        self._skipped = skipped
        self._named = named
        self._skipping = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        if self._skipping:
            self._skipping += 1
            return
        name = self._named(tag)
        if name in self._skipped:
            self._skipping = 1
        else:
            self._handler.start(name, attributes)

    def end(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= 1
        else:
            self._handler.end(self._named(tag))

    def data(self, text: str) -> None:
        if not self._skipping:
            self._handler.data(text)

    def close(self) -> None:
        pass
