"""What this machine has: GPUs, memory, disk."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from docqa.core.gpus import MIB, GpuSet, gpu_like

_TIMEOUT_S = 120
_TORCH = (
    "import importlib.util as u, json\n"
    "found = []\n"
    "if u.find_spec('torch'):\n"
    "    from torch import cuda\n"
    "    for i in range(cuda.device_count() if cuda.is_available() else 0):\n"
    "        p = cuda.get_device_properties(i)\n"
    "        found.append([p.name, p.total_memory])\n"
    "print(json.dumps(found))"
)
_NVIDIA = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")

Ask = Callable[[Sequence[str]], str]
"""Runs a command; its standard output, or nothing if it fails or is not there."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory and disk of this machine, in bytes."""

    memory_bytes: int
    memory_available_bytes: int
    disk_free_bytes: int
    """On the disk that holds the data folder."""


def machine(folder: Path) -> Machine:
    """What this machine has beside GPUs; the disk is the one that holds `folder`."""
    memory = psutil.virtual_memory()
    existing = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    return Machine(memory.total, memory.available, shutil.disk_usage(existing).free)


def run(command: Sequence[str]) -> str:
    """Run a command for its answer; nothing if it fails, takes too long or is not there."""
    try:
        asked = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout if asked.returncode == 0 else ""


def detect_gpus(python: str = "", *, ask: Ask = run) -> GpuSet | None:
    """This machine's GPUs, None if none is found.

    PyTorch is asked first, where `python` (docqa's own if empty) has it: it sees the GPUs that
    SGLang would see, AMD's among them. Then the driver's tool. In a process of its own either way,
    so that no GPU memory is held here. Of different GPUs those count that are most.
    """
    found = _from_torch(ask((python or sys.executable, "-c", _TORCH)))
    found = found or _from_driver(ask(_NVIDIA))
    if not found:
        return None
    (name, _), count = Counter(found).most_common(1)[0]
    memory = min(size for other, size in found if other == name)
    return GpuSet(gpu_like(name, memory), count)


def _from_torch(text: str) -> list[tuple[str, int]]:
    try:
        return [(str(name), int(size)) for name, size in json.loads(text or "[]")]
    except (ValueError, TypeError):
        return []


def _from_driver(text: str) -> list[tuple[str, int]]:
    found = []
    for line in text.splitlines():
        name, _, mib = line.rpartition(",")
        if name and mib.strip().isdigit():
            found.append((name.strip(), int(mib) * MIB))
    return found
