"""`python -m docqa.bench.asking`: docqa's own time from Send to the last byte of the request.

Workspaces of several sizes are asked in turns, each by an app in a process of its own that runs as
the web app does, with its job runner's threads and the `sglang` engine. The server is a fake that
answers at once, in this process: what is measured is docqa.
"""

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.table import Table

from docqa.bench.fake.sglang import FakeSGLang, Received
from docqa.bench.scale import WORKSPACE, copies, questions, stage
from docqa.bootstrap import build_app
from docqa.settings import Settings

MODEL = "Llama-4-Scout"
WINDOW = 1 << 25
"""Of the fake: more than any workspace measured here needs."""
WARM_UP = 3
"""Questions that are asked first and do not count."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an app's process holds: its resident memory, and how much Python has allocated."""

    rss_mb: float
    objects: int
    """Containers that the garbage collector knows."""
    blocks: int
    """Blocks of memory of all Python objects, strings and numbers among them."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking about one workspace cost. Seconds are from `submit`."""

    tokens: int
    documents: int
    hints: bool
    first_s: float
    """Until the first question was answered: its corpus was tokenized and sent."""
    queued_s: tuple[float, ...]
    """Until `submit` returned."""
    sent_s: tuple[float, ...]
    """Until the server had the last byte of the request."""
    sent_bytes: tuple[int, ...]
    opened: Held
    """Before the first question."""
    asked: Held
    """After the last one."""

    def as_json(self) -> dict[str, Any]:
        """All of it, and the medians."""
        return asdict(self) | {
            "sent_median_s": statistics.median(self.sent_s),
            "queued_median_s": statistics.median(self.queued_s),
        }


class Arrivals(list[Received]):
    """The requests that a fake got, and when each had arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    def append(self, received: Received) -> None:
        """Take note of the time: the fake has just read the last byte."""
        self.at.append(time.monotonic())
        super().append(received)

    def question_after(self, since: float) -> float:
        """When the first question after this moment had arrived.

        Raises:
            RuntimeError: If none had.
        """
        for at, received in zip(self.at, self, strict=True):
            sampling = received.body.get("sampling_params", {})
            # One new token is asked for where a prefix is read or branches are forgotten.
            if at >= since and sampling.get("max_new_tokens", 1) > 1:
                return at
        raise RuntimeError("the fake server got no question")


class AppProcess:
    """An app in a process of its own, see `docqa.bench.asking_app`."""

    def __init__(self, home: Path, base_url: str, *, hints: bool) -> None:
        command = [sys.executable, "-m", "docqa.bench.asking_app", str(home), base_url]
        self._process = subprocess.Popen(
            [*command, "--hints" if hints else "--no-hints"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.opened = self._heard()

    def ask(self, question: str) -> dict[str, Any]:
        """Ask, and wait until it is answered.

        Raises:
            RuntimeError: If it could not be answered from the whole pack.
        """
        told = self._say(question)
        if told["status"] == "failed" or told["mode"] != "whole" or not told["covered"]:
            raise RuntimeError(f"a question was not answered as it should be: {told}")
        return told

    def held(self) -> Held:
        """What it holds now."""
        return Held(**self._say(""))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        with self._process:  # closes its pipes and waits for its end
            self._process.stdin.close()

    def _say(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the app that was to be asked has ended; see above")
        told: dict[str, Any] = json.loads(line)
        return told


def prepare(data: Path, tokens: int, home: Path) -> None:
    """Fill a home with about so many tokens, unless it was filled before."""
    app = build_app(Settings(home=home, engine="scripted"))
    try:
        workspace_id = app.workspaces.get_or_create(WORKSPACE).id
        if app.library.pack(workspace_id).segment_count:
            return
        source_id = app.store.documents.add_source(workspace_id, "folder", "scale", "scale")
        found = copies(data, tokens)
        versions = [stage(app, workspace_id, source_id, name, parsed) for name, parsed in found]
        app.library.publish(workspace_id, versions)
    finally:
        app.close()


def asked_about(home: Path, count: int) -> list[str]:
    """Questions in words of a workspace's documents."""
    app = build_app(Settings(home=home, engine="scripted"))
    try:
        found = list(questions(app, app.workspaces.get(WORKSPACE).id))
    finally:
        app.close()
    return list(itertools.islice(itertools.cycle(found), count))


def measure(homes: Sequence[Path], asked: Sequence[str], *, hints: bool) -> list[Asking]:
    """Ask each workspace the same questions, taking turns."""
    fake = FakeSGLang(model=MODEL, context_length=WINDOW, max_total_tokens=1 << 30)
    arrivals = Arrivals()
    fake.requests = arrivals
    with fake, ExitStack() as stack:
        apps = [stack.enter_context(AppProcess(home, fake.base_url, hints=hints)) for home in homes]
        first = [_first(app, asked[0]) for app in apps]
        told: list[list[dict[str, Any]]] = [[] for _ in apps]
        for number, question in enumerate(asked):
            # Another one begins each time: what it leaves to do must not fall to the same other.
            for place in (*range(number % len(apps), len(apps)), *range(number % len(apps))):
                app, kept = apps[place], told[place]
                answer = app.ask(question)
                answer["arrived"] = arrivals.question_after(answer["submitted"])
                if number >= WARM_UP:
                    kept.append(answer)
        return [
            _asking(app, kept, hints, seconds)
            for app, kept, seconds in zip(apps, told, first, strict=True)
        ]


def _first(app: AppProcess, question: str) -> float:
    begun = time.monotonic()
    app.ask(question)
    return time.monotonic() - begun


def _asking(app: AppProcess, kept: list[dict[str, Any]], hints: bool, first_s: float) -> Asking:
    opened = dict(app.opened)
    return Asking(
        tokens=opened.pop("tokens"),
        documents=opened.pop("documents"),
        hints=hints,
        first_s=first_s,
        queued_s=tuple(each["queued"] - each["submitted"] for each in kept),
        sent_s=tuple(each["arrived"] - each["submitted"] for each in kept),
        sent_bytes=tuple(each["sent_bytes"] or 0 for each in kept),
        opened=Held(**opened),
        asked=app.held(),
    )


def table(found: Iterable[Asking]) -> Table:
    """The medians, each beside the smallest workspace's of the same run."""
    shown = Table(title="From Send to the last byte of the request (median)")
    for name in ("tokens", "documents", "hints", "sent", "middle half", "of the smallest's"):
        shown.add_column(name, justify="right")
    for name in ("submit", "bytes", "first question", "memory", "objects", "blocks"):
        shown.add_column(name, justify="right")
    smallest: dict[bool, float] = {}
    for each in found:
        low, sent, high = statistics.quantiles(each.sent_s, n=4)
        ratio = sent / smallest.setdefault(each.hints, sent)
        shown.add_row(
            f"{each.tokens:,}",
            f"{each.documents:,}",
            "on" if each.hints else "off",
            f"{1e3 * sent:.1f} ms",
            f"{1e3 * low:.1f}-{1e3 * high:.1f} ms",
            f"{ratio:.2f}",
            f"{1e3 * statistics.median(each.queued_s):.1f} ms",
            f"{statistics.median(each.sent_bytes):,.0f}",
            f"{each.first_s:.1f} s",
            f"{each.opened.rss_mb:.0f} -> {each.asked.rss_mb:.0f} MB",
            f"{each.asked.objects:,}",
            f"{each.asked.blocks:,}",
        )
    return shown


def main(
    data: Annotated[Path, typer.Argument(help="Folder with text and code.")],
    tokens: Annotated[list[int] | None, typer.Option(help="Sizes, the smallest first.")] = None,
    asks: Annotated[int, typer.Option(help="Questions for each size.", min=2)] = 40,
    home: Annotated[Path | None, typer.Option(help="Keep the workspaces here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Measure with hints off, then on."""
    sizes = tokens or [100_000, 1_000_000, 10_000_000]
    with tempfile.TemporaryDirectory(prefix="docqa-asking-") as folder:
        homes = [(home or Path(folder)) / str(size) for size in sizes]
        for size, place in zip(sizes, homes, strict=True):
            prepare(data, size, place)
        asked = asked_about(homes[0], asks + WARM_UP)
        found = [each for hints in (False, True) for each in measure(homes, asked, hints=hints)]
    if as_json:
        Console().print_json(data=[each.as_json() for each in found])
    else:
        Console().print(table(found))


if __name__ == "__main__":
    typer.run(main)
