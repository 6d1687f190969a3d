"""What a GGUF file says of itself: its window, its sizes, its vocabulary.

The layout is that of ggml's `docs/gguf.md`, versions 2 and 3. The `gguf` package reads the same in
seconds, where these few keys take a tenth of one.
"""

import hashlib
import mmap
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docqa.errors import EngineNotConfiguredError

_MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_QUANTIZATION = re.compile(r"\.(?:I?Q\d\w*|B?F\d+)$")
_VOCABULARY = (
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.merges",
)


@dataclass(frozen=True, slots=True)
class GgufFile:
    """A model file and the metadata that matter here."""

    path: Path
    name: str
    context_length: int
    """The window it was trained for, in tokens; 0 if the file does not say."""
    kv_bytes_per_token: int
    """Bytes of KV cache for each token, at two bytes a value."""
    pre_tokenizer: str
    """llama.cpp's name for the way that text is split, such as `smollm` or `llama-bpe`."""
    vocabulary_hash: str
    tokens: tuple[bytes, ...]
    merges: tuple[bytes, ...]


def read_gguf(path: Path) -> GgufFile:
    """The metadata of this file.

    Raises:
        EngineNotConfiguredError: If it is not there or not a GGUF file.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found = _Metadata(data).read()
    except (OSError, ValueError, struct.error, IndexError, KeyError, MemoryError) as error:
        raise EngineNotConfiguredError(
            "embedded", f"{str(path)!r} is not a GGUF file that can be read ({error})"
        ) from error
    return _described(path, found)


class _Metadata:
    """A reader of the key-value pairs at the beginning of a file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def read(self) -> dict[str, Any]:
        if self._data[:4] != _MAGIC:
            raise ValueError("it does not begin with GGUF")
        version, _tensors, pairs = struct.unpack_from("<IQQ", self._data, 4)
        if version not in (2, 3):
            raise ValueError(f"version {version}")
        self._at = 24
        found: dict[str, Any] = {}
        for _ in range(pairs):
            key = self._string().decode()
            found[key] = self._value(self._number("<I"))
        return found

    def _value(self, kind: int) -> Any:  # noqa: ANN401
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._number(_NUMBERS[kind])
        kind, length = self._number("<I"), self._number("<Q")
        if kind in _NUMBERS:
            layout = f"<{length}{_NUMBERS[kind][1]}"
            values = struct.unpack_from(layout, self._data, self._at)
            self._at += struct.calcsize(layout)
            return values
        return tuple(self._value(kind) for _ in range(length))

    def _number(self, layout: str) -> Any:  # noqa: ANN401
        (value,) = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return value

    def _string(self) -> bytes:
        start = self._at + 8
        (length,) = struct.unpack_from("<Q", self._data, self._at)
        if start + length > len(self._data):
            raise ValueError("it ends in the middle of a value")
        self._at = start + length
        return self._data[start : self._at]


def _described(path: Path, found: dict[str, Any]) -> GgufFile:
    architecture = found.get("general.architecture", b"").decode("utf-8", "replace")

    def of_model(key: str) -> int:
        value = found.get(f"{architecture}.{key}", 0)
        return int(max(value) if isinstance(value, tuple) else value)

    heads = of_model("attention.head_count") or 1
    kv_heads = of_model("attention.head_count_kv") or heads
    head_size = of_model("attention.key_length") or of_model("embedding_length") // heads
    digest = hashlib.sha256()
    for key in _VOCABULARY:
        digest.update(repr(found.get(key)).encode())
    return GgufFile(
        path=path,
        name=_QUANTIZATION.sub("", path.stem),
        context_length=of_model("context_length"),
        kv_bytes_per_token=2 * 2 * of_model("block_count") * kv_heads * head_size,
        pre_tokenizer=found.get("tokenizer.ggml.pre", b"").decode("utf-8", "replace"),
        vocabulary_hash=digest.hexdigest(),
        tokens=tuple(found.get("tokenizer.ggml.tokens", ())),
        merges=tuple(found.get("tokenizer.ggml.merges", ())),
    )
