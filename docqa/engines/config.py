"""What an engine is made from."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """One engine's settings; what is empty or 0 is taken from the preset or asked of the engine."""

    name: str
    """One of the names of `DOCQA_ENGINE`, not `auto` and not `extractive`."""
    cache_path: Path
    """Folder for what can be made again: converted models."""
    preset: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    """A model's name, or for `embedded` the path of a GGUF file."""
    context_length: int = 0
    """Window in tokens; for a server that tells its own the smaller of the two counts."""
    timeout_s: float = 600.0
    """Seconds to wait for the next piece of an answer."""
