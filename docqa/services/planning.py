"""Planning: what a model needs on this machine's GPUs or on others, and how it is launched."""

import shlex
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from docqa.core.capacity import Plan, best_precision, default_kv_precision, plan
from docqa.core.gpus import GpuSet, parse_gpus
from docqa.core.known_models import known_model
from docqa.core.launch import HEAD_NODE
from docqa.core.model_shapes import ModelShape, Precision, precision_from_config, shape_from_config
from docqa.engines.sglang.server_info import ServerInfo
from docqa.errors import EngineError, GpuMissingError, ModelMissingError, UnsizableModelError
from docqa.services.comparing import Comparison, compare
from docqa.services.engines import EngineService
from docqa.services.hardware import Machine, machine
from docqa.services.hardware import detect_gpus as detect_gpus
from docqa.services.serving.launching import prepared
from docqa.services.serving.models import find_model, model_config
from docqa.services.serving.options import Kv, ServeOptions, Weights
from docqa.settings import Settings

GB = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What is asked of the planner; what is empty follows from settings and machine."""

    model: str = ""
    """A known name, a directory, a `config.json` or a hub name whose files are here."""
    gpus: str = ""
    nodes: int = 1
    tokens: int = 0
    """The corpus; 0 for "as much as fits"."""
    weights: Weights = "auto"
    kv: Kv = "auto"
    context_length: int = 0
    host_gb: int = -1
    """Host memory for the hierarchical cache; -1 is the setting."""
    disk_gb: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what follows from it."""

    plan: Plan
    model: str
    checkpoint: str
    """A directory or a name on the hub; empty where none is published."""
    commands: tuple[str, ...] = ()
    """SGLang's command on each node; none where the plan does not fit."""
    serve_command: str = ""
    """The same through docqa; nothing for several nodes, each of which is started by hand."""
    notes: tuple[str, ...] = ()
    compared: tuple[Comparison, ...] = ()
    """Planned beside what the running server reports."""
    server: ServerInfo | None = field(default=None, repr=False)


class PlanningService:
    """Plans models on GPUs. The machine's GPUs are looked for once."""

    def __init__(
        self,
        settings: Settings,
        engines: EngineService,
        *,
        detect: Callable[[str], GpuSet | None] = detect_gpus,
    ) -> None:
        self._settings = settings
        self._engines = engines
        self._detect = detect
        self._found: GpuSet | None = None
        self._looked = False
        self._lock = threading.Lock()

    def gpus(self) -> GpuSet | None:
        """This machine's GPUs, None if it has none. Takes seconds the first time."""
        with self._lock:
            if not self._looked:
                self._found = self._detect(self._settings.serve_python)
                self._looked = True
            return self._found

    def machine(self) -> Machine:
        """Memory and disk of this machine."""
        return machine(self._settings.home)

    def plan(self, request: PlanRequest) -> Planned:
        """Plan a model for these or this machine's GPUs.

        Raises:
            GpuMissingError: If none are named and none are found.
            UnknownGpuError: If those that are named are not known.
            ModelMissingError: If nothing is known of the model and its files are not here.
            UnsizableModelError: If it is no decoder whose cache grows with the tokens.
        """
        asked = request.model or self._settings.serve_model
        gpus = self._gpus(request)
        shape, checkpoints = self._model(asked)
        weights = _weights(shape, gpus, checkpoints, request)
        host_gb = self._settings.hicache_gb if request.host_gb < 0 else request.host_gb
        disk_gb = self._settings.hicache_disk_gb if request.disk_gb < 0 else request.disk_gb
        made = plan(
            shape,
            gpus,
            weight_precision=weights,
            kv_precision=default_kv_precision(gpus) if request.kv == "auto" else request.kv,
            tokens=request.tokens,
            context_length=request.context_length,
            host_bytes=host_gb * GB,
            disk_bytes=disk_gb * GB,
        )
        options = ServeOptions(
            model=asked,
            gpus=request.gpus,
            nodes=request.nodes,
            weights=_option(weights),
            kv=request.kv,
            context_length=request.context_length,
            hicache_gb=-1 if host_gb == self._settings.hicache_gb else host_gb,
            hicache_disk_gb=-1 if disk_gb == self._settings.hicache_disk_gb else disk_gb,
        )
        planned = Planned(
            plan=made,
            model=asked,
            checkpoint=checkpoints.get(weights) or next(iter(checkpoints.values()), ""),
            notes=made.notes,
        )
        return self._launched(planned, options) if made.fits else planned

    def beside_server(self, planned: Planned) -> Planned:
        """The same with what the running server reports; as it is where none is in force.

        The server is asked, which takes a moment. Figures of its memory are compared with the plan
        where it runs on GPUs, and with the shape of its model alone otherwise.
        """
        try:
            info = self._engines.server_info()
        except EngineError as error:
            note = f"the server that answers questions cannot be compared with: {error}"
            return replace(planned, notes=(*planned.notes, note))
        if info is None:
            return planned
        return replace(planned, server=info, compared=self._compared(planned, info))

    def _compared(self, planned: Planned, info: ServerInfo) -> tuple[Comparison, ...]:
        same = info.model_path in {planned.checkpoint, planned.model} or info.model == planned.model
        try:
            shape = planned.plan.shape if same else self._model(info.model_path)[0]
        except (ModelMissingError, UnsizableModelError):
            return ()
        on_gpus = same and info.facts.get("device") != "cpu"
        return compare(shape, info, planned.plan if on_gpus else None)

    def _launched(self, planned: Planned, options: ServeOptions) -> Planned:
        try:
            given = prepared(self._settings, options, detect=self.gpus)
        except ModelMissingError as error:
            return replace(planned, notes=(*planned.notes, f"no command: {error}. {error.hint}"))
        if given.distributed:
            note = f"put the first node's address in place of {HEAD_NODE}; run one command on each"
            notes = (*planned.notes, note)
            return replace(planned, commands=given.commands, notes=notes)
        serve = shlex.join(("docqa", "serve", *options.arguments()))
        return replace(planned, commands=given.commands, serve_command=serve)

    def _gpus(self, request: PlanRequest) -> GpuSet:
        if request.gpus:
            return parse_gpus(request.gpus, nodes=request.nodes)
        found = self.gpus()
        if found is None:
            raise GpuMissingError
        return replace(found, nodes=found.nodes * request.nodes)

    def _model(self, asked: str) -> tuple[ModelShape, Mapping[Precision, str]]:
        """The model's shape, and its checkpoint in each precision that there is."""
        path = Path(asked).expanduser()
        if not path.exists():
            try:
                known = known_model(asked)
            except UnsizableModelError:
                pass
            else:
                return known.shape, known.checkpoints
        folder = path.parent if path.is_file() and path.suffix == ".json" else path
        name = str(folder) if folder.is_dir() else asked
        found = find_model(name, self._settings.hub_cache, with_weights=False)
        config = model_config(found)
        shape = shape_from_config(config, name=Path(name).name)
        return shape, {precision_from_config(config): str(found)}


def _weights(
    shape: ModelShape, gpus: GpuSet, checkpoints: Mapping[Precision, str], request: PlanRequest
) -> Precision:
    if request.weights != "auto":
        return request.weights
    return best_precision(
        shape,
        gpus,
        tuple(checkpoints) or ("bf16",),
        tokens=max(request.tokens, request.context_length),
        kv_precision=None if request.kv == "auto" else request.kv,
    )


def _option(weights: Precision) -> Weights:
    return "auto" if weights == "fp32" else weights
