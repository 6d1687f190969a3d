"""Checklists: what documents are held against, requirement by requirement."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from docqa.core.checklist_fields import Fields, short
from docqa.errors import ChecklistError

Verdict = Literal["met", "partly_met", "not_met", "not_found", "not_applicable"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

AnswerKind = Literal["verdict", "text", "date", "amount", "party", "list"]
"""What is asked for: a verdict alone, or also a value that the documents state."""
ANSWER_KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)

Across = Literal["agree", "independent"]
"""Whether documents that differ on a requirement contradict each other.

The policies of one company should `agree`; the contracts of a portfolio are `independent`.
"""
ACROSS: tuple[Across, ...] = get_args(Across)

MAX_REQUIREMENTS = 1_000

FIELDS = ("id", "title", "version", "source", "description", "verdicts", "across", "requirements")
REQUIREMENT_FIELDS = (
    "id",
    "section",
    "text",
    "guidance",
    "kind",
    "verdicts",
    "look_for",
    "across",
)
# Without a dot: the command line tells an id from the name of a file by it.
_CHECKLIST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ID_RULE = "letters, digits, spaces and . , : ( ) / § # + & ' - _ (no sign at the beginning)"
_REQUIREMENT_ID = re.compile(r"(?:[^\W_]|[(§])[\w .,:()/§#+&'’-]*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that documents are held against. `id` is unique in its checklist."""

    id: str
    text: str
    guidance: str = ""
    """For the model and for people: what counts as met, what does not."""
    section: str = ""
    verdicts: tuple[Verdict, ...] = VERDICTS
    kind: AnswerKind = "verdict"
    look_for: tuple[str, ...] = ()
    """Words and phrases that documents use for it; they help to find evidence."""
    across: Across = "agree"


@dataclass(frozen=True, slots=True)
class Checklist:
    """Requirements under one title. `id` is unique among the checklists of an installation."""

    id: str
    title: str
    version: str
    source: str
    """Where the requirements come from: a law's article, a standard, a data set."""
    requirements: tuple[Requirement, ...]
    description: str = ""

    def requirement(self, requirement_id: str) -> Requirement:
        """The requirement with this id.

        Raises:
            KeyError: If there is none.
        """
        for requirement in self.requirements:
            if requirement.id == requirement_id:
                return requirement
        raise KeyError(requirement_id)


def checklist_from(data: object, *, rows: Sequence[int] = ()) -> Checklist:
    """The checklist that plain data tells; words for verdicts and kinds may be written freely.

    `verdicts` and `across` beside the requirements hold for those that say nothing of their own.
    `rows` are the numbers by which problems name the requirements; by default they count from 1.

    Raises:
        ChecklistError: With all that is wrong, row by row.
    """
    problems: list[str] = []
    whole = Fields(data, "", problems)
    whole.only(FIELDS)
    listed = whole.get("requirements")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        problems.append("it has no requirements")
        listed = ()
    elif len(listed) > MAX_REQUIREMENTS:
        text = f"it has {len(listed):,} requirements, at most {MAX_REQUIREMENTS:,} are taken"
        raise ChecklistError((*problems, text))
    defaults = whole.several("verdicts", VERDICTS), whole.choice("across", ACROSS, "agree")
    numbers = rows or range(1, len(listed) + 1)
    requirements = _requirements(listed, numbers, defaults, problems)
    checklist = Checklist(
        id=whole.name("id", _CHECKLIST_ID, "letters, digits, dashes and underscores"),
        title=whole.text("title", needed=True),
        version=whole.text("version") or "1",
        source=whole.text("source"),
        requirements=requirements,
        description=whole.text("description"),
    )
    if problems:
        raise ChecklistError(tuple(problems))
    return checklist


def to_data(checklist: Checklist) -> dict[str, Any]:
    """Plain data that `checklist_from` makes the same checklist of; defaults are left out."""
    data: dict[str, Any] = {
        "id": checklist.id,
        "title": checklist.title,
        "version": checklist.version,
        "source": checklist.source,
        "description": checklist.description,
        "requirements": [requirement_data(item) for item in checklist.requirements],
    }
    return {name: value for name, value in data.items() if value}


def requirement_data(requirement: Requirement) -> dict[str, Any]:
    """A requirement as plain data, without what is as it is by default."""
    data: dict[str, Any] = {
        "id": requirement.id,
        "section": requirement.section,
        "text": requirement.text,
        "guidance": requirement.guidance,
        "kind": requirement.kind if requirement.kind != "verdict" else "",
        "verdicts": list(requirement.verdicts) if requirement.verdicts != VERDICTS else [],
        "look_for": list(requirement.look_for),
        "across": requirement.across if requirement.across != "agree" else "",
    }
    return {name: value for name, value in data.items() if value}


def _requirements(
    listed: Sequence[object],
    numbers: Sequence[int],
    defaults: tuple[tuple[Verdict, ...], Across],
    problems: list[str],
) -> tuple[Requirement, ...]:
    found, first_rows = [], dict[str, int]()
    for number, item in zip(numbers, listed, strict=True):
        named = item.get("id") if isinstance(item, Mapping) else ""
        shown = f" (id {short(str(named))!r})" if named else ""
        fields = Fields(item, f"row {number:,}{shown}: ", problems)
        requirement = _requirement(fields, *defaults)
        first = first_rows.setdefault(requirement.id.casefold(), number)
        if first != number and requirement.id:
            fields.wrong(f"row {first:,} has this id already")
        found.append(requirement)
    return tuple(found)


def _requirement(fields: Fields, verdicts: tuple[Verdict, ...], across: Across) -> Requirement:
    fields.only(REQUIREMENT_FIELDS)
    return Requirement(
        id=fields.name("id", _REQUIREMENT_ID, _ID_RULE),
        text=fields.text("text", needed=True),
        guidance=fields.text("guidance"),
        section=fields.text("section"),
        verdicts=fields.several("verdicts", VERDICTS, verdicts),
        kind=fields.choice("kind", ANSWER_KINDS, "verdict"),
        look_for=fields.phrases("look_for"),
        across=fields.choice("across", ACROSS, across),
    )
