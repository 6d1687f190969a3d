"""One run of `docqa bench prefix`: the engine in force, a corpus, a report."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docqa import __version__
from docqa.bench.prefix.corpus import read_documents
from docqa.bench.prefix.measure import (
    BenchOptions,
    Comparison,
    Notify,
    check_window,
    measure_size,
    wake,
)
from docqa.bench.prefix.results import PrefixReport, SizeResult
from docqa.bench.prefix.server import comparison_of, server_facts
from docqa.bootstrap import App
from docqa.engines.base import Engine
from docqa.errors import EngineLeavesMachineError, EngineNotConfiguredError
from docqa.services.engines import EngineService
from docqa.settings import Settings
from docqa.store.store import Store

MODEL_NAME = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured."""

    engine: Engine
    address: str = ""
    """Where it is; empty if it runs in this process."""
    server: dict[str, Any] = field(default_factory=dict)
    """What the server says of itself."""
    comparison: Comparison | None = None


@contextmanager
def opened_target(
    settings: Settings, *, compare: bool = False, allow_remote: bool = True
) -> Iterator[Target]:
    """The engine in force by these settings, and what it is compared with.

    Raises:
        EngineNotConfiguredError: If it is the extractive reader, which has no prefix.
        EngineLeavesMachineError: If it is on another machine and that is not allowed.
        EngineError: If it cannot be made or does not answer.
    """
    store = Store(settings.home)
    engines = EngineService(settings, store)
    try:
        engine = _in_force(engines)
        if engine.leaves_machine and not allow_remote:
            raise EngineLeavesMachineError(engine.name, "is on another machine")
        facts = server_facts(engine)
        comparison = comparison_of(engine) if compare else None
        yield Target(engine, facts.address, facts.told, comparison)
    finally:
        engines.close()
        store.close()


def run_prefix_bench(
    target: Target,
    options: BenchOptions,
    folder: Path | None = None,
    notify: Notify = lambda text: None,
) -> PrefixReport:
    """Measure every size; the corpus is made of this folder's documents, or of the samples.

    Raises:
        EngineError: If the window is too small, or the engine fails.
        InputError: If a corpus would be too small to hold a document.
        ReadError: If there is no such folder, or no document in it.
    """
    engine = target.engine
    check_window(engine, options)
    documents = read_documents(folder or App.samples())
    notify("waking the engine")
    for each in (engine, target.comparison.chat if target.comparison else None):
        if each is not None:
            wake(each, documents)
    sizes: list[SizeResult] = []
    for tokens in sorted(set(options.tokens)):
        sizes.append(
            measure_size(
                engine, documents, tokens, options, comparison=target.comparison, notify=notify
            )
        )
    return PrefixReport(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        docqa_version=__version__,
        engine=engine.name,
        model=engine.model,
        address=target.address,
        context_length=engine.context_length,
        hints=options.hints,
        answer_tokens=options.answer_tokens,
        cold_runs=options.cold_runs,
        questions=options.questions,
        in_flight=options.in_flight,
        corpus=_described(folder, len(documents)),
        client=this_machine(),
        sizes=tuple(sizes),
        server=target.server,
    )


def this_machine() -> str:
    """The processor and the Python that docqa runs on."""
    file = Path("/proc/cpuinfo")
    found = MODEL_NAME.search(file.read_text()) if file.is_file() else None
    processor = found[1] if found else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores ({processor}), Python {platform.python_version()}"


def _in_force(engines: EngineService) -> Engine:
    engine = engines.engine()
    if engine is None:
        error = EngineNotConfiguredError(
            "extractive", "reads no prefix: there is nothing to measure"
        )
        error.hint = "Choose an engine with --engine, for example `--engine embedded`."
        raise error
    return engine


def _described(folder: Path | None, count: int) -> str:
    if folder is None:
        return "the sample documents and changed copies of them"
    counted = "1 document" if count == 1 else f"{count:,} documents"
    return f"{counted} in {folder.name!r} and changed copies"
