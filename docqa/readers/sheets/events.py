"""XML as a stream of events, by Expat: no document types, so no entities; no network; no tree."""

from collections.abc import Iterator
from xml.parsers import expat

from docqa.errors import BrokenFileError
from docqa.readers.office.zipped import ZippedFile, translated

_CHUNK_BYTES = 1 << 17


class Handler:
    """Gets the events of one part; names of elements are without prefixes, those of attributes not.

    What it raises ends the reading.
    """

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text of the element that began last."""


def events(file: ZippedFile, part: str, handler: Handler, name: str) -> Iterator[None]:
    """Give a part's events to the handler, pausing after every so many bytes; `name` is the file's.

    Raises:
        BrokenFileError: If it is no XML, has a document type, or the handler finds a value beyond
            its limits (`OverflowError`).
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refused

    def first(tag: str, attributes: dict[str, str]) -> None:
        # Most programs write no prefixes: their names are handed on as they are.
        if ":" in tag:
            parser.StartElementHandler = lambda tag, about: handler.start(_local(tag), about)
            parser.EndElementHandler = lambda tag: handler.end(_local(tag))
        else:
            parser.StartElementHandler = handler.start
            parser.EndElementHandler = handler.end
        handler.start(_local(tag), attributes)

    parser.StartElementHandler = first
    parser.CharacterDataHandler = handler.data
    try:
        with file.open(part) as stream:
            while True:
                with translated(name):
                    chunk = stream.read(_CHUNK_BYTES)
                parser.Parse(chunk, not chunk)
                if not chunk:
                    return
                yield
    except expat.ExpatError as error:
        raise BrokenFileError(name, f"its part {part!r} is damaged ({error})") from error
    except OverflowError as error:
        raise BrokenFileError(name, str(error)) from error


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def without_prefixes(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes of an element by their local names."""
    return {key.rpartition(":")[2]: value for key, value in attributes.items()}


def _refused(*_: object) -> None:
    raise OverflowError("it has a document type, which no such file has")
