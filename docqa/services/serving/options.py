"""What a user decides about the server; everything else follows from the plan."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from docqa.core.gpus import parse_gpus

Weights = Literal["auto", "bf16", "fp8", "int4"]
Kv = Literal["auto", "bf16", "fp8"]

OWN_FLAGS = frozenset(
    {"--host", "--port", "--config", "--api-key", "--model-path", "--model", "--nnodes"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Options of `docqa serve`; what is empty or 0 follows from settings, machine and plan."""

    model: str = ""
    """A known name, a directory or a hub name."""
    gpus: str = ""
    """For example `8xH200`, or `2x8xH100` for two nodes; empty asks the machine."""
    nodes: int = 1
    servers: tuple[str, ...] = ()
    """Addresses of several equal servers, for a router in front of them."""
    weights: Weights = "auto"
    kv: Kv = "auto"
    context_length: int = 0
    port: int = 0
    hicache_gb: int = -1
    """Host memory for the hierarchical cache, in GB; -1 is the setting."""
    hicache_disk_gb: int = -1
    dist_init_addr: str = ""
    extra: tuple[str, ...] = ()
    """Arguments for SGLang, as they are; they win over those of the plan."""

    @property
    def spread(self) -> bool:
        """Whether more than one machine takes part.

        Raises:
            UnknownGpuError: If the GPUs are not known.
        """
        named = parse_gpus(self.gpus, nodes=self.nodes).nodes if self.gpus else self.nodes
        return named > 1 or bool(self.servers)

    @property
    def on_cpu(self) -> bool:
        """Whether SGLang is told to do without GPUs."""
        return self._has("--device", "cpu")

    @property
    def dummy(self) -> bool:
        """Whether SGLang is told to make weights up: a model's shape is measured without them."""
        return self._has("--load-format", "dummy")

    @property
    def clashing(self) -> tuple[str, ...]:
        """Arguments for SGLang that docqa has to set itself, or it would not find the server."""
        given = {part.split("=")[0] for part in self.extra}
        return tuple(sorted(given & OWN_FLAGS))

    def arguments(self) -> list[str]:
        """These options, as `docqa serve` takes them."""
        flags = {
            "--model": self.model,
            "--gpus": self.gpus,
            "--nodes": str(self.nodes) if self.nodes > 1 else "",
            "--weights": self.weights if self.weights != "auto" else "",
            "--kv": self.kv if self.kv != "auto" else "",
            "--context-length": str(self.context_length or ""),
            "--port": str(self.port or ""),
            "--hicache-gb": str(self.hicache_gb) if self.hicache_gb >= 0 else "",
            "--hicache-disk-gb": str(self.hicache_disk_gb) if self.hicache_disk_gb >= 0 else "",
            "--dist-init-addr": self.dist_init_addr,
        }
        given = [part for flag, value in flags.items() if value for part in (flag, value)]
        given += [part for server in self.servers for part in ("--server", server)]
        return [*given, "--", *self.extra] if self.extra else given

    def _has(self, flag: str, value: str) -> bool:
        given = " ".join(self.extra).replace("=", " ").split()
        return (flag, value) in pairwise(given)
