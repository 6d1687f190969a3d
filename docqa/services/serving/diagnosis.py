"""Why a server died, from the last lines of its log: in words, and what to do."""

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

_LESS = (
    "more or larger GPUs, fp8 weights (--weights fp8) or an fp8 KV cache (--kv fp8), or a "
    "shorter window (--context-length); `docqa plan` says what fits."
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A cause in words, and what to do about it."""

    error: str
    hint: str = ""
    lasting: bool = False
    """Whether the next start would end in the same way."""


@dataclass(frozen=True, slots=True)
class _Sign:
    pattern: str
    error: str
    """May name groups of the pattern."""
    hint: str
    lasting: bool = True


_SIGNS = (
    _Sign(
        r"Not enough memory\. Please try to increase --mem-fraction-static",
        "the weights leave no GPU memory for the KV cache",
        "Use " + _LESS,
    ),
    _Sign(
        r"OutOfMemoryError|(?:CUDA|HIP) out of memory|cudaErrorMemoryAllocation",
        "the GPUs ran out of memory",
        "Another program may hold some of it (nvidia-smi shows that). Otherwise use " + _LESS,
        lasting=False,
    ),
    _Sign(
        r"[Aa]ddress already in use|EADDRINUSE",
        "another program listens on a port that the server needs",
        "Stop that program, or take another port (--port).",
    ),
    _Sign(
        r"error: unrecognized arguments: (?P<what>.+)",
        "this SGLang does not know the flags {what}",
        "Install the version docqa was written for: pip install sglang==0.5.23",
    ),
    _Sign(
        r"error: argument (?P<what>\S+): (?P<why>.+)",
        "SGLang refuses {what}: {why}",
        "Correct what was passed after `--`, or install sglang==0.5.23.",
    ),
    _Sign(
        r"ModuleNotFoundError: No module named '(?P<what>[^']+)'",
        "the environment of SGLang lacks the package {what}",
        "Install SGLang there again with all it needs: pip install sglang==0.5.23",
    ),
    _Sign(
        r"No space left on device",
        "no space is left on the disk",
        "Free some space where DOCQA_HOME, the model and temporary files are.",
    ),
    _Sign(
        r"LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled",
        "a file of the model is not on this machine, and docqa serve downloads nothing",
        "Download the whole model first: hf download MODEL",
    ),
    _Sign(
        r"SafetensorError|HeaderTooLarge|InvalidHeaderDeserialization|MetadataIncompleteBuffer",
        "a file of the model's weights is damaged or incomplete",
        "Download the model again, or copy it again from where it came.",
    ),
    _Sign(
        r"driver version is insufficient|no kernel image is available|"
        r"Found no NVIDIA driver|No CUDA GPUs are available|no NVIDIA driver",
        "the GPU or its driver does not suit this build of PyTorch",
        "Look at `nvidia-smi` on this machine; update the driver or install a matching PyTorch.",
    ),
    _Sign(
        r"DistBackendError|NCCL error|ncclSystemError|DistNetworkError|Timed out .*rendezvous",
        "the GPUs or nodes cannot reach each other (NCCL)",
        "Check that all nodes were started, and --dist-init-addr, firewall and shared memory.",
        lasting=False,
    ),
    _Sign(
        r"Model architectures? \[?'?(?P<what>\w+)'?\]? .*not supported",
        "SGLang cannot run the architecture {what}",
        "Choose another model; SGLang's documentation lists those that it runs.",
    ),
    _Sign(
        r"[Ww]atchdog timeout",
        "a step took longer than SGLang's watchdog allows",
        "If the GPUs are only slow, allow more: docqa serve -- --watchdog-timeout 1200",
        lasting=False,
    ),
)
_RAISED = re.compile(r"^\s*(?:[\w.]+\.)?(?P<what>[A-Z]\w*(?:Error|Exception|Exit)): (?P<why>.+)")


def diagnose(lines: Sequence[str], returncode: int | None) -> Diagnosis:
    """What the last lines of a log and the exit status say about the end of a server."""
    for sign in _SIGNS:
        # The first cause counts: what comes after it in a log are its consequences.
        for line in lines:
            if found := re.search(sign.pattern, line):
                return Diagnosis(sign.error.format(**found.groupdict()), sign.hint, sign.lasting)
    if returncode == -signal.SIGKILL:
        return Diagnosis(
            "the system killed it, most often because the machine's memory was full",
            "Look for `Out of memory` in the system's log (dmesg); a model needs about as much "
            "host memory as one file of its weights for each GPU, and what --hicache-gb says.",
        )
    raised = [found for line in lines if (found := _RAISED.search(line))]
    if raised:
        last = raised[-1]
        return Diagnosis(f"{last['what']}: {last['why'][:300]}")
    return Diagnosis(_ended(returncode))


def _ended(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:
            name = str(-returncode)
        return f"it was ended by signal {name}"
    return f"it ended with exit status {returncode}"
