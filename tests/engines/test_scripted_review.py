import json

import pytest

from docqa.core.checklists import Requirement
from docqa.core.judgements import Broken, read_judgement
from docqa.core.judging import schema_for
from docqa.core.prompts import HEAD
from docqa.core.review_prompts import ScopedDocument, render_review_tail
from docqa.engines.base import Prefix, Prompt, SamplingParams
from docqa.engines.scripted import ScriptedEngine
from docqa.errors import EngineUnavailableError
from tests.engines.pretended import CharacterTokenizer

CORPUS = (
    HEAD
    + '<document id="1" name="dpa.md">\n'
    + "[#1] (L1) The processor notifies the controller of a breach within 72 hours.\n"
    + "[#2] (L3) Invoices are payable on receipt of the goods.\n</document>\n"
    + '<document id="2" name="policy.md">\n'
    + "[#3] (L1) Employees lock their screens when they leave the desk.\n</document>\n"
)
NOTIFIED = "The processor notifies the controller of a breach."


@pytest.fixture
def engine():
    made = ScriptedEngine(CharacterTokenizer(), words_per_s=0.01)
    yield made
    made.close()


def answered(engine, text, *, scope=(1,), problem="", **more):
    """The text of an answer about a requirement, and its last delta."""
    asked = Requirement("r", text, **more)
    scoped = [ScopedDocument(number, f"{number}.md") for number in scope]
    tail = render_review_tail(asked, scoped, problem=problem)
    prefix = Prefix("1" * 64, len(CORPUS), "characters", lambda: iter((CORPUS,)))
    params = SamplingParams(json_schema=schema_for(asked))
    deltas = list(engine.stream(Prompt(prefix, tail), params))
    return "".join(delta.text for delta in deltas), deltas[-1]


def judgement(engine, text, **options):
    more = {name: options[name] for name in ("kind",) if name in options}
    return read_judgement(answered(engine, text, **options)[0], Requirement("r", text, **more))


def test_it_says_met_with_the_best_sentence_at_once(engine):
    found = judgement(engine, NOTIFIED)

    assert (found.verdict, found.labels) == ("met", (1,))
    assert found.rationale.startswith("The processor notifies the controller")


def test_what_no_sentence_is_about_is_not_found(engine):
    found = judgement(engine, "Zebras are fed with quinoa.")

    assert (found.verdict, found.labels) == ("not_found", ())


def test_it_keeps_to_the_scope_and_takes_none_for_all(engine):
    locked = "Employees lock their screens."

    assert judgement(engine, locked).verdict == "not_found"
    assert judgement(engine, locked, scope=(2,)).labels == (3,)
    assert judgement(engine, locked, scope=()).labels == (3,)


@pytest.mark.parametrize(
    ("trick", "verdict", "labels"),
    [
        ("@met_garbage", "met", (1_000_000, 2_000_000)),
        ("@met_outside", "met", (3,)),
        ("@met_uncited", "met", ()),
        ("@not_met", "not_met", (1,)),
        ("@partly", "partly_met", (1,)),
        ("@not_applicable", "not_applicable", (1,)),
        ("@notfound", "not_found", ()),
        ("@prose", "met", (1,)),
        ("@invented", "met", (1,)),
    ],
)
def test_words_in_the_requirement_direct_it(engine, trick, verdict, labels):
    found = judgement(engine, f"{NOTIFIED} {trick}")

    assert (found.verdict, found.labels) == (verdict, labels)


def test_it_breaks_the_schema_always_or_once(engine):
    assert isinstance(judgement(engine, f"{NOTIFIED} @badjson"), Broken)
    assert isinstance(judgement(engine, f"{NOTIFIED} @badjson", problem="no JSON"), Broken)
    assert isinstance(judgement(engine, f"{NOTIFIED} @badonce"), Broken)
    assert judgement(engine, f"{NOTIFIED} @badonce", problem="no JSON").verdict == "met"


@pytest.mark.parametrize(("kind", "value"), [("amount", "72 hours"), ("list", ["72 hours"])])
def test_it_extracts_a_figure(engine, kind, value):
    text, _ = answered(engine, NOTIFIED, kind=kind)

    assert json.loads(text)["value"] == value
    assert "9,731" in answered(engine, f"{NOTIFIED} @badvalue", kind=kind)[0]


def test_only_allowed_verdicts_are_given(engine):
    found = json.loads(answered(engine, f"{NOTIFIED} @partly", verdicts=("met", "not_met"))[0])

    assert found["verdict"] == "met"


def test_a_prefix_is_read_once(engine):
    _, first = answered(engine, NOTIFIED)
    _, second = answered(engine, "Invoices are payable on receipt.")

    assert first.usage.cached_tokens == 0
    assert second.usage.cached_tokens == engine.tokenizer.count(CORPUS)


def test_it_can_be_down(engine):
    with pytest.raises(EngineUnavailableError):
        answered(engine, f"{NOTIFIED} @down")
