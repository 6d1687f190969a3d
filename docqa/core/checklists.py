"""Checklists: what documents are held against, requirement by requirement."""

from dataclasses import dataclass
from typing import Literal, get_args

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
