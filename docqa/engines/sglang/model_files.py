"""A model's own tokenizer and chat template, where its directory is on this machine."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tokenizers

from docqa.errors import EngineNotConfiguredError


class ModelTokenizer:
    """The `tokenizer.json` of a model directory. Special tokens in text are ordinary text."""

    exact = True

    def __init__(self, directory: Path) -> None:
        """Reads the file.

        Raises:
            EngineNotConfiguredError: If there is none, or it cannot be read.
        """
        path = directory / "tokenizer.json"
        try:
            content = path.read_bytes()
            self._ordinary = tokenizers.Tokenizer.from_str(content.decode())
        except Exception as error:
            # The library raises `Exception` itself, nothing narrower, for a file it cannot parse.
            raise EngineNotConfiguredError(
                "sglang", f"{str(path)!r} cannot be read as a tokenizer ({error})"
            ) from error
        self._ordinary.encode_special_tokens = True
        self._parsing = tokenizers.Tokenizer.from_str(content.decode())
        self.name = "model-" + hashlib.sha256(content).hexdigest()[:12]

    def encode(self, text: str) -> list[int]:
        """Token ids of this text, no special token among them."""
        return self._ordinary.encode(text, add_special_tokens=False).ids

    def encode_markup(self, text: str) -> list[int]:
        """Token ids of a chat template's own text, its special tokens as what they are."""
        return self._parsing.encode(text, add_special_tokens=False).ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of these ids."""
        return self._ordinary.decode(list(tokens), skip_special_tokens=False)

    def count(self, text: str) -> int:
        """Number of tokens of this text."""
        return len(self.encode(text))

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each text, using several threads."""
        encodings = self._ordinary.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]


def chat_template(directory: Path) -> tuple[str, dict[str, str]]:
    """The directory's Jinja template and the names of its special tokens (`bos_token`, ...).

    Raises:
        EngineNotConfiguredError: If it has none.
    """
    config = _json(directory / "tokenizer_config.json")
    tokens = {
        name: token if isinstance(token, str) else str(token.get("content", ""))
        for name, token in config.items()
        if name.endswith("_token") and isinstance(token, str | dict)
    }
    file = directory / "chat_template.jinja"
    template: Any = file.read_text(encoding="utf-8") if file.is_file() else None
    template = template or _json(directory / "chat_template.json").get("chat_template")
    template = template or config.get("chat_template")
    if isinstance(template, list):
        named = {entry.get("name"): entry.get("template") for entry in template}
        template = named.get("default")
    if not isinstance(template, str):
        raise EngineNotConfiguredError("sglang", f"{directory.name!r} has no chat template")
    return template, tokens


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
