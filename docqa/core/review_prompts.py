"""What follows the documents when a requirement is held against them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docqa.core.checklists import AnswerKind, Requirement, Verdict
from docqa.core.escaping import encodable, escape
from docqa.core.judgements import ENTRIES, ENTRY_CHARACTERS, LABELS, VALUE_CHARACTERS
from docqa.core.packed import PackedPassage
from docqa.core.prompts import PROMPT_VERSION, attribute, one_line, render_hints

REVIEW_PROMPT_VERSION = f"{PROMPT_VERSION}/review-1"
"""The head's version and the task's; changes whenever what is written here does."""

_SENTENCES = "at most two sentences, 300 characters together"
_MEANINGS: dict[Verdict, str] = {
    "met": "the documents state all that it asks for",
    "partly_met": "they state a part of it and lack or contradict the rest",
    "not_met": "they state the opposite, or something that rules it out",
    "not_found": "they say nothing about it",
    "not_applicable": "they state that it does not concern them",
}
_VALUES: dict[AnswerKind, str] = {
    "text": "what the documents state, in their words",
    "date": "the date, as the documents write it",
    "amount": "the number or amount with its unit, as the documents write it",
    "party": "the name, as the documents write it",
    "list": f"a list of at most {ENTRIES} entries in the documents' words, each of at most"
    f" {ENTRY_CHARACTERS} characters",
}
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class ScopedDocument:
    """A document as the model knows it: its number in the pack and its name."""

    number: int
    name: str


def render_review_tail(
    requirement: Requirement,
    scope: Sequence[ScopedDocument] = (),
    hints: Iterable[PackedPassage] = (),
    *,
    problem: str = "",
) -> str:
    """The task, the scope, hints and the requirement; an empty scope is all documents.

    What cells have in common comes first, so that it is read once for all of them. `problem` says
    what was wrong with an answer that could not be read. Begins with `<`; names, hints and the
    requirement's texts are escaped.
    """
    question = escape(encodable(requirement.text)).strip()
    if requirement.guidance.strip():
        question += f"\n\nGuidance: {escape(encodable(requirement.guidance)).strip()}"
    parts = [
        f"<task>\n{_task(requirement)}{_scope_line(scope)}</task>\n",
        render_hints(hints),
        f"<question>\n{question}\n</question>\n",
    ]
    if problem:
        parts.append(
            f"<task>\nYour last answer could not be read: {escape(one_line(problem))}. Answer with"
            " the JSON object alone.\n</task>\n"
        )
    return "".join(parts)


def _task(requirement: Requirement) -> str:
    lines = [
        "Hold the documents against the requirement below. Judge by what they state, and answer"
        " with one JSON object and nothing else. Its fields, in this order:",
        f'- "citations": numbers of the labels, 41 for [#41], of at most {LABELS} passages that the'
        " verdict rests on; [] if there is none.",
        f'- "rationale": {_SENTENCES}, saying what those passages state, in their words, without'
        " labels. Take names, numbers and dates from the passages only, never from the"
        " requirement.",
    ]
    if requirement.kind != "verdict":
        empty = "[]" if requirement.kind == "list" else '""'
        limit = "" if requirement.kind == "list" else f", at most {VALUE_CHARACTERS} characters"
        lines.append(f'- "value": {_VALUES[requirement.kind]}{limit}; {empty} if they state none.')
    words = "; ".join(
        f'"{verdict}" if {_meaning(verdict, requirement)}' for verdict in requirement.verdicts
    )
    lines.append(f'- "verdict": {words}.')
    lines.append("Never guess. A verdict that no passage bears out is worth less than none.")
    return "".join(f"{line}\n" for line in lines)


def _meaning(verdict: Verdict, requirement: Requirement) -> str:
    if verdict == "met" and requirement.kind != "verdict":
        return "the documents state the value"
    return _MEANINGS[verdict]


def _scope_line(scope: Sequence[ScopedDocument]) -> str:
    if not scope:
        return ""
    named = ", ".join(f'{each.number} "{attribute(each.name)}"' for each in scope[:_MOST_NAMES])
    more = len(scope) - _MOST_NAMES
    others = f" and {more:,} more" if more > 0 else ""
    return f"The review is about these documents only, by id: {named}{others}.\n"
