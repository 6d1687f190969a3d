"""A checklist as YAML."""

from collections.abc import Iterator
from typing import Any

import yaml

from docqa.core.checklists import Checklist, checklist_from, to_data
from docqa.errors import ChecklistError

MAX_DEPTH = 8
MAX_EVENTS = 1_000_000
# Written in C where PyYAML was built with libyaml, which is some ten times faster.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def checklist_of(data: bytes) -> Checklist:
    """The checklist in this file.

    Raises:
        ChecklistError: If it is no YAML, or no checklist.
    """
    return checklist_from(plain(data))


def yaml_of(checklist: Checklist) -> bytes:
    """The checklist as a file."""
    written: str = yaml.dump(
        to_data(checklist), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100
    )
    return written.encode()


def plain(data: bytes) -> object:
    """What the file tells, as dicts, lists and texts alone: `1.10`, `no` and dates stay as written.

    Raises:
        ChecklistError: If it is no YAML, or uses more of YAML than a checklist needs.
    """
    try:
        return _built(data)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1:,}, column {mark.column + 1:,}: " if mark else ""
        raise ChecklistError([f"{where}{error.problem or 'this is no YAML'}"]) from error
    except yaml.YAMLError as error:
        raise ChecklistError([f"this is no YAML: {error}"]) from error


class _Building:
    """The containers that are open while a file is read, the outermost first."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self._open: list[dict[str, object] | list[object]] = []
        self._names: list[str | None] = []

    @property
    def depth(self) -> int:
        """How many containers are open."""
        return len(self._open)

    def begin(self, container: dict[str, object] | list[object], line: int) -> None:
        """A mapping or a list begins."""
        self.add(container, line)
        self._open.append(container)
        self._names.append(None)

    def end(self) -> None:
        """The innermost container ends."""
        self._open.pop()
        self._names.pop()

    def add(self, value: object, line: int) -> None:
        """A value, or the name of a field."""
        inner = self._open[-1] if self._open else self.done
        if isinstance(inner, list):
            inner.append(value)
            return
        name = self._names[-1]
        if name is not None:
            inner[name] = value
            self._names[-1] = None
        elif not isinstance(value, str):
            raise ChecklistError([f"line {line:,}: the name of a field is not a text"])
        elif value in inner:
            raise ChecklistError([f"line {line:,}: the field {value[:60]!r} is there twice"])
        else:
            self._names[-1] = value


def _built(data: bytes) -> object:
    building = _Building()
    events: Iterator[Any] = yaml.parse(data, Loader=_LOADER)
    for number, event in enumerate(events):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise ChecklistError([f"line {line:,}: aliases (*name) are not taken"])
        if building.depth > MAX_DEPTH or number > MAX_EVENTS:
            raise ChecklistError(
                [f"line {line:,}: a checklist is not as deep, or as long, as this"]
            )
        _take(building, event, line)
    if len(building.done) != 1:
        raise ChecklistError([f"it has {len(building.done):,} YAML documents, one is needed"])
    return building.done[0]


def _take(building: _Building, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML has no types
    if isinstance(event, yaml.ScalarEvent):
        building.add(event.value, line)
    elif isinstance(event, yaml.MappingStartEvent):
        building.begin({}, line)
    elif isinstance(event, yaml.SequenceStartEvent):
        building.begin([], line)
    elif isinstance(event, yaml.CollectionEndEvent):
        building.end()
