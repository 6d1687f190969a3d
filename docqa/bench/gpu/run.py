"""Measuring one configuration after the other, each result kept as it comes."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from docqa.bench.gpu.setup import LAUNCH_S, QUESTIONS, Configuration, GpuSetup, KvPrecision
from docqa.bench.prefix.measure import BenchOptions
from docqa.bench.prefix.run import opened_target, run_prefix_bench
from docqa.core.capacity import Plan
from docqa.engines.sglang.server_info import ServerInfo
from docqa.errors import DocqaError
from docqa.services.comparing import compare
from docqa.services.engines import EngineService
from docqa.services.serving.options import ServeOptions
from docqa.settings import Settings
from docqa.store.store import Store

_KEPT_LINES = ("kv cache", "pool", "max_total_num_tokens", "avail mem", "graph", "error")

Serve = Callable[[ServeOptions], AbstractContextManager[Settings]]
"""Runs a server for as long as the context is open; the settings reach it."""


@dataclass(kw_only=True)
class GpuBench:
    """Measures what is missing in `out`, as far as the time goes."""

    setup: GpuSetup
    out: Path
    model: Path
    port: int
    serve: Serve
    budget_s: float
    """Seconds that all may take: what would take longer by the planner is left out."""
    notify: Callable[[str], None] = lambda text: None
    now: Callable[[], float] = time.monotonic
    log: Callable[[], tuple[str, ...]] = tuple
    """The server's last lines."""
    gpu: str = ""
    """What the driver says of the GPU."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why a configuration was not measured, by its name."""

    def run(self) -> list[dict[str, Any]]:
        """The results of all configurations, earlier ones included; each is kept as it comes."""
        self.out.mkdir(parents=True, exist_ok=True)
        self._end = self.now() + self.budget_s
        for kv in self.setup.kv:
            missing = [each for each in self.setup.configurations(kv) if not self._done(each)]
            if missing and self._affords(missing[0], LAUNCH_S):
                self._measure_all(kv, missing)
            for each in missing:
                if not self._path(each).exists():
                    self.skipped.setdefault(each.name, "the time was over")
        found = [each for kv in self.setup.kv for each in self.setup.configurations(kv)]
        return [self._read(each) for each in found if self._path(each).exists()]

    def _measure_all(self, kv: KvPrecision, missing: list[Configuration]) -> None:
        options = self.setup.serve_options(self.model, kv, self.port)
        try:
            with self.serve(options) as settings:
                for each in missing:
                    if self._affords(each):
                        self._keep(each, self._measured(each, settings))
        except DocqaError as error:
            failed = next((each for each in missing if not self._path(each).exists()), missing[-1])
            said = {"error": str(error), "hint": error.hint, "log": list(self.log()[-50:])}
            self._keep(failed, said)

    def _measured(self, configuration: Configuration, settings: Settings) -> dict[str, Any]:
        self.notify(f"{configuration.name}: measuring")
        options = BenchOptions(
            tokens=(configuration.tokens,), cold_runs=self.setup.cold_runs, questions=QUESTIONS
        )
        with opened_target(settings, compare=self.setup.compare) as target:
            report = run_prefix_bench(
                target, options, notify=lambda text: self.notify(f"{configuration.name}: {text}")
            )
        info = server_info(settings)
        plan = self.setup.plan(configuration)
        return {
            "report": report.to_json(),
            "pool": pool_of(info),
            "plan": estimates(plan),
            "compared": [asdict(row) for row in compare(self.setup.shape, info, plan)]
            if info
            else [],
            "server_info": without_keys(info.facts) if info else {},
            "log": [line for line in self.log() if _tells(line)],
        }

    def _affords(self, configuration: Configuration, launching_s: float = 0.0) -> bool:
        """Whether there is time for it; says so if not."""
        needed = launching_s + self.setup.seconds(configuration)
        left = self._end - self.now()
        if needed <= left:
            return True
        why = f"it takes about {needed:,.0f} s and {max(0.0, left):,.0f} s were left"
        self.skipped[configuration.name] = why
        self.notify(f"{configuration.name}: left out, {why}")
        return False

    def _done(self, configuration: Configuration) -> bool:
        path = self._path(configuration)
        return path.exists() and "report" in json.loads(path.read_text(encoding="utf-8"))

    def _keep(self, configuration: Configuration, result: Mapping[str, Any]) -> None:
        facts = {
            "name": configuration.name,
            "kv": configuration.kv,
            "tokens": configuration.tokens,
            "layers": self.setup.layers,
            "gpu": self.gpu or str(self.setup.gpus),
        }
        text = json.dumps(facts | dict(result), ensure_ascii=False) + "\n"
        self._path(configuration).write_text(text, encoding="utf-8")

    def _read(self, configuration: Configuration) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self._path(configuration).read_text(encoding="utf-8"))
        return value

    def _path(self, configuration: Configuration) -> Path:
        return self.out / f"{self.setup.model_name}-{configuration.name}.json"


def estimates(plan: Plan) -> dict[str, Any]:
    """What of a plan stands beside what was measured."""
    return {
        "prefill_s": plan.prefill_s,
        "warm_first_token_s": plan.warm_first_token_s,
        "decode_s_per_token": plan.decode_s_per_token,
        "max_tokens": plan.max_tokens,
        "pool_bytes_per_token": plan.pool_bytes_per_token,
        "weights_bytes": plan.weights_bytes,
        "assumptions": list(plan.assumptions),
    }


def server_info(settings: Settings) -> ServerInfo | None:
    """What the server of these settings tells.

    Raises:
        EngineError: If it does not answer.
    """
    store = Store(settings.home)
    engines = EngineService(settings, store)
    try:
        return engines.server_info()
    finally:
        engines.close()
        store.close()


def pool_of(info: ServerInfo | None) -> str:
    """Which KV pool SGLang made."""
    if info is None:
        return "unknown"
    local = info.facts.get("memory_usage", {}).get("token_capacity_swa")
    return "all layers" if local is None else f"hybrid, {local:,} local tokens"


def without_keys(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a server without its keys."""
    return {name: value for name, value in facts.items() if "api_key" not in name}


def _tells(line: str) -> bool:
    return any(word in line.lower() for word in _KEPT_LINES)
