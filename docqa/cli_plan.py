"""`docqa plan`: what fits on which GPUs, what it costs, how it is launched."""

import re
from typing import Annotated, Literal

import typer
from rich.table import Table

from docqa.console import err, out, print_json, say
from docqa.core.known_models import MODELS
from docqa.services.engines import EngineService
from docqa.services.plan_report import (
    comparison_row,
    estimate_rows,
    plan_json,
    plan_rows,
    verdict,
)
from docqa.services.planning import Planned, PlanningService, PlanRequest
from docqa.settings import load_settings
from docqa.store.store import Store

_TOKENS = re.compile(r"(?P<number>\d[\d_,]*(\.\d+)?)\s*(?P<unit>[kKmM]?)")


def tokens_of(text: str) -> int:
    """Tokens as people write them: `5000000`, `5M`, `512k`, `1,048,576`."""
    match = _TOKENS.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter("write tokens as 5000000, 5M or 512k")
    number = float(match["number"].replace(",", "").replace("_", ""))
    return int(number * {"": 1, "k": 1_000, "m": 1_000_000}[match["unit"].lower()])


def plan(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help=f"{', '.join(MODELS)}; a hub name; a directory or its config.json.",
        ),
    ] = "",
    gpus: Annotated[
        str,
        typer.Option("--gpus", help="As 8xH200, or 2x8xH100 for two nodes; else this machine's."),
    ] = "",
    nodes: Annotated[int, typer.Option("--nodes", min=1, max=64, help="Nodes of such GPUs.")] = 1,
    tokens: Annotated[
        str, typer.Option("--tokens", "-t", help="The corpus, as 5000000 or 5M; else the most.")
    ] = "0",
    weights: Annotated[
        Literal["auto", "bf16", "fp8", "int4"],
        typer.Option("--weights", help="Precision of the weights; auto is the finest that fits."),
    ] = "auto",
    kv: Annotated[
        Literal["auto", "bf16", "fp8"], typer.Option("--kv", help="Precision of the KV cache.")
    ] = "auto",
    context_length: Annotated[
        str, typer.Option("--context-length", help="A window to set instead of the largest.")
    ] = "0",
    host_gb: Annotated[
        int, typer.Option("--host-gb", min=-1, help="Host memory for the hierarchical cache.")
    ] = -1,
    disk_gb: Annotated[
        int, typer.Option("--disk-gb", min=-1, help="Disk for the hierarchical cache.")
    ] = -1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, progress aside.")] = False,
) -> None:
    """Say what fits on which GPUs, what it costs, and how SGLang is launched."""
    request = PlanRequest(
        model=model,
        gpus=gpus,
        nodes=nodes,
        tokens=tokens_of(tokens),
        weights=weights,
        kv=kv,
        context_length=tokens_of(context_length),
        host_gb=host_gb,
        disk_gb=disk_gb,
    )
    settings = load_settings()
    store = Store(settings.home)
    engines = EngineService(settings, store)
    try:
        planning = PlanningService(settings, engines)
        planned = planning.beside_server(planning.plan(request))
    finally:
        engines.close()
        store.close()
    if as_json:
        print_json(plan_json(planned))
    else:
        show(planned)


def show(planned: Planned) -> None:
    """Print a plan for people."""
    out.print(_grid(plan_rows(planned)))
    say("")
    say(verdict(planned.plan), style="bold" if planned.plan.fits else "bold red")
    for note in planned.notes:
        say(f"Note: {note}.")
    if rows := estimate_rows(planned.plan):
        say("\nEstimates, not measured:", style="bold")
        out.print(_grid(rows))
        say(f"Assumed: {'; '.join(planned.plan.assumptions)}.", style="dim")
    if planned.compared:
        say("\nPlanned beside what the running server reports:", style="bold")
        table = Table("", "planned", "reported", "", box=None, header_style="bold")
        for row in planned.compared:
            table.add_row(*comparison_row(row))
        out.print(table)
    for number, command in enumerate(planned.commands):
        where = f" on node {number}" if len(planned.commands) > 1 else ""
        say(f"\nSGLang's command{where}:", style="bold")
        say(command)
    if planned.serve_command:
        say("\nOr, with a key and restarts:", style="bold")
        say(planned.serve_command)
    if not planned.plan.fits and planned.plan.shape.released:
        say("Try more GPUs, --weights fp8 or int4, --kv fp8, or fewer --tokens.", on=err)


def _grid(rows: list[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
