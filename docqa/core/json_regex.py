r"""A JSON schema as a regular expression: a grammar that leaves no room for white space.

A grammar made from a schema lets a model put white space between any two tokens, and a small model
may write nothing else until its budget is gone. The expression here matches compact JSON alone.

Its strings hold no backslash: no quotation mark, no line feed, no `\u0041`. A repetition over
`[^"\\]|\\["\\/bfnrt]` costs SGLang's xgrammar 0.2.7 half a second a token at `{0,320}` (measured
with SmolLM2's vocabulary), over a character class 0.07 ms. Nor do they hold control characters,
which xgrammar's own bounded strings do, though JSON forbids them.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

CHARACTER = r'[^"\\\x00-\x1f\x7f]'
"""One character of a string, at most four bytes."""

_ANNOTATIONS = frozenset(("title", "description"))
_SPECIAL = re.compile(r"[\\.^$|?*+()\[\]{}]")


class _UnsupportedError(Exception):
    """The schema says more than an expression here can."""


def regex_for(schema: Mapping[str, Any]) -> str | None:
    """An expression for compact JSON of this schema, None where it says what is not covered.

    Covered are objects whose properties are all required, in their order, and no others; bounded
    strings, arrays and integers from 0; booleans, `enum` and `const`. What matches, all of it,
    parses and fits the schema; what fits it, is compact, keeps the order and has no backslash and
    no control character in a free string, matches. The syntax is what re, xgrammar and Rust's regex
    have in common.
    """
    try:
        return _value(schema)
    except _UnsupportedError:
        return None


def _value(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        _only(schema, "const", "type")
        return _literal(schema["const"])
    if "enum" in schema:
        _only(schema, "enum", "type")
        if not schema["enum"]:
            raise _UnsupportedError
        return _one_of([_literal(each) for each in schema["enum"]])
    match schema.get("type"):
        case "object":
            return _object(schema)
        case "array":
            return _array(schema)
        case "string":
            _only(schema, "type", "minLength", "maxLength")
            low, high = _bounds(schema, "minLength", "maxLength")
            return f'"{CHARACTER}{{{low},{high}}}"'
        case "integer":
            _only(schema, "type", "minimum", "maximum")
            return _one_of(_integers(*_bounds(schema, "minimum", "maximum", default=None)))
        case "boolean":
            _only(schema, "type")
            return "(true|false)"
    raise _UnsupportedError


def _object(schema: Mapping[str, Any]) -> str:
    _only(schema, "type", "properties", "required", "additionalProperties")
    properties: Mapping[str, Any] = schema.get("properties", {})
    if schema.get("additionalProperties") is not False:
        raise _UnsupportedError
    if set(schema.get("required", ())) != set(properties):
        raise _UnsupportedError
    members = [f"{_literal(name)}:{_value(each)}" for name, each in properties.items()]
    return rf"\{{{','.join(members)}\}}"


def _array(schema: Mapping[str, Any]) -> str:
    _only(schema, "type", "items", "minItems", "maxItems")
    low, high = _bounds(schema, "minItems", "maxItems")
    if high == 0:
        return r"\[\]"
    item = _value(schema.get("items", {}))
    more = f"{item}(,{item}){{{max(low - 1, 0)},{high - 1}}}"
    return rf"\[{more}\]" if low else rf"\[({more})?\]"


def _only(schema: Mapping[str, Any], *known: str) -> None:
    if not schema.keys() <= _ANNOTATIONS.union(known):
        raise _UnsupportedError


def _bounds(
    schema: Mapping[str, Any], least: str, most: str, *, default: int | None = 0
) -> tuple[int, int]:
    low, high = schema.get(least, default), schema.get(most)
    if not (type(low) is type(high) is int and 0 <= low <= high):
        raise _UnsupportedError
    return low, high


def _literal(value: object) -> str:
    """JSON of a value, its special characters escaped."""
    if isinstance(value, float | list | dict):
        raise _UnsupportedError  # has more than one spelling
    return _SPECIAL.sub(r"\\\g<0>", json.dumps(value, ensure_ascii=False))


def _one_of(choices: list[str]) -> str:
    return f"({'|'.join(choices)})"


def _integers(low: int, high: int) -> list[str]:
    """Expressions that match the integers of a range between them."""
    choices: list[str] = []
    while low <= high:
        last = min(high, 10 ** len(str(low)) - 1)
        choices += _of_one_length(str(low), str(last))
        low = last + 1
    return choices


def _of_one_length(low: str, high: str) -> list[str]:
    rest = len(low) - 1
    if rest < 0:
        return [""]
    if low[0] == high[0]:
        return [low[0] + each for each in _of_one_length(low[1:], high[1:])]
    first, last = int(low[0]), int(high[0])
    below: list[str] = []
    above: list[str] = []
    if int(low[1:] or 0):
        below = [low[0] + each for each in _of_one_length(low[1:], "9" * rest)]
        first += 1
    if high[1:] != "9" * rest:
        above = [high[0] + each for each in _of_one_length("0" * rest, high[1:])]
        last -= 1
    whole = [_digit(first, last) + _digits(rest)] if first <= last else []
    return [*below, *whole, *above]


def _digit(first: int, last: int) -> str:
    return str(first) if first == last else f"[{first}-{last}]"


def _digits(count: int) -> str:
    return "[0-9]" if count == 1 else f"[0-9]{{{count}}}" if count else ""
