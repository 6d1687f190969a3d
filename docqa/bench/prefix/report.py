"""The report of `docqa bench prefix` in Markdown: fit for a terminal and for a page of docs."""

import io
import textwrap
from collections.abc import Callable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from docqa.bench.prefix.results import (
    LABELS,
    Asked,
    PrefixReport,
    SizeResult,
    Way,
    median,
    sent_bytes,
    shares,
)

_WIDTH = 240
RATIOS = {
    "cold_to_warm": "first token, cold : warm",
    "chat_to_docqa_warm": "warm first token, re-sent as chat : docqa",
    "chat_to_docqa_bytes": "bytes sent, re-sent as chat : docqa",
    "flushed_to_docqa_warm": "first token, cache flushed : warm",
}
"""What a ratio compares, by its name in the JSON."""


def markdown(report: PrefixReport) -> str:
    """What was measured, then tables of first tokens, questions per second and ratios."""
    parts = ["\n".join(textwrap.wrap(facts(report), 140, break_long_words=False))]
    parts.append(markdown_table(_FIRST_TOKEN_COLUMNS, _first_token_rows(report)))
    if report.in_flight:
        columns = ("tokens", "corpus", *(f"{n} in flight" for n in report.in_flight))
        parts.append(
            "Questions per second, in brackets the median first token, by questions in flight:"
        )
        parts.append(markdown_table(columns, _level_rows(report)))
    parts.append("Ratios of the medians above, one run:")
    parts.append(markdown_table(("ratio", *_sizes(report)), _ratio_rows(report)))
    parts.extend(_notes(report))
    return "\n\n".join(parts) + "\n"


def facts(report: PrefixReport) -> str:
    """One paragraph: when, with what, on what and how often."""
    where = f" at {report.address}" if report.address else " in docqa's process"
    server = ", ".join(f"{key} {_plain(value)}" for key, value in report.server.items())
    return (
        f"Measured {report.date} with docqa {report.docqa_version}: engine {report.engine}{where}, "
        f"model {report.model}, window {report.context_length:,} tokens"
        + (f" (the server says: {server})" if server else "")
        + f"; docqa on {report.client}. Corpus: {report.corpus}. Hints "
        + ("on" if report.hints else "off")
        + f"; answers of at most {report.answer_tokens:,} tokens; medians (least to most) of "
        f"{report.cold_runs:,} cold and {report.questions:,} warm questions, each another one; "
        "seconds from asking to the first text, docqa's own work included."
    )


def shown_ratio(name: str) -> str:
    """What a ratio compares, for people."""
    if name in RATIOS:
        return RATIOS[name]
    return f"questions per second, {name.split('_')[-3]} in flight : 1"


_FIRST_TOKEN_COLUMNS = (
    "tokens",
    "corpus",
    "cold first token",
    "warm first token",
    "cached share",
    "tokens sent",
    "bytes sent",
)


def _first_token_rows(report: PrefixReport) -> Iterator[Sequence[str]]:
    for size in report.sizes:
        for way in size.ways:
            if way.warm:
                yield (
                    f"{size.tokens:,}{'' if size.exact else ' (estimate)'}",
                    LABELS[way.name],
                    _seconds([asked.first_token_s for asked in way.cold]),
                    _seconds([asked.first_token_s for asked in way.warm]),
                    _share(median(shares(way.warm))),
                    _count(median(asked.sent_tokens for asked in way.warm)),
                    _count(sent_bytes(way.warm)),
                )


def _level_rows(report: PrefixReport) -> Iterator[Sequence[str]]:
    for size in report.sizes:
        for way in size.ways:
            if way.levels:
                levels = map(way.level, report.in_flight)
                yield (
                    f"{size.tokens:,}",
                    LABELS[way.name],
                    *(
                        f"{_significant(level.questions_per_s)} "
                        f"({_one(level.first_token_s)}"
                        f"{f', {len(level.failures)} failed' if level.failures else ''})"
                        if level
                        else "–"
                        for level in levels
                    ),
                )


def _ratio_rows(report: PrefixReport) -> Iterator[Sequence[str]]:
    ratios = [size.ratios() for size in report.sizes]
    for name in dict.fromkeys(name for each in ratios for name in each):
        values = [each.get(name) for each in ratios]
        yield (shown_ratio(name), *("–" if v is None else f"{_significant(v)}" for v in values))
    cached = [size.corpus_cached_share for size in report.sizes]
    if any(share is not None for share in cached):
        yield ("part of the corpus that was cached, the least", *map(_share, cached))


def _sizes(report: PrefixReport) -> list[str]:
    return [f"{size.tokens:,} tokens" for size in report.sizes]


def _notes(report: PrefixReport) -> Iterator[str]:
    def each(text: Callable[[SizeResult, Way], str]) -> list[str]:
        found = [text(size, way) for size in report.sizes for way in size.ways]
        return list(dict.fromkeys(line for line in found if line))

    yield from each(
        lambda size, way: f"Not measured: {LABELS[way.name]}: {way.skipped}." if way.skipped else ""
    )
    yield from each(_misses)
    yield from each(
        lambda size, way: "\n".join(
            f"Failed with {level.in_flight} in flight ({LABELS[way.name]}): {failure}"
            for level in way.levels
            for failure in dict.fromkeys(level.failures)
        )
    )


def _misses(size: SizeResult, way: Way) -> str:
    # A flushed cache is meant to be missed.
    if way.name == "flushed":
        return ""
    asked: list[Asked] = [*way.warm, *(each for level in way.levels for each in level.answered)]
    causes = list(dict.fromkeys(each.cache_miss for each in asked if each.cache_miss))
    if not causes:
        return ""
    return f"Not cached although warm ({LABELS[way.name]}, {size.tokens:,} tokens): " + "; ".join(
        causes
    )


def markdown_table(columns: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """A table in Markdown; columns named `corpus`, `ratio`, `KV` and `pool` hold words."""
    made = Table(box=box.MARKDOWN)
    for column in columns:
        text = column in ("corpus", "ratio", "KV", "pool")
        made.add_column(column, justify="left" if text else "right", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    console = Console(width=_WIDTH, file=io.StringIO(), record=True, color_system=None)
    console.print(made)
    lines = console.export_text().splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _seconds(values: Sequence[float]) -> str:
    if not values:
        return "–"
    middle = _one(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({_significant(min(values))} to {_significant(max(values))})"


def _one(value: float | None) -> str:
    return "–" if value is None else f"{_significant(value)} s"


def _significant(value: float) -> str:
    """Three figures, as many as such a measurement is good for."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
