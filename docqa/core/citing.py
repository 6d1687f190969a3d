"""A span of a passage as a citation: its words copied, its place looked up."""

from docqa.core.answers import Citation, CitationOrigin, Support
from docqa.core.geometry import quote_lines, quote_page, quote_place, quote_rects
from docqa.core.packed import PackedPassage


def cite_span(
    cited: PackedPassage,
    start: int,
    end: int,
    *,
    marker: int,
    support: Support = "exact",
    origin: CitationOrigin = "docqa",
    claim: tuple[int, int] = (0, 0),
) -> Citation:
    """The citation of `cited.passage.text[start:end]`.

    `claim` is where the claim that it supports begins and ends in the answer's text.
    """
    passage = cited.passage
    return Citation(
        marker=marker,
        label=cited.label,
        document_id=cited.document_id,
        version_id=cited.version_id,
        document=cited.document,
        page=quote_page(passage, start, end),
        lines=quote_lines(passage, start, end),
        quote=passage.text[start:end],
        quote_start=start,
        quote_end=end,
        rects=quote_rects(passage, start, end),
        support=support,
        origin=origin,
        start=claim[0],
        end=claim[1],
        revision=cited.revision,
        place=quote_place(passage, start, end),
        confidence=passage.confidence,
        ordinal=passage.ordinal,
    )
