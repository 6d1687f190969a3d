"""Servers that speak `/v1`: their addresses, and whether text leaves the machine for them."""

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Probe = Literal["ollama", "lm_studio", "llama_cpp", "models", "any"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A server or service by its usual settings; every one of them can be set otherwise."""

    name: str
    label: str
    base_url: str
    default_model: str = ""
    """Taken when the user names none; empty asks the server which one it serves."""
    needs_key: bool = False
    leaves_machine: bool = False
    """By the usual address; `leaves_machine()` judges the one in use."""
    window_probe: Probe = "models"
    """How the server is asked for its window; `any` tries all ways."""
    start_hint: str = ""
    """What to do when nothing answers at the address."""


def _local(
    name: str, label: str, port: int, window_probe: Probe, start_hint: str, default_model: str = ""
) -> Preset:
    return Preset(
        name,
        label,
        f"http://127.0.0.1:{port}/v1",
        default_model,
        window_probe=window_probe,
        start_hint=start_hint,
    )


def _service(name: str, label: str, base_url: str, default_model: str) -> Preset:
    return Preset(name, label, base_url, default_model, needs_key=True, leaves_machine=True)


PRESETS: tuple[Preset, ...] = (
    _local("ollama", "Ollama", 11434, "ollama", "Start it with `ollama serve`."),
    _local("lm_studio", "LM Studio", 1234, "lm_studio", "Start its server in the Developer tab."),
    _local(
        "llama_cpp",
        "llama.cpp server",
        8080,
        "llama_cpp",
        "Start it with `llama-server -m MODEL.gguf`.",
    ),
    _local("sglang", "SGLang over /v1", 30000, "models", "Start it with `docqa serve`."),
    _local("vllm", "vLLM", 8000, "models", "Start it with `vllm serve MODEL`."),
    _local("llama_stack", "Llama Stack", 8321, "models", "Start it with `llama stack run`."),
    _service(
        "llama_api",
        "Llama API",
        "https://api.llama.com/compat/v1",
        "Llama-4-Scout-17B-16E-Instruct-FP8",
    ),
    _service(
        "together",
        "Together AI",
        "https://api.together.xyz/v1",
        "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    ),
    _service(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "meta-llama/llama-4-scout-17b-16e-instruct",
    ),
    _service(
        "fireworks",
        "Fireworks AI",
        "https://api.fireworks.ai/inference/v1",
        "accounts/fireworks/models/llama4-scout-instruct-basic",
    ),
    _service(
        "openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "meta-llama/llama-4-scout"
    ),
    _service(
        "deepinfra",
        "DeepInfra",
        "https://api.deepinfra.com/v1/openai",
        "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    ),
    _service(
        "nvidia",
        "NVIDIA NIM",
        "https://integrate.api.nvidia.com/v1",
        "meta/llama-4-scout-17b-16e-instruct",
    ),
    Preset("other", "Another server", "", window_probe="any"),
)


def preset(name: str) -> Preset | None:
    """The preset of this name."""
    return next((each for each in PRESETS if each.name == name), None)


def leaves_machine(base_url: str, model: str = "") -> bool:
    """Whether a request to this address goes to another machine.

    Only loopback addresses stay. Ollama's `-cloud` models do not, although the server is local.
    """
    if model.endswith(("-cloud", ":cloud")):
        return True
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_loopback
