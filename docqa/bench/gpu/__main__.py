"""`python -m docqa.bench.gpu`: the prefix bench on a GPU, with Llama 4 Scout's shape, in one go.

Writes a model directory of that shape without weights, has `docqa serve` launch SGLang on it with
an fp8 and a bf16 cache, runs `docqa bench prefix` at each size, and writes the raw results and a
table beside the planner's estimates. Started again, it goes on with what is missing.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from docqa.bench.gpu.model import write_model
from docqa.bench.gpu.report import gpu_markdown
from docqa.bench.gpu.run import GpuBench
from docqa.bench.gpu.setup import KINDS, LAUNCH_S, SIZES, GpuSetup, most_layers
from docqa.core.gpus import parse_gpus
from docqa.errors import DocqaError, GpuMissingError, ServerDiedError
from docqa.services.hardware import detect_gpus
from docqa.services.hardware import run as run_command
from docqa.services.serving.options import ServeOptions
from docqa.services.serving.service import ServingService
from docqa.settings import Settings

LOG_LINES = 400
LOAD_TIMEOUT_S = 900.0
STOP_S = 60.0
ANSWER_TIMEOUT_S = 3_600.0
"""A cold prefill of a million tokens is silent for minutes."""
_SMI = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")


@contextmanager
def served(
    service: ServingService,
    settings: Settings,
    options: ServeOptions,
    notify: Callable[[str], None],
) -> Iterator[Settings]:
    """Have `docqa serve` run a server, and end it afterwards.

    Raises:
        ServingError: If it cannot be started or dies while it loads.
    """
    notify(f"starting SGLang with {options.kv} KV")
    service.start(options)
    try:
        state = service.wait(LOAD_TIMEOUT_S)
        if state.status != "ready":
            raise ServerDiedError(state.error or f"it is {state.status} still", state.hint)
        yield settings
    finally:
        service.stop(STOP_S)


def show_plan(console: Console, setup: GpuSetup, model: Path, service: ServingService) -> None:
    """Say what would be done, and how long it would take by the planner."""
    total = 0.0
    for kv in setup.kv:
        prepared = service.plan(setup.serve_options(model, kv, 0))
        console.print(f"\n{kv} KV:", *prepared.commands, sep="\n", soft_wrap=True, highlight=False)
        total += LAUNCH_S
        for each in setup.configurations(kv):
            plan = setup.plan(each)
            total += setup.seconds(each)
            console.print(
                f"  {each.tokens:,} tokens: prefill {plan.prefill_s:,.1f} s, warm first token "
                f"{plan.warm_first_token_s:.3f} s, {plan.decode_s_per_token * 1_000:.1f} ms a "
                f"token, {plan.max_tokens:,} tokens fit, "
                + ("fits" if plan.fits else "; ".join(plan.problems))
            )
    console.print(f"\nIn all about {total:,.0f} s by the planner (estimates, with a margin).")


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the results.")] = Path("gpu-results"),
    tokens: Annotated[list[int] | None, typer.Option(help="Corpora (repeatable).")] = None,
    kv: Annotated[Literal["both", "fp8", "bf16"], typer.Option(help="The cache's type.")] = "both",
    layers: Annotated[int, typer.Option(help="0: as many of Scout's 48 as fit.")] = 0,
    gpus: Annotated[str, typer.Option(help="Instead of those that are here: H200.")] = "",
    python: Annotated[str, typer.Option(help="Python that has SGLang.")] = "",
    port: Annotated[int, typer.Option(help="Port of the server.")] = 30_100,
    budget: Annotated[float, typer.Option(help="Seconds that all may take.")] = 1_500.0,
    cold: Annotated[int, typer.Option(min=1, help="Cold questions each.")] = 1,
    compare: Annotated[bool, typer.Option("--compare", help="Also chat, and flushed.")] = False,
    work: Annotated[Path | None, typer.Option(help="Keep model and data here.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
) -> None:
    """Measure SGLang with Scout's shape on this machine's GPUs, beside the planner's estimates."""
    console = Console(stderr=True)
    try:
        found = parse_gpus(gpus) if gpus else detect_gpus(python)
        if found is None:
            raise GpuMissingError
        sizes = tuple(tokens or SIZES)
        kinds = KINDS if kv == "both" else (kv,)
        chosen = layers or most_layers(found, max(sizes))
        setup = GpuSetup(found, chosen, sizes, kinds, cold, compare)
        measure(
            console,
            setup,
            out=out,
            python=python,
            port=port,
            budget_s=budget,
            work=work,
            dry_run=dry_run,
        )
    except DocqaError as error:
        console.print(f"error: {error}\nhint: {error.hint}", markup=False, highlight=False)
        raise typer.Exit(1) from error


def measure(
    console: Console,
    setup: GpuSetup,
    *,
    out: Path,
    python: str,
    port: int,
    budget_s: float,
    work: Path | None,
    dry_run: bool,
) -> None:
    """Measure it, or say what would be measured.

    Raises:
        DocqaError: If the model cannot be written or, on a dry run, does not fit.
    """
    with tempfile.TemporaryDirectory(prefix="docqa-gpu-") as folder:
        place = work or Path(folder)
        console.print(f"{setup.gpus}: {setup.layers} layers; writing the model directory")
        model = write_model(place / setup.model_name, setup.layers)
        settings = Settings(
            home=place / "home",
            engine="sglang",
            serve_python=python,
            serve_port=port,
            engine_timeout_s=ANSWER_TIMEOUT_S,
        )
        service = ServingService(settings, detect=lambda: setup.gpus)
        if dry_run:
            show_plan(console, setup, model, service)
            return
        bench = GpuBench(
            setup=setup,
            out=out,
            model=model,
            port=port,
            serve=lambda options: served(service, settings, options, console.print),
            budget_s=budget_s,
            notify=console.print,
            log=lambda: service.log_tail(LOG_LINES),
            gpu="; ".join(run_command(_SMI).split("\n")).strip("; "),
        )
        text = gpu_markdown(bench.run(), bench.skipped)
    (out / "results.md").write_text(text, encoding="utf-8")
    Console(soft_wrap=True, highlight=False).print(text, markup=False)


if __name__ == "__main__":
    typer.run(main)
