"""How servers tell the size of their window."""

from collections.abc import Callable, Mapping
from typing import Any

from docqa.engines.chat_client import ChatClient
from docqa.engines.presets import Probe

_KEYS = (
    "max_model_len",  # vLLM, SGLang
    "context_length",  # OpenRouter, Together, Fireworks
    "context_window",  # Groq
    "max_context_length",
    "loaded_context_length",
)


def window_of(client: ChatClient, model: str, probe: Probe, *, load: bool) -> int | None:
    """The window of this model in tokens, None if the server does not tell.

    `load` allows to have the model loaded where only a loaded model's window is known (Ollama).

    Raises:
        EngineError: If the server cannot be reached or refuses.
    """
    ways: Mapping[Probe, tuple[Callable[[], int | None], ...]] = {
        "ollama": (lambda: _ollama(client, model, load=load),),
        "lm_studio": (lambda: _lm_studio(client, model),),
        "llama_cpp": (lambda: _llama_cpp(client), lambda: _listed(client, model)),
        "models": (lambda: _listed(client, model),),
        "any": (
            lambda: _llama_cpp(client),
            lambda: _lm_studio(client, model),
            lambda: _ollama(client, model, load=False),
            lambda: _listed(client, model),
        ),
    }
    return next((window for way in ways[probe] if (window := way())), None)


def _ollama(client: ChatClient, model: str, *, load: bool) -> int | None:
    if window := _ollama_loaded(client, model):
        return window
    # What the model was trained with is not what Ollama loads it with: only a `num_ctx` of the
    # model's own says that ahead of loading.
    shown = client.post_json(client.root_url + "/api/show", {"model": model})
    parameters = str(shown.get("parameters") or "") if isinstance(shown, dict) else ""
    for line in parameters.splitlines():
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx" and value.strip().isdigit():
            return int(value)
    if not load or shown is None:
        return None
    client.post_json(client.root_url + "/api/generate", {"model": model, "stream": False})
    return _ollama_loaded(client, model)


def _ollama_loaded(client: ChatClient, model: str) -> int | None:
    told = client.get_json(client.root_url + "/api/ps")
    for entry in _entries(told, "models"):
        names = {str(entry.get("name")), str(entry.get("model"))}
        if names & {model, f"{model}:latest"}:
            return _size(entry.get("context_length"))
    return None


def _lm_studio(client: ChatClient, model: str) -> int | None:
    told = client.get_json(client.root_url + "/api/v0/models")
    for entry in _entries(told, "data"):
        if entry.get("id") == model:
            return _size(entry.get("loaded_context_length"))
    return None


def _llama_cpp(client: ChatClient) -> int | None:
    told = client.get_json(client.root_url + "/props")
    settings = told.get("default_generation_settings") if isinstance(told, dict) else None
    return _size(settings.get("n_ctx")) if isinstance(settings, dict) else None


def _listed(client: ChatClient, model: str) -> int | None:
    entries = client.model_entries()
    chosen = [entry for entry in entries if entry.get("id") == model] or entries[:1]
    for entry in chosen:
        meta = entry.get("meta")
        sizes = [_size(entry.get(key)) for key in _KEYS]
        sizes.append(_size(meta.get("n_ctx")) if isinstance(meta, dict) else None)
        return next((size for size in sizes if size), None)
    return None


def _entries(told: object, key: str) -> list[dict[str, Any]]:
    entries = told.get(key) if isinstance(told, dict) else None
    return [entry for entry in entries or [] if isinstance(entry, dict)]


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
