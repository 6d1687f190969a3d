"""What is indexed of a passage: its words, those above it, and its document's.

The fields are strings of search terms. What a document is about, in the words that it opens with,
is indexed with each of its passages under marked terms (`~apple`): they are counted apart, so that
a word that opens a document does not become a frequent one in the text.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from docqa.core.code_ranking import symbol_names
from docqa.core.documents import DocumentKind, ParsedDocument, Passage, PlaceLocator
from docqa.core.terms import search_terms

FIELD_WEIGHTS = (1.0, 3.0, 2.0)
"""Of `IndexFields`, in its order. From the contracts, Wikipedia passages and code of the bench."""
ABOUT = "~"
"""Before the terms of what a document is about."""
_OPENING_PASSAGES = 24
_ABOUT_TERMS = 48


class IndexFields(NamedTuple):
    """The columns of the index for one passage, each a string of search terms."""

    body: str
    heading: str
    name: str
    """Of the document: its path and title, and what it is about."""


def index_fields(
    name: str, passage: Passage, kind: DocumentKind, language: str = "", title: str = ""
) -> IndexFields:
    """What is indexed of a passage by itself; `name` is the document's path or name."""
    heading = passage.heading
    if kind == "code":
        heading = symbol_names(heading)
    elif isinstance(passage.locator, PlaceLocator):
        heading = f"{passage.locator.part} {heading}"  # the sheet, the chapter, the attachment
    return IndexFields(
        search_terms(passage.text, language),
        search_terms(heading, language),
        search_terms(f"{name} {title}", language),
    )


def document_fields(name: str, parsed: ParsedDocument) -> list[IndexFields]:
    """What is indexed of each passage of a document; `name` is its path or name."""
    alone = [
        index_fields(name, each, parsed.kind, parsed.language, parsed.title)
        for each in parsed.passages
    ]
    if parsed.kind == "code" or len(alone) <= _OPENING_PASSAGES:
        return alone  # nothing to tell apart, or too short to need it
    about = _about(parsed.passages, alone)
    return [fields._replace(name=f"{fields.name} {about}") for fields in alone]


def about_terms(terms: Iterable[str]) -> list[str]:
    """The marked terms of what a document is about."""
    return [ABOUT + term for term in terms if not term.endswith("*")]


def _about(passages: Sequence[Passage], alone: Sequence[IndexFields]) -> str:
    """Marked, each once: first the headings of a document's beginning, then its text."""
    opening = zip(passages[:_OPENING_PASSAGES], alone, strict=False)
    ordered = sorted(opening, key=lambda item: item[0].kind != "heading")
    found = (term for _, fields in ordered for term in fields.body.split())
    terms = dict.fromkeys((*alone[0].name.split(), *found))
    return " ".join(about_terms(islice(terms, _ABOUT_TERMS)))
