import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checklists import ANSWER_KINDS, VERDICTS, Requirement
from docqa.core.judgements import (
    ENTRIES,
    ENTRY_CHARACTERS,
    HIGHEST_LABEL,
    LABELS,
    RATIONALE_CHARACTERS,
    VALUE_CHARACTERS,
    Broken,
    Judgement,
    max_tokens_for,
    read_judgement,
    schema_for,
)
from tests.core.hostile import texts

ASKED = Requirement("art-33", "The supplier notifies a breach.")
GOOD = {"citations": [41], "rationale": "Notice within 72 hours.", "verdict": "met"}


def requirement(kind="verdict", verdicts=VERDICTS):
    return Requirement("r", "How long are backups kept?", kind=kind, verdicts=verdicts)


def strings(most):
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=most) | st.text(
        st.sampled_from('"\\\u0000\U0001f9ea\u00e9\n'), min_size=most, max_size=most
    )


@st.composite
def answers(draw, kind):
    """Whatever fits the schema of a requirement of this kind."""
    answer = {
        "citations": draw(st.lists(st.integers(1, HIGHEST_LABEL), max_size=LABELS)),
        "rationale": draw(strings(RATIONALE_CHARACTERS)),
    }
    if kind == "list":
        answer["value"] = draw(st.lists(strings(ENTRY_CHARACTERS), max_size=ENTRIES))
    elif kind != "verdict":
        answer["value"] = draw(strings(VALUE_CHARACTERS))
    return answer | {"verdict": draw(st.sampled_from(VERDICTS))}


def unbounded(schema, path=""):
    """Parts of a schema whose values could be of any length."""
    kind = schema.get("type")
    if kind == "object":
        if schema["additionalProperties"] is not False:
            yield path
        for name, part in schema["properties"].items():
            yield from unbounded(part, f"{path}.{name}")
    elif kind == "array":
        if "maxItems" not in schema:
            yield path
        yield from unbounded(schema["items"], f"{path}[]")
    elif (kind == "string" and not {"enum", "maxLength"} & schema.keys()) or (
        kind == "integer" and "maximum" not in schema
    ):
        yield path


@pytest.mark.parametrize("kind", ANSWER_KINDS)
def test_everything_in_a_schema_is_bounded_and_required(kind):
    schema = schema_for(requirement(kind))

    assert list(unbounded(schema)) == []
    assert schema["required"] == list(schema["properties"])


@pytest.mark.parametrize("kind", ANSWER_KINDS)
def test_the_verdict_is_written_after_the_reasons_for_it(kind):
    names = list(schema_for(requirement(kind))["properties"])

    assert (names[:2], names[-1]) == (["citations", "rationale"], "verdict")
    assert ("value" in names) == (kind != "verdict")


def test_a_schema_allows_the_verdicts_that_the_requirement_does():
    schema = schema_for(requirement(verdicts=("met", "not_found")))

    assert schema["properties"]["verdict"]["enum"] == ["met", "not_found"]


@given(st.sampled_from(ANSWER_KINDS).flatmap(lambda kind: st.tuples(st.just(kind), answers(kind))))
def test_no_answer_within_a_schema_has_more_bytes_than_tokens_are_allowed(drawn):
    kind, answer = drawn
    schema = schema_for(requirement(kind))

    unescaped = json.dumps(answer, ensure_ascii=False)
    controls = sum(char < " " for char in "".join(_texts(answer)))

    # An escape of a character outside the basic plane is two of six bytes: it counts as two.
    wide = sum(char > "\uffff" for char in "".join(_texts(answer)))
    assert len(json.dumps(answer).encode()) - 6 * wide < max_tokens_for(schema)
    if not controls:
        assert len(unescaped.encode()) < max_tokens_for(schema, bytes_per_character=4)


def _texts(answer):
    for value in answer.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (entry for entry in value if isinstance(entry, str))


@given(st.sampled_from(ANSWER_KINDS).flatmap(lambda kind: st.tuples(st.just(kind), answers(kind))))
def test_whatever_fits_the_schema_is_read(drawn):
    kind, answer = drawn

    read = read_judgement(json.dumps(answer), requirement(kind))

    assert isinstance(read, Judgement)
    assert read.verdict == answer["verdict"]
    assert read.labels == tuple(dict.fromkeys(answer["citations"]))
    assert read.rationale.isprintable() or read.rationale.encode()


@pytest.mark.parametrize(
    "around",
    ["{}", "```json\n{}\n```", "Here is my answer:\n\n{}\n\nI hope this helps {{truly}}.", "\n {}"],
)
def test_an_answer_is_found_among_words_around_it(around):
    read = read_judgement(around.format(json.dumps(GOOD)), ASKED)

    assert read == Judgement("met", "Notice within 72 hours.", (), (41,))


@pytest.mark.parametrize(
    ("said", "labels", "stray"),
    [
        ([41, 57], (41, 57), ()),
        (["#41", "[#57]", "58"], (41, 57, 58), ()),
        (["[#41][#57]"], (41, 57), ()),
        ("[#41], p. 3", (41,), ()),
        ("41, 57", (41, 57), ()),
        (41.0, (41,), ()),
        (None, (), ()),
        ([True, "dpa.pdf", {"label": 41}], (), ("True", "dpa.pdf", "{'label': 41}")),
        ([0, -3, 10**12], (), ("0", "-3", "1000000000000")),
        ([41] * 20, (41,), ()),
        (list(range(1, 20)), (1, 2, 3, 4, 5, 6), ()),
    ],
)
def test_labels_are_read_as_models_write_them(said, labels, stray):
    read = read_judgement(json.dumps(GOOD | {"citations": said}), ASKED)

    assert (read.labels, read.stray) == (labels, stray)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Met", "met"),
        ("not met", "not_met"),
        ("Partially-Met", "partly_met"),
        ("N/A", "not_applicable"),
        ("found", "met"),
        (" not_found.", "not_found"),
    ],
)
def test_verdicts_are_read_as_models_write_them(said, verdict):
    assert read_judgement(json.dumps(GOOD | {"verdict": said}), ASKED).verdict == verdict


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "it is not a JSON object"),
        ("The requirement is met.", "it is not a JSON object"),
        ('{"citations": [41], "rationale": "Notice wi', "it is not a JSON object"),
        ('{"verdict": "met"}', "it lacks 'citations' and 'rationale'"),
        ('["met"]', "it is not a JSON object"),
        ("[" * 50_000, "it is not a JSON object"),
        ("{" * 50_000, "it is not a JSON object"),
        (json.dumps(GOOD | {"verdict": "compliant"}), "'verdict' is 'compliant', which is none of"),
        (json.dumps(GOOD | {"verdict": True}), "'verdict' is 'True', which is none of"),
        (json.dumps(GOOD | {"rationale": ["x"]}), "'rationale' is not a string"),
        (json.dumps(GOOD | {"rationale": "x" * 10_000}), "'rationale' is longer than"),
        (json.dumps(GOOD) + json.dumps(GOOD | {"verdict": "not_met"}), "several JSON objects"),
        ('{"citations": [], "rationale": "", "verdict": "not_met", "verdict": "met"}', "JSON"),
    ],
)
def test_what_is_no_judgement_says_why(raw, problem):
    read = read_judgement(raw, ASKED)

    assert isinstance(read, Broken)
    assert problem in read.problem


def test_a_verdict_that_the_requirement_does_not_allow_is_none():
    read = read_judgement(json.dumps(GOOD), requirement(verdicts=("not_met", "not_found")))

    assert read == Broken("'verdict' is 'met', which is none of not_met, not_found")


@pytest.mark.parametrize(
    ("kind", "said", "values"),
    [
        ("text", "  35\n days ", ("35 days",)),
        ("amount", 35, ("35",)),
        ("text", "", ()),
        ("text", None, ()),
        ("list", ["a", "b", "a", ""], ("a", "b")),
        ("list", "a", ("a",)),
        ("verdict", "35 days", ()),
    ],
)
def test_values_are_read_as_models_write_them(kind, said, values):
    read = read_judgement(json.dumps(GOOD | {"value": said}), requirement(kind))

    assert read.values == values


@pytest.mark.parametrize("said", [["a", "b"], {"days": 35}, "x" * 1_000])
def test_a_value_of_the_wrong_shape_is_a_problem(said):
    read = read_judgement(json.dumps(GOOD | {"value": said}), requirement("text"))

    assert "'value'" in read.problem


def test_a_rationale_is_plain_text_on_one_line_without_labels():
    said = "Within\n72 \x00hours [#41],\u202e\ud800 see [1] <b>now</b>."

    read = read_judgement(json.dumps(GOOD | {"rationale": said}), ASKED)

    assert read.rationale == "Within 72 hours,\ufffd see [1] <b>now</b>."


def test_bare_control_characters_in_strings_are_read_as_blanks():
    answer = json.dumps(GOOD | {"rationale": "Within@72 hours."}).replace("@", "\t")

    read = read_judgement(answer, ASKED)

    assert read.rationale == "Within 72 hours."


@given(texts)
def test_no_text_breaks_the_reading(raw):
    assert isinstance(read_judgement(raw, ASKED), Judgement | Broken)
