"""From a user's options to what is run: the model's files, the plan, the SGLang command."""

import logging
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from docqa.core.capacity import Plan, best_precision, default_kv_precision, plan
from docqa.core.gpus import GpuSet, parse_gpus
from docqa.core.known_models import KnownModel, known_model
from docqa.core.launch import LAUNCH, LaunchOptions, launch_commands, sglang_arguments
from docqa.core.model_shapes import ModelShape, Precision, precision_from_config, shape_from_config
from docqa.errors import GpuMissingError, ModelMissingError, ServingError, UnsizableModelError
from docqa.services.hardware import machine
from docqa.services.serving.checks import (
    TESTED_VERSION,
    check_port,
    server_python,
    sglang_version,
)
from docqa.services.serving.key import ensure_key
from docqa.services.serving.models import find_model, is_here, model_config
from docqa.services.serving.options import ServeOptions
from docqa.services.serving.state import ServePaths
from docqa.services.serving.supervisor import Launch
from docqa.settings import Settings, server_environment

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
_GB = 1_000_000_000
_MOST_OF_MEMORY = 0.9
DetectGpus = Callable[[], GpuSet | None]


@dataclass(frozen=True, slots=True)
class Model:
    """The model that was asked for, as far as it is known without loading it."""

    asked: str
    checkpoint: str
    """What SGLang is given: a directory or a hub name."""
    shape: ModelShape | None
    """None where the planner cannot size it; SGLang may run it all the same."""
    weights: Precision = "bf16"
    quantization: str = ""
    """How SGLang shrinks a checkpoint that has other weights than were asked for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A server that can be launched, or whose commands can be shown."""

    model: Model
    gpus: GpuSet | None
    """None without GPUs."""
    plan: Plan | None
    """None for a model that cannot be sized, and without GPUs."""
    options: LaunchOptions
    context_length: int = 0
    """The window that was asked for; 0 leaves it to the plan, or to SGLang."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """SGLang's arguments on this machine."""
        if self.plan:
            return sglang_arguments(self.plan, self.options)
        return plain_arguments(self.options, self.gpus, self.context_length)

    @property
    def commands(self) -> tuple[str, ...]:
        """Shell lines: one a node, and for several servers the router's as the last."""
        if self.plan:
            return launch_commands(self.plan, self.options)
        return (shlex.join((*LAUNCH, *self.arguments)),)

    @property
    def base_url(self) -> str:
        """Where docqa reaches it."""
        port = self.options.router_port if self.options.servers else self.options.port
        return f"http://{LOOPBACK}:{port}"

    @property
    def distributed(self) -> bool:
        """Whether it is more than one command, on more than one machine."""
        return bool(self.options.servers) or (self.gpus is not None and self.gpus.nodes > 1)


def prepared(settings: Settings, options: ServeOptions, *, detect: DetectGpus) -> Prepared:
    """What these options mean, for this machine's GPUs or those that are named.

    Raises:
        GpuMissingError: If none are named and none are found.
        UnknownGpuError: If those that are named are not known.
        ModelMissingError: If nothing is known of the model without its files, which are not here.
        ServingError: If the model does not fit.
    """
    if options.clashing:
        raise ServingError(
            f"{', '.join(options.clashing)} cannot be passed on to SGLang: docqa sets it",
            "Use docqa's own options: docqa serve --help",
        )
    paths = ServePaths(settings.home)
    gpus = None if options.on_cpu else _gpus(options, detect)
    model = _model(settings, options, gpus)
    host_gb = settings.hicache_gb if options.hicache_gb < 0 else options.hicache_gb
    disk_gb = settings.hicache_disk_gb if options.hicache_disk_gb < 0 else options.hicache_disk_gb
    planned = None
    if model.shape and gpus:
        planned = plan(
            model.shape,
            gpus,
            weight_precision=model.weights,
            kv_precision=default_kv_precision(gpus) if options.kv == "auto" else options.kv,
            context_length=options.context_length,
            host_bytes=host_gb * _GB,
            disk_bytes=disk_gb * _GB,
        )
        if not planned.fits:
            raise ServingError(
                f"{model.asked} does not fit {gpus}: {'; '.join(planned.problems)}",
                "`docqa plan` says what would: more GPUs, --weights fp8 or int4, --kv fp8, or a "
                "smaller --context-length.",
            )
    launching = _launch_options(settings, options, model)
    if planned:
        # One folder for each KV precision: SGLang's files do not say in which they were written.
        launching = replace(launching, hicache_path=str(paths.folder / "kv" / planned.kv_precision))
    return Prepared(model, gpus, planned, launching, options.context_length)


def launch(settings: Settings, options: ServeOptions, *, detect: DetectGpus) -> Launch:
    """What the supervisor runs here; all that it needs is here, and its port is free.

    Raises:
        ServingError: If something is missing, with the command that mends it.
        StoreError: If the key cannot be written.
    """
    given = prepared(settings, options, detect=detect)
    if given.distributed:
        raise ServingError(
            "several nodes or servers are started by hand, each on its own machine",
            "Print the commands: docqa serve --dry-run",
        )
    _check_memory(settings, given)
    checkpoint = given.model.checkpoint
    directory = find_model(checkpoint, settings.hub_cache, with_weights=not options.dummy)
    given = replace(given, options=replace(given.options, model_path=str(directory)))
    paths = ServePaths(settings.home)
    paths.make()
    python = server_python(settings.serve_python)
    version = sglang_version(python, paths.folder)
    if version != TESTED_VERSION:
        logger.warning("SGLang %s: docqa was tested with %s", version, TESTED_VERSION)
    check_port(given.options.host, given.options.port)
    arguments = (python, *LAUNCH[1:], *given.arguments)
    return Launch(
        arguments,
        command=shlex.join(arguments),
        base_url=given.base_url,
        model=given.model.asked,
        model_path=str(directory),
        asked=asdict(options),
        key=ensure_key(settings.home),
        environment=server_environment() | _cache_limits(given) | _without_gpus(options),
    )


def plain_arguments(
    options: LaunchOptions, gpus: GpuSet | None, context_length: int
) -> tuple[str, ...]:
    """SGLang's arguments where no plan can be made: it finds out what fits."""
    arguments = ["--model-path", options.model_path, "--config", options.config_file]
    arguments += ["--served-model-name", options.served_model_name]
    arguments += ["--host", options.host, "--port", str(options.port)]
    if gpus and gpus.count > 1:
        arguments += ["--tp-size", str(gpus.count)]
    if context_length:
        arguments += ["--context-length", str(context_length)]
    arguments += ["--enable-cache-report", "--enable-metrics", "--sleep-on-idle"]
    return (*arguments, *options.extra)


def _gpus(options: ServeOptions, detect: DetectGpus) -> GpuSet:
    if options.gpus:
        return parse_gpus(options.gpus, nodes=options.nodes)
    found = detect()
    if found is None:
        raise GpuMissingError
    return replace(found, nodes=found.nodes * options.nodes)


def _model(settings: Settings, options: ServeOptions, gpus: GpuSet | None) -> Model:
    asked = options.model or settings.serve_model
    cache = settings.hub_cache
    if not Path(asked).expanduser().is_dir():
        try:
            return _known(asked, known_model(asked), options, cache, gpus)
        except UnsizableModelError:
            pass
    # Its shape is in its files: they have to be here, also where only the command is shown.
    found = find_model(asked, cache, with_weights=not options.dummy)
    config = model_config(found)
    try:
        shape = shape_from_config(config, name=Path(asked).name)
    except UnsizableModelError:
        return Model(asked, str(found), None)
    weights, quantization = _shrunk(precision_from_config(config), options)
    return Model(asked, str(found), shape, weights, quantization)


def _known(
    asked: str, known: KnownModel, options: ServeOptions, cache: Path, gpus: GpuSet | None
) -> Model:
    """The checkpoint that suits: of the wanted precision, else one that is here and fits."""
    if not known.checkpoints:
        raise ServingError(
            f"{known.name} was announced but never released: nothing can serve it",
            "`docqa plan` sizes it all the same. Serve scout or maverick.",
        )
    by_precision = dict(known.checkpoints)
    named = [precision for precision, path in by_precision.items() if path == asked]
    wanted = [precision for precision in by_precision if precision == options.weights]
    here = [precision for precision, path in by_precision.items() if is_here(path, cache)]
    choices = tuple(named or wanted or here or by_precision)
    chosen = best_precision(known.shape, gpus, choices) if gpus else choices[0]
    weights, quantization = _shrunk(chosen, options)
    return Model(asked, by_precision[chosen], known.shape, weights, quantization)


def _shrunk(checkpoint: Precision, options: ServeOptions) -> tuple[Precision, str]:
    """The weights' precision once loaded, and how SGLang gets there from the checkpoint's."""
    wanted = options.weights
    if wanted in {"auto", checkpoint} or checkpoint in {"fp8", "int4"}:
        return checkpoint, ""
    if wanted == "fp8":
        return "fp8", "fp8"
    if wanted == "bf16":
        return "bf16", ""
    raise ModelMissingError(
        "SGLang makes no int4 weights from this checkpoint while loading it",
        "Give a checkpoint that has them (AWQ, GPTQ or compressed-tensors), or --weights fp8.",
    )


def _launch_options(settings: Settings, options: ServeOptions, model: Model) -> LaunchOptions:
    paths = ServePaths(settings.home)
    reached = {urlsplit(server).hostname for server in options.servers}
    launching = LaunchOptions(
        model_path=model.checkpoint,
        host=LOOPBACK if reached <= {LOOPBACK, "localhost"} else "0.0.0.0",
        port=options.port or settings.serve_port,
        config_file=str(paths.key),
        served_model_name=Path(model.asked).name if Path(model.asked).is_dir() else model.asked,
        quantization=model.quantization,
        servers=options.servers,
        extra=options.extra,
    )
    if options.dist_init_addr:
        launching = replace(launching, dist_init_address=options.dist_init_addr)
    return launching


def _without_gpus(options: ServeOptions) -> dict[str, str]:
    """What SGLang asks of the environment to run on a CPU."""
    return {"SGLANG_USE_CPU_ENGINE": "1"} if options.on_cpu else {}


def _check_memory(settings: Settings, given: Prepared) -> None:
    """Return if the host memory that the cache is given is there: the system kills who takes more.

    Raises:
        ServingError: If it is not.
    """
    wanted = given.plan.host_bytes if given.plan else 0
    there = machine(settings.home).memory_bytes
    if wanted > there * _MOST_OF_MEMORY:
        raise ServingError(
            f"{wanted / _GB:,.0f} GB of host memory are given to the cache, "
            f"this machine has {there / _GB:,.0f} GB",
            "Give it less: --hicache-gb, DOCQA_HICACHE_GB.",
        )


def _cache_limits(given: Prepared) -> dict[str, str]:
    """Where SGLang keeps KV on the disk, and how much of it: each GPU's process has its share."""
    if not given.plan or not given.plan.disk_bytes:
        return {}
    share = given.plan.disk_bytes // given.plan.layout.tp_size
    return {
        "SGLANG_HICACHE_FILE_BACKEND_STORAGE_DIR": given.options.hicache_path,
        "SGLANG_HICACHE_FILE_BACKEND_MAX_SIZE": str(share),
        "SGLANG_HICACHE_FILE_BACKEND_MIN_FREE_SPACE": str(10 * _GB),
    }
