"""The plot of `docqa bench prefix`: first tokens, bytes, questions a second. Needs matplotlib."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from docqa.bench.prefix_results import (
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
    _first_tokens(first, report)
    _sent(sent, report)
    _rates(rate, report)
    for axes in (first, sent, rate):
        axes.grid(visible=True, color="#e3e3e3", linewidth=0.7)
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
    def line(
        name: WayName, label: str, value: Callable[[SizeResult], float | None], style: str
    ) -> None:
        _line(axes, report.sizes, value, name, label, style)

    line("docqa", "cold", lambda size: _first(size, "docqa", cold=True), "--")
    line("docqa", "warm", lambda size: _first(size, "docqa"), "-")
    line("chat", LABELS["chat"] + ", warm", lambda size: _first(size, "chat"), "-")
    line("flushed", "cache flushed", lambda size: _first(size, "flushed"), ":")
    _logarithmic(axes, report, "seconds to the first token")
    axes.set_title("First token", loc="left", fontsize=11)


def _sent(axes: "Axes", report: PrefixReport) -> None:
    def value(name: WayName) -> Callable[[SizeResult], float | None]:
        return lambda size: sent_bytes(way.warm) if (way := size.way(name)) else None

    for name in ("docqa", "chat"):
        _line(axes, report.sizes, value(name), name, LABELS[name], "-")
    if axes.lines:
        _logarithmic(axes, report, "bytes sent for a warm question")
    else:
        axes.text(0.5, 0.5, "this engine counts no bytes", ha="center", transform=axes.transAxes)
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


def _line(
    axes: "Axes",
    sizes: Sequence[SizeResult],
    value: Callable[[SizeResult], float | None],
    name: WayName,
    label: str,
    style: str,
) -> None:
    points = [(size.tokens, y) for size in sizes if (y := value(size)) is not None]
    if points:
        axes.plot(
            [x for x, _ in points],
            [y for _, y in points],
            style,
            color=_COLOURS[name],
            marker=_MARKS[name],
            label=label,
        )


def _logarithmic(axes: "Axes", report: PrefixReport, what: str) -> None:
    axes.set_xscale("log")
    axes.set_xticks(
        [size.tokens for size in report.sizes], [f"{size.tokens:,}" for size in report.sizes]
    )
    axes.minorticks_off()
    axes.set_yscale("log")
    axes.set_xlabel("tokens of the corpus")
    axes.set_ylabel(what)
    axes.legend(frameon=False, fontsize=8)


def _first(size: SizeResult, name: WayName, *, cold: bool = False) -> float | None:
    way = size.way(name)
    if way is None:
        return None
    return first_token(way.cold if cold else way.warm)
