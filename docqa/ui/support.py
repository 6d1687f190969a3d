"""How far a citation is verified, in words."""

from dataclasses import dataclass
from typing import Any

from docqa.core import citations
from docqa.core.answers import Answer, Citation, Support


@dataclass(frozen=True, slots=True)
class SupportWords:
    """A support in words: for a list, for a sentence, and on the chip where there is doubt."""

    short: str
    sentence: str
    chip: str = ""


WORDS: dict[Support, SupportWords] = {
    "exact": SupportWords("exact words", "Verified: the passage has these exact words."),
    "normalized": SupportWords(
        "same words", "Verified: the same words, but for spacing, hyphens or quotation marks."
    ),
    "fuzzy": SupportWords("nearly the same words", "Verified: nearly the same words in one place."),
    "weak": SupportWords(
        "weak support",
        "Weakly supported: the passage says something similar in other words.",
        "weak",
    ),
    "unsupported": SupportWords(
        "not supported", "Not supported: the passage does not say this.", "not supported"
    ),
}

MEANING = "Verified means that the words are there, not that the conclusion is right."


def place(citation: Citation) -> str:
    """`p. 3`, `L10-L24`, `L10-L24@9f3c2ab`, `slide 3` or `Budget!B12`."""
    if citation.lines is not None:
        return citations.place(citation).removeprefix(f"{citation.document}:")
    return citations.place_label(citation.page, None, citation.place) or "place unknown"


def ocr(citation: Citation) -> str:
    """`Read by OCR, 62 % sure of the words: compare with the picture.`; empty where it is sure."""
    note = citations.ocr_note(citation.confidence)
    return f"{note[:1].upper()}{note[1:]}: compare with the original." if note else ""


def notes(citation: Citation, *, quoted: bool) -> list[str]:
    """What else a reader should know; in a `quoted` answer no model cited anything."""
    said = [note for note in (ocr(citation),) if note]
    if citation.missing:
        said.append("Not in the passage: " + ", ".join(citation.missing))
    if citation.misattributed is not None:
        said.append("Another passage of your documents supports this much better.")
    if citation.origin == "docqa" and not quoted:
        said.append("Found by docqa; the model did not cite it.")
    return said


def chip(citation: Citation, *, quoted: bool) -> dict[str, Any]:
    """What the transcript component shows of a citation."""
    words = WORDS[citation.support]
    return {
        "marker": citation.marker,
        "document": citation.document,
        "place": place(citation),
        "title": citations.place(citation),
        "lines": citation.lines is not None,
        "quote": citation.quote[:700],
        "support": words.sentence,
        "short": _short(citation),
        "word": words.chip,
        "doubtful": bool(words.chip) or bool(ocr(citation)),
        "found": citation.origin == "docqa" and not quoted,
        "notes": notes(citation, quoted=quoted),
    }


def _short(citation: Citation) -> str:
    """`exact words`, or `exact words, OCR 62 % sure`."""
    said = WORDS[citation.support].short
    if citation.confidence is None or not ocr(citation):
        return said
    return f"{said}, OCR {citations.percent(citation.confidence)} sure"


def is_quoted(answer: Answer) -> bool:
    """Whether the answer's text is quotes that docqa chose, not a model's."""
    return answer.status == "quoted" or answer.engine == "extractive" or bool(answer.draft)


def label(citation: Citation) -> str:
    """For screen readers and tooltips on a highlighted place."""
    return f"Citation {citation.marker}, {place(citation)}: {citation.quote[:160]}"
