"""What is measured on a GPU, and what the planner says of it beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docqa.bench.gpu.model import GLOBAL_EVERY, LAYERS, scout_config
from docqa.core.capacity import Plan, plan
from docqa.core.gpus import GpuSet
from docqa.core.model_shapes import ModelShape, shape_from_config
from docqa.errors import ServingError
from docqa.services.serving.options import ServeOptions

KvPrecision = Literal["fp8", "bf16"]
KINDS: tuple[KvPrecision, ...] = ("fp8", "bf16")
SIZES = (131_072, 524_288, 1_048_576)
"""Corpora in tokens: 128K, 512K and 1M."""
QUESTIONS = 5
"""Warm questions of a configuration."""
QUESTION_ROOM = 16_384
"""Tokens of the window beside the corpus: questions with their hints, answers, a margin."""
LAUNCH_S = 240.0
"""Assumed seconds until SGLang is healthy: weights made up, graphs captured."""
MARGIN = 1.5
"""What an estimate is multiplied with before it is held against the time that is left."""
BESIDE_S = 60.0
"""Assumed seconds of a configuration beside its cold prefills."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One thing to measure: a corpus of so many tokens, its KV in this precision."""

    kv: KvPrecision
    tokens: int

    @property
    def name(self) -> str:
        """Names the file of its results."""
        return f"{self.kv}-{self.tokens}"


@dataclass(frozen=True, slots=True)
class GpuSetup:
    """What is measured on which GPUs."""

    gpus: GpuSet
    layers: int
    tokens: tuple[int, ...] = SIZES
    kv: tuple[KvPrecision, ...] = KINDS
    cold_runs: int = 1
    compare: bool = False

    @property
    def shape(self) -> ModelShape:
        """Scout's shape with these layers."""
        return shape_from_config(scout_config(self.layers), name=self.model_name)

    @property
    def model_name(self) -> str:
        """What the model's directory is called, and so the model."""
        return f"scout-shape-{self.layers}-layers"

    @property
    def context_length(self) -> int:
        """The window that the server is given, the same for all sizes."""
        return max(self.tokens) + QUESTION_ROOM

    def configurations(self, kv: KvPrecision) -> Iterator[Configuration]:
        """What is measured on one server, the small ones first."""
        return (Configuration(kv, tokens) for tokens in sorted(set(self.tokens)))

    def plan(self, configuration: Configuration) -> Plan:
        """What the planner says of a configuration."""
        return plan(
            self.shape,
            self.gpus,
            weight_precision="bf16",
            kv_precision=configuration.kv,
            tokens=configuration.tokens,
            context_length=self.context_length,
        )

    def seconds(self, configuration: Configuration) -> float:
        """An estimate of how long a configuration takes, with a margin."""
        # Beside docqa's way, chat messages are as cold as often, and then each flush is.
        prefills = self.cold_runs
        if self.compare:
            prefills += self.cold_runs + 1 + QUESTIONS
        return BESIDE_S + MARGIN * prefills * self.plan(configuration).prefill_s

    def serve_options(self, model: Path, kv: KvPrecision, port: int) -> ServeOptions:
        """How `docqa serve` launches the server for this precision."""
        return ServeOptions(
            model=str(model),
            kv=kv,
            weights="bf16",
            context_length=self.context_length,
            port=port,
            extra=("--load-format", "dummy"),
        )


def most_layers(gpus: GpuSet, tokens: int) -> int:
    """The most layers, in whole groups of local and global ones, that fit with a bf16 cache.

    Raises:
        ServingError: If not even one group fits.
    """
    for layers in range(LAYERS, 0, -GLOBAL_EVERY):
        setup = GpuSetup(gpus, layers, (tokens,), ("bf16",))
        if setup.plan(Configuration("bf16", tokens)).fits:
            return layers
    raise ServingError(
        f"not even {GLOBAL_EVERY} layers of Scout's shape and {tokens:,} tokens fit {gpus}",
        "Give fewer --tokens, or more GPUs.",
    )
