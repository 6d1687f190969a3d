"""The vocabularies of Llama 3 and Llama 4, from the files that the `llama-models` wheel carries."""

import base64
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, files
from itertools import islice
from pathlib import Path
from typing import Final

import tiktoken

from docqa.core.pieces import pieces
from docqa.errors import EngineNotConfiguredError

THREADS = 2
_TEXTS_PER_TASK = 256
# After a line feed, and before anything but white space and a slash, both patterns always begin a
# new piece (a slash may belong to the piece before in Llama 4's): cutting there changes no ids.
_SAFE_CUT = re.compile(r"\n(?=[^\s/])")

# The split patterns and the order of special tokens are part of the vocabularies' published
# specification (`tokenizer.py` beside each file).
_LLAMA3_PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_UPPER: Final = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER: Final = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_SUFFIX: Final = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
LLAMA4_PATTERN: Final = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_SUFFIX}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_SUFFIX}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class TiktokenTokenizer:
    """A byte-pair vocabulary through tiktoken. Special tokens in text are ordinary text."""

    exact = True

    def __init__(self, name: str, encoding: tiktoken.Encoding) -> None:
        self.name = name
        self._encoding = encoding

    def encode(self, text: str) -> list[int]:
        """Token ids of this text, without any special token."""
        return [
            token
            for piece in pieces(text, _SAFE_CUT)
            for token in self._encoding.encode_ordinary(piece)
        ]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of these ids; bytes that are no UTF-8 become U+FFFD."""
        return self._encoding.decode(tokens)

    def count(self, text: str) -> int:
        """Number of tokens of this text."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in pieces(text, _SAFE_CUT))

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each text, on two threads."""
        if len(texts) <= 1:
            return [self.count(text) for text in texts]
        # tiktoken lets go of the interpreter while it encodes; tasks of many texts keep the
        # hand-over cheap, and only counts are kept.
        with ThreadPoolExecutor(THREADS, thread_name_prefix="tokenizer") as pool:
            groups = pool.map(self._count_group, _groups(texts))
            return [count for group in groups for count in group]

    def _count_group(self, texts: Sequence[str]) -> list[int]:
        return [self.count(text) for text in texts]


def llama3() -> TiktokenTokenizer:
    """The vocabulary of Llama 3, 3.1, 3.2 and 3.3 (128,000 ranks).

    Raises:
        EngineNotConfiguredError: If the `llama-models` package is not installed.
    """
    return _tokenizer("llama3", _LLAMA3_PATTERN)


def llama4() -> TiktokenTokenizer:
    """The vocabulary of Llama 4 (200,000 ranks).

    Raises:
        EngineNotConfiguredError: If the `llama-models` package is not installed.
    """
    return _tokenizer("llama4", LLAMA4_PATTERN)


def ranks(name: str) -> dict[bytes, int]:
    """The vocabulary of `llama3` or `llama4`: the bytes of each token and its id.

    Raises:
        EngineNotConfiguredError: If the `llama-models` package is not installed.
    """
    lines = _vocabulary(name).read_bytes().splitlines()
    return {
        base64.b64decode(token): int(rank)
        for token, rank in (line.split() for line in lines if line)
    }


def _tokenizer(name: str, pattern: str) -> TiktokenTokenizer:
    encoding = tiktoken.Encoding(
        name=name, pat_str=pattern, mergeable_ranks=ranks(name), special_tokens={}
    )
    return TiktokenTokenizer(name, encoding)


def _vocabulary(name: str) -> Path:
    # The package's own code is not run: its file is found in the wheel's record.
    wanted = f"llama_models/{name}/tokenizer.model"
    try:
        record = files("llama-models") or []
    except PackageNotFoundError:
        record = []
    for file in record:
        if file.as_posix() == wanted:
            return Path(str(file.locate()))
    raise EngineNotConfiguredError(
        name, "its vocabulary is not here; install it with `pip install llama-models`"
    )


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    iterator = iter(texts)
    while group := list(islice(iterator, _TEXTS_PER_TASK)):
        yield group
