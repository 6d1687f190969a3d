"""The answers that a sweep got to one question, shard by shard, as one answer.

What is merged are statements: sentences with the labels they cite. A statement that comes twice
stands once and cites both places. What comes out is a text with labels, as a model writes it, so
that it is resolved and verified as any other answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.answer_parts import Part, Statement
from docqa.core.packed import PackedPassage, PassageSource
from docqa.core.prompts import NOT_FOUND_SENTENCE
from docqa.core.same_facts import begins_with_pronoun, gist, wording

# Of a sentence, with the labels behind it; or of a line.
_END = re.compile(r"(?:[.!?。！？][\"”’')]*|\])(?:[ \t]*\[#[^\]\n]*\])*\.?(?=\s|\Z)|\n")


@dataclass(frozen=True, slots=True)
class Merged:
    """One answer made of many."""

    raw: str
    """With labels, as a model writes it; the sentence that says `not found` if nothing was."""
    brought: tuple[int, ...]
    """Citations in scope that each answer had."""
    outside: int
    """Labels of statements that were left out: they rest only on what is out of scope, such as a
    document's superseded version."""


def merge(answers: Sequence[str], source: PassageSource) -> Merged:
    """These answers to one question, in the order of their shards, as one.

    The statements stand in the pack's order, one a line, each with the heading or item that it
    stood under, but for those of a single answer, which stays as it is.
    """
    parts = [Part(answer, source) for answer in answers]
    said = [part for part in parts if part.statements]
    brought = tuple(part.cited for part in parts)
    outside = sum(part.outside for part in parts)
    if not said:
        return Merged(NOT_FOUND_SENTENCE, brought, outside)
    if len(said) == 1 and not said[0].outside:
        return Merged(said[0].raw, brought, outside)
    statements = sorted(
        (statement for part in said for statement in part.statements),
        key=lambda statement: statement.place,
    )
    once = _once(statements, source)
    listed = [one.shown if one.block else f"- {one.shown}" for one in once]
    blocks = any(one.block for one in once)
    return Merged(("\n\n" if blocks else "\n").join(listed), brought, outside)


def complete_sentences(raw: str) -> str:
    """What an answer that was cut off says in whole sentences."""
    ends = [match.end() for match in _END.finditer(raw)]
    return raw[: max(ends, default=0)].rstrip()


def _once(statements: Sequence[Statement], source: PassageSource) -> list[Statement]:
    """The statements without those that say again what an earlier one says."""
    earlier: dict[tuple[object, ...], Statement] = {}
    kept: list[Statement] = []
    for statement in statements:
        keys = _keys(statement, source)
        same = next((earlier[key] for key in keys if key in earlier), None)
        if same is None:
            kept.append(statement)
        else:
            known = (*same.labels, *same.added)
            same.added += [label for label in statement.labels if label not in known]
        for key in keys:
            earlier.setdefault(key, same or statement)
    return kept


def _keys(statement: Statement, source: PassageSource) -> list[tuple[object, ...]]:
    """Two statements that have one of these in common say the same."""
    if statement.block:
        return [(statement.text.strip(),)]
    cited = [source.by_label(label) for label in statement.labels]
    about: object = ()
    if begins_with_pronoun(statement.bare[-1]):
        # What it speaks of is told by its document, if it is told at all.
        about = frozenset(one.document_id for one in cited if one is not None) or id(statement)
    said = wording(statement.bare)
    if not said:
        return [(about, statement.text if any(statement.bare) else "")]
    return [(about, said), *((about, _text_of(one), gist(said)) for one in cited)]


def _text_of(passage: PackedPassage | None) -> str:
    return "" if passage is None else " ".join(passage.passage.text.split())
