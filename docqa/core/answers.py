"""Answers, their citations and what is said about them. Everything here is stored."""

from dataclasses import dataclass
from typing import Literal

from docqa.core.documents import Rect

Mode = Literal["auto", "whole", "select", "sweep"]
AnswerStatus = Literal[
    "queued",
    "running",
    "answered",
    "quoted",
    "not_found",
    "unsupported",
    "truncated",
    "stopped",
    "failed",
]
Support = Literal["exact", "normalized", "fuzzy", "weak", "unsupported"]
CitationOrigin = Literal["model", "docqa"]
SentenceMark = Literal["supported", "attributed", "unsupported", "no_claim"]
MentionKind = Literal["symbol", "place"]
MentionStatus = Literal["found", "unknown"]

FINAL_STATUSES: frozenset[str] = frozenset(
    ("answered", "quoted", "not_found", "unsupported", "truncated", "stopped", "failed")
)


@dataclass(frozen=True, slots=True)
class Citation:
    """A label that an answer points with, resolved and verified on the server.

    `marker` is the number shown on the chip: the same passage has the same marker within an
    answer. `quote` is copied from the document, `quote_start` and `quote_end` are its character
    offsets in the passage's text. `start` and `end` are the offsets in the answer's `text` of the
    claim it supports. `page` is 1-based and None for text and code; `lines` is (first, last),
    1-based, and None for PDFs.
    """

    marker: int
    label: int
    document_id: int
    version_id: int
    document: str
    page: int | None
    lines: tuple[int, int] | None
    quote: str
    quote_start: int
    quote_end: int
    rects: tuple[Rect, ...]
    support: Support
    missing: tuple[str, ...] = ()
    misattributed: int | None = None
    """Label of a passage in scope that supports the claim much better."""
    origin: CitationOrigin = "model"
    start: int = 0
    end: int = 0
    revision: str = ""
    """Of the repository, when the version cited was read; empty outside of one."""
    place: str = ""
    """Where the quote stands in a file without pages or lines: `slide 3`, `Budget!B12:D12`."""
    confidence: float | None = None
    """How sure the OCR engine was of the passage's words, 0 to 1; None where they were not read by
    one."""
    ordinal: int | None = None
    """Position of the passage in its version, from 0; None in answers of before it was kept."""

    @property
    def located(self) -> bool:
        """Whether it is known where the quote stands, so that it can be marked."""
        return bool(self.rects or self.lines or (self.place and self.ordinal is not None))


@dataclass(frozen=True, slots=True)
class SentenceCheck:
    """One sentence of an answer: offsets in the answer's text, and how far it is supported."""

    start: int
    end: int
    mark: SentenceMark
    markers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or place of the code that an answer mentions; not a citation.

    `start` and `end` are offsets in the answer's `draft`, or in its `text` where there is no
    draft; backticks around it are not among them. What is `found` has a document, the version
    of it in which it stands, and lines that exist there; what is `unknown` occurs nowhere.
    """

    start: int
    end: int
    kind: MentionKind
    status: MentionStatus
    document_id: int | None = None
    version_id: int | None = None
    path: str = ""
    """The document's name; empty where it is unknown."""
    lines: tuple[int, int] | None = None
    """First and last, 1-based; None where all of a file is meant."""


@dataclass(frozen=True, slots=True)
class ShardReport:
    """What came of one shard of a sweep."""

    number: int
    """From 1, in the pack's order."""
    documents: int
    """In it, those in part among them."""
    passages: int
    tokens: int
    first_label: int
    last_label: int
    status: Literal["waiting", "asked", "skipped", "failed", "stopped"]
    """`skipped`: nothing in it is in the question's scope."""
    citations: int = 0
    """That its answer brought to the whole, before equal facts were merged."""
    prompt_tokens: int = 0
    cached_tokens: int | None = None
    error: str = ""
    """Why it was not asked, or why its answer is not whole; empty if all is well."""
    completion_tokens: int = 0
    seconds: float | None = None
    """From its request to the end of its answer, others being asked at the same time."""
    hash: str = ""
    """Names the bytes that the engine read, 64 hexadecimal digits."""
    text: str = ""
    """What the engine answered, with labels as it wrote them; none in quotes."""

    @property
    def cut_off(self) -> bool:
        """Whether it was asked, but its answer ends early."""
        return self.status == "asked" and bool(self.error)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was in the window when a question was asked. Counts are of the question's scope."""

    documents: int
    documents_in_window: int
    pages: int
    pages_in_window: int
    passages: int
    passages_in_window: int
    tokens: int
    tokens_in_window: int
    unreadable_pages: tuple[tuple[str, int, str], ...] = ()
    """(document, 1-based page, reason), at most the first 200."""
    unreadable_page_count: int = 0
    dropped_turns: int = 0

    @property
    def complete(self) -> bool:
        """Whether all that could be read was in the window."""
        return self.passages_in_window == self.passages

    def sentence(self) -> str:
        """For people: `In the window: 1,284 of 1,298 pages; 14 pages could not be read: ...`."""
        said = f"In the window: {self.documents_in_window:,} of {self.documents:,} documents"
        if self.pages:
            said += f", {self.pages_in_window:,} of {self.pages:,} pages"
        if self.passages_in_window != self.passages:
            said += f", {self.passages_in_window:,} of {self.passages:,} passages"
        if self.unreadable_page_count:
            shown = ", ".join(f"{name} p. {page}" for name, page, _ in self.unreadable_pages[:5])
            more = "…" if self.unreadable_page_count > 5 else ""
            counted = (
                "1 page"
                if self.unreadable_page_count == 1
                else f"{self.unreadable_page_count:,} pages"
            )
            said += f"; {counted} could not be read: {shown}{more}"
        return said + "."


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counts them. `cached_tokens` is None where the engine does not tell."""

    prompt_tokens: int = 0
    cached_tokens: int | None = None
    completion_tokens: int = 0
    sent_tokens: int | None = None
    """Token ids that docqa sent for this question; None where it sends text."""
    sent_bytes: int | None = None
    """Bytes of the requests' bodies for this question, None where nobody counted them."""
    prefill_s: float | None = None
    """Seconds from the request to the engine's first token, as docqa saw them; None if unknown."""
    cache_miss: str = ""
    """Why the prefix was not in the engine's cache, in words; empty if it was."""

    @property
    def cached_share(self) -> float | None:
        """Part of the prompt that was in the cache, None where the engine does not tell."""
        if self.cached_tokens is None or not self.prompt_tokens:
            return None
        return self.cached_tokens / self.prompt_tokens


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and its answer, with all that is needed to show it again as it was.

    `text` is the answer as shown: markers of citations stand in it as `[1]`, `[2]` (the citation's
    `marker`), every other markup of the model as it came. In mode extractive it consists of quotes.
    `draft` is what a model wrote when the quotes stand first (`text` then holds the quotes). The
    citations of the quotes come first then, as many as `text` has chips; the others, and all of
    `sentences`, have their offsets in `draft`.
    """

    id: int
    conversation_id: int
    question: str
    status: AnswerStatus
    text: str
    draft: str
    citations: tuple[Citation, ...]
    sentences: tuple[SentenceCheck, ...]
    unresolved: int
    """Markers that point to no passage in scope; not shown."""
    coverage: Coverage | None
    scope: tuple[int, ...]
    """Document ids the question was about; empty means all."""
    mode: Mode
    """The mode that was used; `auto` until that is decided."""
    mode_reason: str
    engine: str
    model: str
    pack: str
    """Hash of the pack version, 64 hexadecimal digits."""
    prompt_version: str
    params: dict[str, object]
    usage: Usage
    ttft_s: float | None
    """Seconds from submission to the first token; None before it."""
    total_s: float | None
    error: str
    error_hint: str
    error_type: str
    """Name of the error's class; empty without one, and where it was a bug."""
    created_at: float
    """Seconds since the epoch."""
    progress: str = ""
    """What is going on before the first token, in words."""
    progress_done: int = 0
    progress_total: int = 0
    feedback: str = ""
    suggested: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """Names and places of the code, in the order of the text; none in quotes."""
    shards: tuple[ShardReport, ...] = ()
    """Of a sweep: every shard, in order; empty in the other modes."""

    @property
    def running(self) -> bool:
        """Whether more of it may come."""
        return self.status not in FINAL_STATUSES

    @property
    def unsupported_sentences(self) -> int:
        """How many sentences make a claim that no passage supports."""
        return sum(check.mark == "unsupported" for check in self.sentences)


def swept(answer: Answer) -> list[str]:
    """For people: how many parts a sweep asked, then those that it should have and did not.

    Nothing for the other modes.
    """
    to_ask = [shard for shard in answer.shards if shard.status != "skipped"]
    if not to_ask:
        return []
    asked = sum(shard.status == "asked" for shard in to_ask)
    every = "1 part" if len(to_ask) == 1 else f"{len(to_ask):,} parts"
    lines = [f"Asked {asked:,} of {every}."]
    by_reason: dict[str, list[int]] = {}
    for shard in to_ask:
        if shard.status != "asked" or shard.error:
            reason = shard.error or ("stopped" if shard.status == "stopped" else shard.status)
            by_reason.setdefault(reason, []).append(shard.number)
    for reason, numbers in by_reason.items():
        named = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
        lines.append(f"Part {named}: {reason}" if len(numbers) == 1 else f"Parts {named}: {reason}")
    return lines
