"""`docqa serve`: running SGLang on this machine, or printing how to run it on others."""

import contextlib
import json
import logging
import signal
import sys
import threading
from dataclasses import asdict
from functools import partial
from types import FrameType
from typing import Annotated, Any

import typer

from docqa.console import err, pass_on, print_json, report_error, say
from docqa.core.capacity import Plan
from docqa.core.launch import HEAD_NODE
from docqa.errors import DocqaError, ServerDiedError
from docqa.services.hardware import detect_gpus
from docqa.services.serving.launching import Prepared
from docqa.services.serving.options import Kv, ServeOptions, Weights
from docqa.services.serving.service import ServingService
from docqa.services.serving.state import ServerState
from docqa.settings import load_settings

STOP_WAIT_S = 45.0
SHOWN_LINES = 12
_INTERNAL = ("pid_started", "supervisor_started")


def serve(
    model: Annotated[
        str, typer.Option(help="A known name, a directory or a hub name [DOCQA_SERVE_MODEL].")
    ] = "",
    gpus: Annotated[
        str, typer.Option(help="GPUs, such as 8xH200 or 2x8xH100; else this machine's.")
    ] = "",
    nodes: Annotated[int, typer.Option(min=1, help="Machines with these GPUs.")] = 1,
    server: Annotated[
        list[str] | None,
        typer.Option(help="Address of one of several equal servers (repeatable)."),
    ] = None,
    weights: Annotated[Weights, typer.Option(help="Precision of the weights.")] = "auto",
    kv: Annotated[Kv, typer.Option(help="Precision of the KV cache.")] = "auto",
    context_length: Annotated[
        int, typer.Option(min=0, help="Window in tokens; 0 is the largest that fits.")
    ] = 0,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 is DOCQA_SERVE_PORT.")] = 0,
    hicache_gb: Annotated[
        int, typer.Option(min=-1, help="Host memory for KV; -1 is DOCQA_HICACHE_GB.")
    ] = -1,
    hicache_disk_gb: Annotated[
        int, typer.Option(min=-1, help="Disk for KV; -1 is DOCQA_HICACHE_DISK_GB.")
    ] = -1,
    dist_init_addr: Annotated[
        str, typer.Option(help="Where several nodes meet: the first one's address and a port.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands only.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it running once it is healthy.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End the server that runs.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Tell how the server is.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Print the end of its log.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not repeat its log here.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, progress aside.")] = False,
    sglang: Annotated[
        list[str] | None, typer.Argument(help="After `--`: arguments for SGLang itself.")
    ] = None,
) -> None:
    """Run SGLang for this machine's GPUs, and look after it until Ctrl-C."""
    logging.basicConfig(level="WARNING", stream=sys.stderr, format="%(levelname)s %(message)s")
    settings = load_settings()
    service = ServingService(settings, detect=partial(detect_gpus, settings.serve_python))
    options = ServeOptions(
        model=model,
        gpus=gpus,
        nodes=nodes,
        servers=tuple(server or ()),
        weights=weights,
        kv=kv,
        context_length=context_length,
        port=port,
        hicache_gb=hicache_gb,
        hicache_disk_gb=hicache_disk_gb,
        dist_init_addr=dist_init_addr,
        extra=tuple(sglang or ()),
    )
    if log:
        say("\n".join(service.log_tail(200)))
    elif stop or status:
        show_state(service.stop(STOP_WAIT_S) if stop else service.state(), as_json=as_json)
    elif dry_run or options.spread:
        show_commands(service.plan(options), as_json=as_json)
    elif detach:
        service.start(options)
        finish(service, service.wait(), as_json=as_json, quiet=True)
    else:
        run(service, options, as_json=as_json, quiet=quiet)


def main() -> None:
    """Be `docqa serve` and nothing else: what a page starts has less to load than the whole."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command()(serve)
    try:
        alone()
    except DocqaError as error:
        report_error(error, as_json="--json" in sys.argv[1:])
        sys.exit(1)


def run(service: ServingService, options: ServeOptions, *, as_json: bool, quiet: bool) -> None:
    """Run the server here until this process is told to end.

    Raises:
        ServerDiedError: If the server cannot be kept alive.
    """
    stop, kill = threading.Event(), threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        # The first time what is in flight is answered, the second time it is not.
        (kill if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` wants it
            signal.signal(number, ask_to_stop)
    progress = Progress(as_json=as_json)
    state = service.supervise(
        options,
        stop=stop,
        kill=kill,
        on_line=(lambda line: None) if quiet else pass_on,
        on_state=progress.show,
    )
    finish(service, state, as_json=as_json, quiet=quiet, ended=True)


class Progress:
    """Says what became of the server, each thing once. Its methods raise OSError if nobody listens.

    Not by the console's own printing, which leaves the process when nobody listens: the server has
    to be ended first.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._said = ("", "")

    def show(self, state: ServerState) -> None:
        """Take a new state."""
        if (state.status, state.detail) == self._said:
            return
        self._said = (state.status, state.detail)
        if state.status == "ready" and not state.detail:
            text = json.dumps(public(state)) if self._as_json else state_line(state)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            pass_on("Ctrl-C ends it. To ask with it: DOCQA_ENGINE=sglang docqa app")
        elif state.detail:
            pass_on(f"{state.status}: {state.detail}")


def finish(
    service: ServingService,
    state: ServerState,
    *,
    as_json: bool,
    quiet: bool,
    ended: bool = False,
) -> None:
    """Say how it ended, or that it is ready.

    Raises:
        ServerDiedError: If it failed.
    """
    if state.status == "failed":
        if quiet:
            for line in service.log_tail(SHOWN_LINES):
                pass_on(f"  {line}")
        raise ServerDiedError(state.error, state.hint)
    if ended:
        with contextlib.suppress(OSError):
            pass_on("the server has ended")
    else:
        show_state(state, as_json=as_json)


def show_state(state: ServerState, *, as_json: bool) -> None:
    """Print a state: a line for people, or all of it."""
    if as_json:
        print_json(public(state))
        return
    say(state_line(state))
    if state.hint:
        say(f"hint: {state.hint}", on=err)


def public(state: ServerState) -> dict[str, Any]:
    """A state without what is for docqa alone."""
    return {name: value for name, value in asdict(state).items() if name not in _INTERNAL}


def state_line(state: ServerState) -> str:
    """A state in a line."""
    parts: list[str] = [state.status]
    parts += [state.detail] if state.detail else []
    parts += [f"{state.model} at {state.base_url}"] if state.running else []
    if state.status == "ready":
        parts.append(f"loaded in {state.ready_at - state.started_at:,.0f} s")
    parts += [f"restarted {state.restarts} times"] if state.restarts else []
    parts += [state.error] if state.error else []
    return ", ".join(parts)


def show_commands(prepared: Prepared, *, as_json: bool) -> None:
    """Print the commands, one a line; what they rest on goes aside."""
    facts: dict[str, Any] = {
        "model": prepared.model.asked,
        "checkpoint": prepared.model.checkpoint,
        "gpus": str(prepared.gpus or ""),
        "base_url": prepared.base_url,
        "commands": list(prepared.commands),
    }
    if plan := prepared.plan:
        facts |= {
            "weights": plan.weight_precision,
            "kv": plan.kv_precision,
            "context_length": plan.context_length,
            "max_tokens": plan.max_tokens,
            "notes": list(plan.notes),
        }
        text = f"{plan.shape.name} on {plan.gpus}: {plan.weight_precision} weights,"
        text += f" {plan.kv_precision} KV, a window of {plan.context_length:,} tokens"
        say(text, on=err)
        for note in (*plan.notes, *disk_notes(plan)):
            say(f"note: {note}", on=err)
    for note in hand_notes(prepared):
        say(f"note: {note}", on=err)
    if as_json:
        print_json(facts)
        return
    for command in prepared.commands:
        sys.stdout.write(command + "\n")


def disk_notes(plan: Plan) -> tuple[str, ...]:
    """What `docqa serve` does beside running the command, where the disk is a cache."""
    if not plan.disk_bytes:
        return ()
    share = plan.disk_bytes // plan.layout.tp_size
    return (
        "set SGLANG_HICACHE_FILE_BACKEND_MAX_SIZE="
        f"{share} where you run it, or its files fill the disk; `docqa serve` does so",
    )


def hand_notes(prepared: Prepared) -> tuple[str, ...]:
    """What one has to do beside running the commands by hand."""
    path, address = prepared.options.config_file, prepared.base_url
    notes = [
        f"{path} holds the server's key, on every machine the same: "
        '{"api-key": "..."}, readable by you alone; `docqa serve` writes it'
    ]
    if prepared.distributed:
        notes.append("run each command on its own machine")
        notes.append(
            f"then, beside the last command: DOCQA_ENGINE=sglang DOCQA_BASE_URL={address} "
            "DOCQA_API_KEY=... docqa app"
            if prepared.options.servers
            else f"then, on the first: DOCQA_ENGINE=sglang DOCQA_BASE_URL={address} docqa app"
        )
    if HEAD_NODE in " ".join(prepared.commands):
        notes.append(f"{HEAD_NODE} stands for the first machine's address (--dist-init-addr)")
    return tuple(notes)
