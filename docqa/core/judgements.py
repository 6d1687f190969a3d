"""What a model answers about a requirement: a JSON object, bounded by a schema, read with care."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docqa.core.checklists import VERDICTS, Requirement, Verdict
from docqa.core.citations import WORD_JOINER, display
from docqa.core.escaping import encodable

RATIONALE_CHARACTERS = 320
VALUE_CHARACTERS = 160
ENTRIES = 8
ENTRY_CHARACTERS = 80
LABELS = 6
"""Most passages that a judgement points at."""
HIGHEST_LABEL = 999_999_999
LONGEST_ANSWER = 50_000
"""Characters of an answer that are looked at; one that a schema bounds has far fewer."""
_LENIENCE = 3
"""Engines without grammars may write texts that are so many times too long."""
_MOST_OBJECTS = 20
_LABEL = re.compile(r"\[?[ \t]*#?[ \t]*(\d{1,9})[ \t]*\]?")
_MARKED = re.compile(r"\#[ \t]*(\d{1,9})(?!\d)")
_BARE = re.compile(r"(?<![\w.])(\d{1,9})(?![\w.])")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)```", re.DOTALL)
_OTHER_WORDS: Mapping[str, Verdict] = {
    "found": "met",
    "partially_met": "partly_met",
    "partial": "partly_met",
    "n/a": "not_applicable",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A model's judgement as it was read. Texts are plain, on one line, and encodable."""

    verdict: Verdict
    rationale: str
    values: tuple[str, ...]
    """What was extracted: one, or for lists several; none if nothing was."""
    labels: tuple[int, ...]
    """Each once, at most `LABELS`."""
    stray: tuple[str, ...] = ()
    """What stood among the labels and is none, cut to a few characters."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer that is no judgement; `problem` says why, for people and for the model."""

    problem: str


def schema_for(requirement: Requirement) -> dict[str, object]:
    """The JSON schema that answers about this requirement have to fit.

    Everything in it is bounded. The properties' order is the order of writing: what is pointed at,
    why, and only then the verdict.
    """
    properties: dict[str, object] = {
        "citations": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": HIGHEST_LABEL},
            "maxItems": LABELS,
        },
        "rationale": {"type": "string", "maxLength": RATIONALE_CHARACTERS},
    }
    if requirement.kind == "list":
        properties["value"] = {
            "type": "array",
            "items": {"type": "string", "maxLength": ENTRY_CHARACTERS},
            "maxItems": ENTRIES,
        }
    elif requirement.kind != "verdict":
        properties["value"] = {"type": "string", "maxLength": VALUE_CHARACTERS}
    properties["verdict"] = {"type": "string", "enum": list(requirement.verdicts)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def max_tokens_for(schema: Mapping[str, object], *, bytes_per_character: int = 6) -> int:
    r"""Tokens that no answer within the schema exceeds: the bytes of the longest one, and an end.

    A token has at least one byte. A character has at most four bytes in UTF-8 and six as an escape
    such as `\u00e9`. A blank may follow every comma and colon; other white space is not counted.
    """
    return _bytes_of(schema, bytes_per_character) + 2


def _bytes_of(schema: Any, per_character: int) -> int:  # noqa: ANN401
    if "enum" in schema:
        return max(len(json.dumps(word).encode()) for word in schema["enum"])
    if schema["type"] == "string":
        return 2 + per_character * int(schema["maxLength"])
    if schema["type"] == "integer":
        return len(str(schema["maximum"]))
    if schema["type"] == "array":
        return 2 + int(schema["maxItems"]) * (_bytes_of(schema["items"], per_character) + 2)
    return 2 + sum(
        len(json.dumps(name).encode()) + 4 + _bytes_of(part, per_character)
        for name, part in schema["properties"].items()
    )


def read_judgement(raw: str, requirement: Requirement) -> Judgement | Broken:
    """The judgement in a model's answer; engines without grammars may write around it."""
    found = _object_in(raw[:LONGEST_ANSWER])
    if isinstance(found, Broken):
        return found
    missing = [name for name in ("citations", "rationale", "verdict") if name not in found]
    if missing:
        return Broken(f"it lacks {' and '.join(repr(name) for name in missing)}")
    verdict = _verdict(found["verdict"], requirement)
    if isinstance(verdict, Broken):
        return verdict
    if not isinstance(found["rationale"], str):
        return Broken("'rationale' is not a string")
    rationale = _plain(found["rationale"])
    if len(rationale) > _LENIENCE * RATIONALE_CHARACTERS:
        return Broken(f"'rationale' is longer than {RATIONALE_CHARACTERS} characters")
    values = _values(found.get("value"), requirement)
    if isinstance(values, Broken):
        return values
    labels, stray = _labels(found["citations"])
    return Judgement(verdict, rationale, values, labels, stray)


class _RepeatedNameError(ValueError):
    """An object says the same thing twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedNameError
    return found


# Not strict: grammars of `/v1` servers may let bare control characters into strings.
_DECODER = json.JSONDecoder(object_pairs_hook=_once, strict=False)


def _object_in(raw: str) -> dict[str, Any] | Broken:
    """The one object with a verdict in a text; two that differ are no answer."""
    fenced = _FENCE.search(raw)
    candidates = list(_objects(fenced[1])) if fenced else []
    candidates = candidates or list(_objects(raw))
    found = [each for each in candidates if "verdict" in each] or candidates
    if not found:
        return Broken("it is not a JSON object")
    if any(each != found[0] for each in found):
        return Broken("it holds several JSON objects that differ")
    return found[0]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    position = text.find("{")
    for _ in range(_MOST_OBJECTS):
        if position < 0:
            return
        end = position + 1
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield value
        position = text.find("{", end)


def _verdict(said: object, requirement: Requirement) -> Verdict | Broken:
    word = "_".join(str(said).casefold().replace("-", " ").replace("_", " ").split()).strip(".'\"")
    for verdict in VERDICTS:
        if verdict == _OTHER_WORDS.get(word, word) and verdict in requirement.verdicts:
            return verdict
    allowed = ", ".join(requirement.verdicts)
    return Broken(f"'verdict' is {str(said)[:40]!r}, which is none of {allowed}")


def _values(said: object, requirement: Requirement) -> tuple[str, ...] | Broken:
    if requirement.kind == "verdict" or said is None:
        return ()
    entries = said if isinstance(said, list) else [said]
    if not all(isinstance(entry, str | int | float) for entry in entries):
        return Broken("'value' is neither a string nor a list of strings")
    values = [value for entry in entries if (value := _plain(str(entry)))]
    limit = ENTRY_CHARACTERS if requirement.kind == "list" else VALUE_CHARACTERS
    if len(values) > _LENIENCE * ENTRIES or any(len(each) > _LENIENCE * limit for each in values):
        return Broken("'value' is too long")
    if requirement.kind != "list" and len(values) > 1:
        return Broken("'value' is a list where one value is asked for")
    return tuple(dict.fromkeys(values))


def _labels(said: object) -> tuple[tuple[int, ...], tuple[str, ...]]:
    labels: dict[int, None] = {}
    stray: list[str] = []
    for entry in said if isinstance(said, list) else [said]:
        numbers = list(_numbers(entry))
        if not numbers and entry is not None and entry != "":
            stray.append(_plain(str(entry))[:20])
        labels.update(dict.fromkeys(numbers))
    return tuple(labels)[:LABELS], tuple(stray[:LABELS])


def _numbers(entry: object) -> Iterator[int]:
    if isinstance(entry, bool):
        return
    if isinstance(entry, float) and entry.is_integer():
        entry = int(entry)
    if isinstance(entry, int):
        if 0 < entry <= HIGHEST_LABEL:
            yield entry
    elif isinstance(entry, str):
        if alone := _LABEL.fullmatch(entry.strip()):
            yield int(alone[1])
        else:
            written = entry[:200]
            pattern = _MARKED if "#" in written else _BARE
            yield from (int(match[1]) for match in pattern.finditer(written))


def _plain(text: str) -> str:
    """The text on one line, without labels, control characters and marks of direction."""
    shown = display(encodable(text), lambda label: False, final=True).text.replace(WORD_JOINER, "")
    bare = _DIRECTION.sub("", shown)
    kept = (" " if unicodedata.category(char) == "Cc" else char for char in bare)
    return " ".join("".join(kept).split())
