"""GPUs: how much they hold, how fast they are, and how a set of them is written."""

import re
from dataclasses import dataclass, replace

from docqa.errors import UnknownGpuError

MIB = 1 << 20
_TERA = 1e12
_GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of GPU. Rates are peaks without sparsity, as its maker gives them."""

    name: str
    memory_bytes: int
    """Total memory as the driver reports it, which is what SGLang reads."""
    bf16_flops: float
    """Operations a second in bf16, accumulated in fp32."""
    fp8_flops: float
    """Operations a second in fp8; 0 where the chip has no fp8 units."""
    bandwidth: float
    """Bytes a second from its memory."""
    attention_backend: str = "triton"
    """What SGLang 0.5.23 picks for Llama 4 on it (`arg_groups/model_overrides/llama4.py`)."""
    guessed: bool = False
    """Not in the table: its rates are those of the GPU in it whose memory is nearest."""


def _gpu(name: str, mib: int, bf16: float, fp8: float, gb_s: float, backend: str = "triton") -> Gpu:
    return Gpu(name, mib * MIB, bf16 * _TERA, fp8 * _TERA, gb_s * _GIGA, backend)


GPUS: tuple[Gpu, ...] = (
    # Memory: total in MiB as `nvidia-smi` (AMD: `rocm-smi`) reports it. Rates: the makers' data
    # sheets, the halves of figures that are given "with sparsity".
    _gpu("B200", 183_359, 2_250, 4_500, 8_000, "trtllm_mha"),  # NVIDIA HGX B200 data sheet
    _gpu("H200", 143_771, 989, 1_979, 4_800, "fa3"),  # NVIDIA H200 data sheet
    _gpu("H100", 81_559, 989, 1_979, 3_350, "fa3"),  # NVIDIA H100 data sheet, SXM5 80 GB
    _gpu("H100-NVL", 95_830, 835, 1_671, 3_900, "fa3"),  # NVIDIA H100 NVL data sheet
    _gpu("H100-PCIE", 81_559, 756, 1_513, 2_000, "fa3"),  # NVIDIA H100 data sheet, PCIe
    _gpu("H20", 97_871, 148, 296, 4_000, "fa3"),  # NVIDIA H20 data sheet
    _gpu("A100-80GB", 81_920, 312, 0, 2_039),  # NVIDIA A100 data sheet, SXM 80 GB
    _gpu("A100-40GB", 40_960, 312, 0, 1_555),  # NVIDIA A100 data sheet, SXM 40 GB
    _gpu("L40S", 46_068, 362, 733, 864),  # NVIDIA L40S data sheet
    _gpu("L4", 23_034, 121, 242, 300),  # NVIDIA L4 data sheet
    _gpu("A10G", 23_028, 70, 0, 600),  # NVIDIA A10G, as in AWS g5
    _gpu("RTX-6000-ADA", 49_140, 364, 728, 960),  # NVIDIA RTX 6000 Ada data sheet
    _gpu("RTX-5090", 32_607, 209, 419, 1_792),  # NVIDIA Blackwell GPU architecture paper
    _gpu("RTX-4090", 24_564, 165, 330, 1_008),  # NVIDIA Ada GPU architecture paper
    _gpu("RTX-3090", 24_576, 71, 0, 936),  # NVIDIA GA102 architecture paper
    _gpu("MI300X", 196_592, 1_307, 2_615, 5_300, "aiter"),  # AMD Instinct MI300X data sheet
    _gpu("MI325X", 262_128, 1_307, 2_615, 6_000, "aiter"),  # AMD Instinct MI325X data sheet
)
_SET = re.compile(r"^(?:(?P<nodes>\d+)\s*[x×*]\s*)?(?:(?P<count>\d+)\s*[x×*]\s*)?(?P<name>\D.*)$")


@dataclass(frozen=True, slots=True)
class GpuSet:
    """So many equal GPUs in each of so many equal nodes."""

    gpu: Gpu
    per_node: int = 1
    nodes: int = 1

    @property
    def count(self) -> int:
        """All of them."""
        return self.per_node * self.nodes

    def __str__(self) -> str:
        """As `parse_gpus` reads it."""
        text = f"{self.per_node}x{self.gpu.name}"
        return text if self.nodes == 1 else f"{self.nodes}x{text}"


def parse_gpus(text: str, *, nodes: int = 1) -> GpuSet:
    """GPUs as people write them: `H200`, `8xH200`, `2x8xH100` (two nodes of eight).

    Raises:
        UnknownGpuError: If that is not how they are written, or no GPU of that name is known.
    """
    match = _SET.match(text.strip())
    gpu = known_gpu(match["name"]) if match else None
    if match is None or gpu is None:
        raise UnknownGpuError(text, ", ".join(gpu.name for gpu in GPUS))
    first, second = match["nodes"], match["count"]
    if second is None:
        first, second = None, first
    per_node, in_nodes = int(second or 1), int(first or 1) * nodes
    if per_node < 1 or in_nodes < 1:
        raise UnknownGpuError(text, ", ".join(gpu.name for gpu in GPUS))
    return GpuSet(gpu, per_node, in_nodes)


def known_gpu(name: str, memory_bytes: int = 0) -> Gpu | None:
    """The GPU of this name, as people or drivers write it ("NVIDIA H100 80GB HBM3"), or None.

    `memory_bytes` tells variants of one name apart (A100 with 40 and 80 GB, H100 NVL).
    """
    wanted = _letters(name)
    named = [gpu for gpu in GPUS if _letters(gpu.name) == wanted]
    if not named:
        words = set(re.split(r"[^A-Z0-9]+", name.upper()))
        named = [gpu for gpu in GPUS if _is_named(gpu.name, name.upper(), words)]
    if not named:
        return None
    # The most particular name of those whose memory is nearest: "H100 PCIe" is not the SXM H100.
    off = {gpu: abs(gpu.memory_bytes - memory_bytes) if memory_bytes else 0 for gpu in named}
    return min(named, key=lambda gpu: (off[gpu], -len(gpu.name)))


def gpu_like(name: str, memory_bytes: int) -> Gpu:
    """The GPU that a driver calls so; for one that is not in the table with guessed rates."""
    if known := known_gpu(name, memory_bytes):
        return replace(known, memory_bytes=memory_bytes)
    nearest = min(GPUS, key=lambda gpu: abs(gpu.memory_bytes - memory_bytes))
    return replace(nearest, name=name, memory_bytes=memory_bytes, guessed=True)


def _is_named(gpu: str, driver_name: str, words: set[str]) -> bool:
    """Whether a driver's name is one of this GPU: every word of the model stands in it."""
    model, *rest = (part for part in gpu.split("-") if part not in {"RTX", "80GB", "40GB"})
    return model in words and all(part in driver_name for part in rest)


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())
