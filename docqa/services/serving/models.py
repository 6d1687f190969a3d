"""Finding the model to serve on this machine. Nothing is asked of a hub, nothing downloaded."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docqa.core.known_models import MODELS
from docqa.errors import ModelMissingError

_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth")
_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")


def find_model(name: str, hub_cache: Path, *, with_weights: bool = True) -> Path:
    """The directory of a model: itself, or the hub's copy of this name on this machine.

    Raises:
        ModelMissingError: If it is not here, or files of it are missing.
    """
    directory = Path(name).expanduser()
    if directory.is_dir():
        found = directory.absolute()
        hint = "Copy the whole model directory again from where it came."
    elif directory.is_file():
        raise ModelMissingError(
            f"{name!r} is a file, not a model directory",
            "Give the directory with config.json and *.safetensors. A GGUF file runs in docqa "
            "itself: choose it on the Engine page.",
        )
    elif _HUB_NAME.fullmatch(name) and not name.startswith("."):
        hint = _download(name)
        found = _snapshot(hub_cache, name)
    else:
        raise ModelMissingError(
            f"there is no model directory {name!r}",
            f"Give a directory, a hub name (organisation/model) or one of: {', '.join(MODELS)}.",
        )
    _check_complete(name, found, hint, with_weights=with_weights)
    return found


def is_here(name: str, hub_cache: Path) -> bool:
    """Whether all of this model is on this machine."""
    try:
        find_model(name, hub_cache)
    except ModelMissingError:
        return False
    return True


def model_config(found: Path) -> dict[str, Any]:
    """What a model directory's `config.json` says.

    Raises:
        ModelMissingError: If it cannot be read.
    """
    try:
        config = json.loads((found / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissingError(
            f"{str(found / 'config.json')!r} cannot be read: {error}",
            "Copy the whole model directory again from where it came.",
        ) from error
    return config if isinstance(config, dict) else {}


def _download(name: str) -> str:
    return (
        f"Download it first: hf download {name} (Meta's models ask you to accept their licence on "
        f"https://huggingface.co/{name}, and for `hf auth login`). Without a network, copy the "
        "directory here and give its path: docqa serve --model PATH"
    )


def _snapshot(hub_cache: Path, name: str) -> Path:
    """The copy that the hub's tools would load: of revision `main`, else the newest."""
    folder = hub_cache / ("models--" + name.replace("/", "--"))
    reference = folder / "refs" / "main"
    if reference.is_file():
        found = folder / "snapshots" / reference.read_text("utf-8").strip()
        if (found / "config.json").is_file():
            return found.absolute()
    copies = sorted(folder.glob("snapshots/*/config.json"), key=lambda path: path.stat().st_mtime)
    if not copies:
        raise ModelMissingError(f"the model {name!r} is not on this machine", _download(name))
    return copies[-1].parent.absolute()


def _check_complete(name: str, found: Path, hint: str, *, with_weights: bool) -> None:
    if not (found / "config.json").is_file():
        raise ModelMissingError(f"{name!r} has no config.json, so it is no model directory", hint)
    if not with_weights:
        return
    wanted = _indexed(found)
    missing = [file for file in sorted(wanted) if not (found / file).exists()]
    if missing:
        raise ModelMissingError(
            f"{len(missing)} of {len(wanted)} files of weights are missing from {name!r} "
            f"(the first is {missing[0]})",
            hint,
        )
    if not wanted and not _any(path for kind in _WEIGHTS for path in found.glob(kind)):
        raise ModelMissingError(f"{name!r} has a config.json but no weights", hint)


def _indexed(found: Path) -> set[str]:
    """The files of weights that the directory's own list names."""
    for index in _INDEXES:
        try:
            listed = json.loads((found / index).read_text("utf-8"))["weight_map"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return set(listed.values())
    return set()


def _any(paths: Iterable[Path]) -> bool:
    # A link to a file whose download has not ended leads nowhere.
    return any(path.exists() for path in paths)
