"""What became of each shard of a sweep, and what is to be asked in which order."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from docqa.core.answers import ShardReport, Usage
from docqa.core.merging import complete_sentences
from docqa.core.sharding import Shard
from docqa.services.sweeping.asking import Asking
from docqa.services.sweeping.shards import Plan

ENDS_EARLY = "its answer ends early: the window or the limit of an answer was reached"
BEYOND = "not asked: beyond the budget of {:,} tokens"
UNREACHED = "not asked: the engine cannot be reached"
READ_IN_PART = "the engine read it only in part: it is longer than the window"


class Progress:
    """The reports of a sweep's shards, in the pack's order."""

    def __init__(
        self, plan: Plan, asked: Collection[Shard], earlier: Iterable[ShardReport] = ()
    ) -> None:
        """`asked` are the shards to ask, `earlier` the reports of the same sweep before a restart.

        A shard that was asked, and whose bytes have not changed, is not asked again; but for one
        whose answer is gone, because a document was erased.
        """
        done = {report.hash: report for report in earlier if _has_answer(report)}
        numbers = {shard.number for shard in asked}
        self._reports: dict[int, ShardReport] = {}
        for shard in plan.shards:
            report = ShardReport(
                number=shard.number,
                documents=len(plan.documents(shard)),
                passages=shard.passages,
                tokens=shard.tokens,
                first_label=shard.labels.start,
                last_label=shard.labels.stop - 1,
                status="waiting" if shard.number in numbers else "skipped",
                hash=shard.hash,
            )
            known = done.get(shard.hash) if shard.number in numbers else None
            self._reports[shard.number] = (
                replace(
                    known,
                    number=report.number,
                    first_label=report.first_label,
                    last_label=report.last_label,
                )
                if known
                else report
            )

    @property
    def reports(self) -> tuple[ShardReport, ...]:
        """All of them, in the pack's order."""
        return tuple(self._reports.values())

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it before every shard was asked."""
        return any(r.status == "stopped" and not r.error for r in self._reports.values())

    def waiting(self, shards: Iterable[Shard], budget: int = 0) -> list[Shard]:
        """Those still to be asked, in the order given, as far as the budget goes.

        `budget` is in tokens of shards, those that were asked already among them; 0 is no limit.
        What it does not reach is reported as such.
        """
        left = budget - sum(r.tokens for r in self.reports if r.status == "asked")
        begun: list[Shard] = []
        for shard in shards:
            if self._reports[shard.number].status != "waiting":
                continue
            left -= shard.tokens
            if budget and left < 0:
                self._change(shard, status="stopped", error=BEYOND.format(budget))
            else:
                begun.append(shard)
        return begun

    def read(self, shard: Shard) -> None:
        """A shard was read without a model."""
        self._change(shard, status="asked")

    def take(self, asking: Asking, *, stopped: bool) -> None:
        """Keep what came of a shard; `stopped` if the user ended the sweep meanwhile."""
        status = "asked" if asking.ended else "stopped" if stopped else "failed"
        error = ENDS_EARLY if asking.cut_off else ""
        if status == "failed":
            error = str(asking.error) if asking.error else "the engine ended without an answer"
        if asking.read_in_part:
            status, error = "failed", READ_IN_PART
        self._change(
            asking.shard,
            status=status,
            error=error,
            text=asking.raw,
            prompt_tokens=asking.usage.prompt_tokens,
            cached_tokens=asking.usage.cached_tokens,
            completion_tokens=asking.usage.completion_tokens,
            seconds=None if asking.seconds is None else round(asking.seconds, 3),
        )

    def end(self, *, unreached: bool) -> None:
        """Nothing more is asked: what waits was stopped, or is out of reach."""
        self._reports = {each.number: each for each in ended(self.reports, unreached=unreached)}

    def _change(self, shard: Shard, **facts: object) -> None:
        report = self._reports[shard.number]
        self._reports[shard.number] = replace(report, **facts)  # type: ignore[arg-type]


def _has_answer(report: ShardReport) -> bool:
    return report.status == "asked" and bool(report.text.strip())


def ended(reports: Iterable[ShardReport], *, unreached: bool) -> tuple[ShardReport, ...]:
    """The same when nothing more is asked: what waits was stopped, or is out of reach."""
    end = {"status": "failed", "error": UNREACHED} if unreached else {"status": "stopped"}
    return tuple(
        replace(report, **end) if report.status == "waiting" else report  # type: ignore[arg-type]
        for report in reports
    )


def begun_again(reports: Iterable[ShardReport]) -> tuple[ShardReport, ...]:
    """Those of a sweep that ended early, for one that goes on with it: only the rest is to ask.

    What was asked before costs the new one nothing.
    """
    free = {"prompt_tokens": 0, "cached_tokens": None, "completion_tokens": 0, "seconds": None}
    anew = free | {"status": "waiting", "error": "", "text": "", "citations": 0}
    return tuple(
        report
        if report.status == "skipped"
        else replace(report, **(free if _has_answer(report) else anew))
        for report in reports
    )


def said_in(reports: Iterable[ShardReport]) -> list[str]:
    """What was said about the shards, in the pack's order; nothing about most.

    Of an answer that was cut off, its whole sentences.
    """
    return [
        report.text
        if report.status == "asked" and not report.cut_off
        else complete_sentences(report.text)
        for report in reports
    ]


def with_citations(
    reports: Sequence[ShardReport], citations: Sequence[int]
) -> tuple[ShardReport, ...]:
    """The same, saying how many citations each shard brought, in their order."""
    counted = zip(reports, citations, strict=True)
    return tuple(replace(report, citations=count) for report, count in counted)


def asked_of(reports: Iterable[ShardReport]) -> tuple[int, int]:
    """How many shards were asked and read in whole, and how many are in scope."""
    statuses = [report.status for report in reports if report.status != "skipped"]
    return statuses.count("asked"), len(statuses)


def usage_of(reports: Sequence[ShardReport]) -> Usage:
    """What all of them cost together."""
    asked = [report for report in reports if report.prompt_tokens]
    cached = [report.cached_tokens for report in asked]
    told = [count for count in cached if count is not None]
    return Usage(
        prompt_tokens=sum(report.prompt_tokens for report in asked),
        cached_tokens=sum(told) if told and len(told) == len(cached) else None,
        completion_tokens=sum(report.completion_tokens for report in asked),
    )


def label_ranges(reports: Iterable[ShardReport]) -> list[tuple[int, int]]:
    """The labels of the shards that were asked, adjoining ones together."""
    ranges: list[tuple[int, int]] = []
    for report in reports:
        if report.status != "asked":
            continue
        first, stop = report.first_label, report.last_label + 1
        if ranges and ranges[-1][1] == first:
            first = ranges.pop()[0]
        ranges.append((first, stop))
    return ranges
