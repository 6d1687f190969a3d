"""The plot of `docqa bench prefix`: first tokens, bytes, questions a second. Needs matplotlib."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from docqa.bench.prefix.results import (
    LABELS,
    PrefixReport,
    SizeResult,
    WayName,
    first_token,
    sent_bytes,
)
from docqa.errors import MissingPackageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DPI = 150
# Three of Okabe and Ito's colours, which people who see colours differently tell apart.
_COLOURS: dict[WayName, str] = {"docqa": "#0072B2", "chat": "#D55E00", "flushed": "#737373"}
_MARKS: dict[WayName, str] = {"docqa": "o", "chat": "s", "flushed": "^"}


def check_plotting() -> None:
    """Return if a plot can be drawn.

    Raises:
        MissingPackageError: If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingPackageError("matplotlib", "bench", "draw a plot")


def draw(report: PrefixReport, file: Path) -> None:
    """Write the plot as a PNG picture.

    Raises:
        MissingPackageError: If matplotlib is not installed.
        OSError: If the file cannot be written.
    """
    check_plotting()
    from matplotlib.figure import Figure  # optional: only when a plot is wanted

    figure = Figure(figsize=(13.5, 4.6), layout="constrained")
    first, sent, rate = figure.subplots(1, 3)
    for axes in (first, sent, rate):
        axes.grid(visible=True, color="#e3e3e3", linewidth=0.7)
    _first_tokens(first, report)
    _sent(sent, report)
    _rates(rate, report)
    for axes in (first, sent, rate):
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.suptitle(
        f"{report.model} on {report.engine}, hints {'on' if report.hints else 'off'}, "
        f"docqa {report.docqa_version}, {report.date}",
        fontsize=10,
    )
    figure.savefig(file, dpi=_DPI, format="png")


def _first_tokens(axes: "Axes", report: PrefixReport) -> None:
    series = [
        _Series("cold", "docqa", lambda size: _first(size, "docqa", cold=True), cold=True),
        _Series("warm", "docqa", lambda size: _first(size, "docqa")),
        _Series("warm, corpus re-sent", "chat", lambda size: _first(size, "chat")),
        _Series("cache flushed", "flushed", lambda size: _first(size, "flushed")),
    ]
    _draw_series(axes, report, series, "seconds to the first token")
    axes.set_title("First token", loc="left", fontsize=11)


def _sent(axes: "Axes", report: PrefixReport) -> None:
    series = [
        _Series("docqa", "docqa", lambda size: _bytes(size, "docqa")),
        _Series("corpus re-sent", "chat", lambda size: _bytes(size, "chat")),
    ]
    _draw_series(axes, report, series, "bytes sent for a warm question")
    axes.set_title("On the wire", loc="left", fontsize=11)


def _rates(axes: "Axes", report: PrefixReport) -> None:
    size = report.sizes[-1]
    for way in size.ways:
        if way.levels:
            axes.plot(
                [level.in_flight for level in way.levels],
                [level.questions_per_s for level in way.levels],
                color=_COLOURS[way.name],
                marker=_MARKS[way.name],
                label=LABELS[way.name],
            )
    axes.set_xlabel("questions in flight")
    axes.set_ylabel("questions per second")
    axes.set_xticks(list(report.in_flight))
    axes.set_ylim(bottom=0)
    if axes.lines:
        axes.legend(frameon=False, fontsize=8)
    axes.set_title(f"Together, {size.tokens:,} tokens", loc="left", fontsize=11)


@dataclass(frozen=True, slots=True)
class _Series:
    label: str
    way: WayName
    value: Callable[[SizeResult], float | None]
    cold: bool = False


def _draw_series(axes: "Axes", report: PrefixReport, series: Sequence[_Series], what: str) -> None:
    """Lines over the corpus sizes, or bars where there is one size only."""
    points = {
        each: [(size.tokens, y) for size in report.sizes if (y := each.value(size)) is not None]
        for each in series
    }
    known = [each for each in series if points[each]]
    if not known:
        axes.text(0.5, 0.5, "not counted by this engine", ha="center", transform=axes.transAxes)
        axes.set_xlabel(what)
    elif len(report.sizes) == 1:
        _bars(axes, [(each, points[each][0][1]) for each in known])
        axes.set_xlabel(f"{what}, {report.sizes[0].tokens:,} tokens")
    else:
        for each in known:
            axes.plot(
                *zip(*points[each], strict=True),
                linestyle="--" if each.cold else "-",
                color=_COLOURS[each.way],
                marker=_MARKS[each.way],
                markerfacecolor="white" if each.cold else None,
                label=each.label,
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        sizes = [size.tokens for size in report.sizes]
        axes.set_xticks(sizes, [f"{tokens:,}" for tokens in sizes])
        axes.minorticks_off()
        axes.set_xlabel("tokens of the corpus")
        axes.set_ylabel(what)
        axes.legend(frameon=False, fontsize=8)


def _bars(axes: "Axes", values: Sequence[tuple[_Series, float]]) -> None:
    bars = axes.barh(
        [each.label for each, _ in values],
        [value for _, value in values],
        color=["white" if each.cold else _COLOURS[each.way] for each, _ in values],
        edgecolor=[_COLOURS[each.way] for each, _ in values],
        height=0.55,
    )
    shown = [f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for _, value in values]
    axes.bar_label(bars, labels=shown, padding=4, fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=5)


def _first(size: SizeResult, name: WayName, *, cold: bool = False) -> float | None:
    way = size.way(name)
    if way is None:
        return None
    return first_token(way.cold if cold else way.warm)


def _bytes(size: SizeResult, name: WayName) -> float | None:
    way = size.way(name)
    return sent_bytes(way.warm) if way else None
