import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.json_regex import regex_for

VERDICTS = ("met", "not_met", "not found (in 24 pages)", "a|b", 'say "no"\n', "日本語 😀")
CITATIONS = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1, "maximum": 1_284},
    "maxItems": 6,
}
FINDING = {
    "type": "object",
    "properties": {
        "citations": CITATIONS,
        "rationale": {"type": "string", "maxLength": 320},
        "value": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 8},
        "verdict": {"type": "string", "enum": ["met", "not_met"]},
    },
    "required": ["citations", "rationale", "value", "verdict"],
    "additionalProperties": False,
}

free_text = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters='"\\')


@st.composite
def schemas(draw, depth=2):
    kinds = ["string", "integer", "boolean", "enum", *(("array", "object") if depth else ())]
    kind = draw(st.sampled_from(kinds))
    if kind == "enum":
        chosen = draw(st.lists(st.sampled_from((*VERDICTS, 7, True, None)), min_size=1, max_size=4))
        return {"enum": chosen}
    low = draw(st.integers(0, 3))
    high = low + draw(st.integers(0, 4))
    if kind == "string":
        return {"type": "string", "minLength": low, "maxLength": high}
    if kind == "integer":
        first = draw(st.integers(0, 3_000))
        last = first + draw(st.integers(0, 3_000))
        return {"type": "integer", "minimum": first, "maximum": last}
    if kind == "array":
        items = draw(schemas(depth=depth - 1))
        return {"type": "array", "items": items, "minItems": low, "maxItems": high}
    if kind == "object":
        names = draw(st.lists(st.sampled_from(VERDICTS), unique=True, max_size=3))
        properties = {name: draw(schemas(depth=depth - 1)) for name in names}
        return {
            "type": "object",
            "properties": properties,
            "required": names,
            "additionalProperties": False,
        }
    return {"type": "boolean"}


def values(schema):
    """What a schema allows, without backslashes and control characters in free strings."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "string":
            sizes = {"min_size": schema.get("minLength", 0), "max_size": schema["maxLength"]}
            return st.text(free_text, **sizes)
        case "array":
            sizes = {"min_size": schema.get("minItems", 0), "max_size": schema["maxItems"]}
            return st.lists(values(schema["items"]), **sizes)
    names = list(schema["properties"])
    in_order = st.tuples(*(values(schema["properties"][name]) for name in names))
    return in_order.map(lambda chosen: dict(zip(names, chosen, strict=True)))


def fits(value, schema) -> bool:
    if "enum" in schema:
        return any(value == each and type(value) is type(each) for each in schema["enum"])
    match schema["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
        case "string":
            return schema.get("minLength", 0) <= len(value) <= schema["maxLength"]
        case "array":
            sized = schema.get("minItems", 0) <= len(value) <= schema["maxItems"]
            return sized and all(fits(each, schema["items"]) for each in value)
    properties = schema["properties"]
    return list(value) == list(properties) and all(
        fits(value[name], each) for name, each in properties.items()
    )


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(st.data())
def test_all_compact_json_that_a_schema_allows_matches(data):
    schema = data.draw(schemas())
    value = data.draw(values(schema))

    assert re.fullmatch(regex_for(schema), compact(value))


@given(st.data())
def test_what_matches_parses_and_fits_the_schema(data):
    schema = data.draw(schemas(depth=1))

    written = data.draw(st.from_regex(re.compile(regex_for(schema)), fullmatch=True))

    assert fits(json.loads(written), schema)


@given(st.integers(0, 12_000), st.integers(0, 12_000), st.integers(0, 13_000))
def test_integers_match_within_their_range_alone(low, size, number):
    expression = regex_for({"type": "integer", "minimum": low, "maximum": low + size})

    matched = re.fullmatch(expression, str(number)) is not None

    assert matched == (low <= number <= low + size)
    assert not re.fullmatch(expression, f"0{number}")


def test_a_finding_has_one_spelling():
    expression = regex_for(FINDING)
    written = '{"citations":[41,1284],"rationale":"72 hours, p. 3","value":[],"verdict":"met"}'

    assert re.fullmatch(expression, written)
    for other in (
        written.replace(":[41", ": [41"),
        written.replace("[41,", "[41, "),
        written + " ",
        written.replace("1284", "1285"),
        written.replace("41", "0"),
        written.replace('"met"', '"needs_person"'),
        written.replace("72", "7\t2"),
        written.replace("72", "7\\u0032"),
        written.replace("72", "7" * 320),
        written.replace("[41,1284]", str([1] * 7).replace(" ", "")),
        written.replace(',"value":[]', ""),
    ):
        assert not re.fullmatch(expression, other), other


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string"},
        {"type": "string", "maxLength": 5, "pattern": "a+"},
        {"type": "string", "minLength": 6, "maxLength": 5},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "integer", "minimum": -1, "maximum": 1},
        {"type": "integer", "maximum": 1},
        {"type": "array", "items": {"type": "boolean"}},
        {"type": "array", "maxItems": 3},
        {"enum": []},
        {"enum": [0.5]},
        {"anyOf": [{"type": "boolean"}]},
        {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        {**FINDING, "required": ["verdict"]},
        {**FINDING, "minProperties": 4},
    ],
)
def test_a_schema_that_says_more_has_no_expression(schema):
    assert regex_for(schema) is None


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"const": "a.b"}, '"a.b"'),
        ({"type": "array", "maxItems": 0}, "[]"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "{}"),
        ({"type": "boolean", "title": "Yes?", "description": "or no"}, "true"),
    ],
)
def test_small_schemas_have_their_expression(schema, written):
    assert re.fullmatch(regex_for(schema), written)
