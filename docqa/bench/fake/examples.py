"""What a grammar would make a model write: the least that a schema or an expression allows."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PIECE = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|\{\d+(?:,\d*)?\}|.", re.DOTALL)


def example_of(schema: Mapping[str, Any]) -> str:
    """JSON that a schema allows, in one line."""
    return json.dumps(_example(schema))


def match_of(expression: str) -> str:
    """A short text that a regular expression matches: groups, classes and repetitions alone."""
    return _first_choice(iter(_PIECE.findall(expression)))


def _first_choice(pieces: Iterator[str]) -> str:
    """The first alternative up to the end or the closing bracket, all of which are read."""
    atoms: list[str] = []
    taken = True
    for piece in pieces:
        if piece == ")":
            break
        atom = _first_choice(pieces) if piece == "(" else _character(piece)
        taken = taken and piece != "|"
        if not taken:
            continue
        if piece == "?":
            atoms.pop()
        elif piece[0] == "{":
            least = re.findall(r"\d+", piece)[0]
            atoms.append(atoms.pop() * int(least))
        else:
            atoms.append(atom)
    return "".join(atoms)


def _character(piece: str) -> str:
    if piece.startswith("[^"):
        return "a"
    return piece[1] if piece[0] in "[\\" else piece


def _example(schema: Mapping[str, Any]) -> object:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _example(each) for name, each in properties.items()}
    if kind == "array":
        return [_example(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
    examples = {"string": "", "integer": 0, "number": 0, "boolean": True, "null": None}
    return examples[kind]
