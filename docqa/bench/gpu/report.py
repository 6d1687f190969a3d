"""The results of `python -m docqa.bench.gpu` as Markdown, measured beside planned."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docqa.bench.gpu.model import LAYERS
from docqa.bench.prefix.report import markdown_table
from docqa.bench.prefix.results import PrefixReport, SizeResult, Way, first_token, median, shares

_FIRST = (
    "KV",
    "tokens",
    "cold first token",
    "planned",
    "warm first token",
    "planned",
    "corpus cached",
    "s per token",
    "planned",
)
_MEMORY = ("KV", "pool", "KV bytes per token", "planned", "KV tokens", "planned")


def gpu_markdown(results: Sequence[Mapping[str, Any]], skipped: Mapping[str, str]) -> str:
    """What was measured, on what; tables of times and of memory; what was not measured, and why."""
    measured = [result for result in results if "report" in result]
    parts = [_facts(measured[0])] if measured else ["Nothing was measured."]
    if measured:
        parts.append(markdown_table(_FIRST, _times(measured)))
        parts.append("Questions per second by questions in flight, warm:")
        levels = sorted({level for result in measured for level in result["report"]["in_flight"]})
        columns = ("KV", "tokens", *(f"{level} in flight" for level in levels))
        parts.append(markdown_table(columns, _rates(measured, levels)))
        parts.append("Memory, as the server reports it:")
        parts.append(markdown_table(_MEMORY, _memory(measured)))
    parts += [
        f"Failed: {result['name']}: {result['error']}" for result in results if "error" in result
    ]
    parts += [f"Not measured: {name}: {why}." for name, why in skipped.items()]
    return "\n\n".join(parts) + "\n"


def _facts(result: Mapping[str, Any]) -> str:
    report = PrefixReport.from_json(result["report"])
    part = "all" if result["layers"] == LAYERS else f"{result['layers']} of its {LAYERS}"
    return (
        f"Measured {report.date} on {result['gpu']} with SGLang {report.server.get('SGLang', '?')} "
        f"and docqa {report.docqa_version}: Llama 4 Scout's shape with {part} layers, weights made "
        f"up (`--load-format dummy`, bf16), window {report.context_length:,} tokens; hints "
        f"{'on' if report.hints else 'off'}, {report.cold_runs} cold and {report.questions} warm "
        f"questions, answers of at most {report.answer_tokens} tokens, medians. Planned: docqa's "
        f"planner, estimates. docqa ran on {report.client}."
    )


def _times(results: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    for result in results:
        size = _size(result)
        way = _way(size)
        plan = result["plan"]
        cached = size.corpus_cached_share
        yield (
            result["kv"],
            f"{size.tokens:,}",
            _seconds(first_token(way.cold)),
            _seconds(plan["prefill_s"]),
            _seconds(first_token(way.warm)),
            _seconds(plan["warm_first_token_s"]),
            _share(median(shares(way.warm))) if cached is None else _share(cached),
            _seconds(seconds_per_token(way)),
            _seconds(plan["decode_s_per_token"]),
        )


def _rates(results: Sequence[Mapping[str, Any]], levels: Sequence[int]) -> Iterator[Sequence[str]]:
    for result in results:
        size = _size(result)
        way = _way(size)
        rates = [way.level(level) for level in levels]
        yield (
            result["kv"],
            f"{size.tokens:,}",
            *(
                f"{rate.questions_per_s:.2f}"
                + (f" ({len(rate.failures)} failed)" if rate.failures else "")
                if rate
                else "–"
                for rate in rates
            ),
        )


def _memory(results: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    by_kv = {result["kv"]: result for result in results}
    for kv, result in by_kv.items():
        rows = {row["what"]: row for row in result["compared"]}
        figures = []
        for what in ("KV bytes per token on a GPU", "tokens in KV memory"):
            row = rows.get(what, {})
            figures += [_count(row.get("reported")), _count(row.get("planned"))]
        yield (kv, result["pool"], *figures)


def seconds_per_token(way: Way) -> float | None:
    """Median seconds of each token after an answer's first, one question in flight."""
    return median(
        (asked.total_s - asked.first_token_s) / (asked.completion_tokens - 1)
        for asked in way.warm
        if asked.completion_tokens > 1
    )


def _size(result: Mapping[str, Any]) -> SizeResult:
    return PrefixReport.from_json(result["report"]).sizes[0]


def _way(size: SizeResult) -> Way:
    return size.way("docqa") or Way("docqa")


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} s" if value >= 10 else f"{value:.3f} s"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
