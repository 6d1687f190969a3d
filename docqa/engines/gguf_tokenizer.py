"""The vocabulary of a GGUF file as a tokenizer."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import tiktoken

from docqa.core.escaping import encodable
from docqa.core.pieces import pieces
from docqa.engines.gguf_file import GgufFile
from docqa.tokenizers.base import Tokenizer

THREADS = 2
SMOLLM2: Final = "smollm2"
_SMOLLM2_VOCABULARY: Final = "b1cce04fe816342f"
# llama.cpp splits single digits off first, and GPT-2's pattern sees only what is between them:
# hence white space before a digit stays in one piece.
_SMOLLM_PATTERN: Final = (
    r"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"
)
# Bytes that the vocabulary may lack (control characters, beginnings of rare scripts): text without
# them needs no second look at its ids.
_RARE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\U00040000-\U0010ffff]")
# Long texts are cut behind a line feed between two other characters: there a piece always ends.
_SAFE_CUT = re.compile(r"(?<=[^\s\d])\n(?=\S)")


class SmolLmTokenizer:
    """SmolLM2's byte-pair vocabulary, with llama.cpp's ids, through tiktoken."""

    exact = True

    def __init__(self, file: GgufFile) -> None:
        self.name = tokenizer_name(file)
        by_name = {token: number for number, token in enumerate(file.tokens)}
        letters = _byte_letters()
        to_bytes = {letter: byte for byte, letter in enumerate(letters)}
        ranks = {bytes([byte]): byte for byte in range(256)}
        self._ids = [by_name.get(letter.encode(), -1) for letter in letters]
        for merge in file.merges:
            token = merge.replace(b" ", b"")
            ranks[bytes(to_bytes[letter] for letter in token.decode())] = len(self._ids)
            self._ids.append(by_name[token])
        self._encoding = tiktoken.Encoding(
            name=self.name, pat_str=_SMOLLM_PATTERN, mergeable_ranks=ranks, special_tokens={}
        )

    def encode(self, text: str) -> list[int]:
        """Token ids of this text, without any special token."""
        ids = self._ids
        return [
            ids[rank]
            for piece in pieces(text, _SAFE_CUT)
            for rank in self._encoding.encode_ordinary(piece)
            if ids[rank] >= 0
        ]

    def count(self, text: str) -> int:
        """Number of tokens of this text."""
        if _RARE.search(text):
            return len(self.encode(text))
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in pieces(text, _SAFE_CUT))

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each text, on two threads."""
        with ThreadPoolExecutor(THREADS, thread_name_prefix="tokenizer") as pool:
            return list(pool.map(self.count, texts))


class ServedTokenizer:
    """Any other vocabulary: llama.cpp itself is asked, one request a text."""

    exact = True

    def __init__(self, file: GgufFile, tokenize: Callable[[str], list[int]]) -> None:
        self.name = tokenizer_name(file)
        self._tokenize = tokenize

    def encode(self, text: str) -> list[int]:
        """Token ids of this text, without any special token.

        Raises:
            EngineError: If llama.cpp cannot be started.
        """
        return self._tokenize(encodable(text)) if text else []

    def count(self, text: str) -> int:
        """Number of tokens of this text.

        Raises:
            EngineError: If llama.cpp cannot be started.
        """
        return len(self.encode(text))

    def count_all(self, texts: Sequence[str]) -> list[int]:
        """Number of tokens of each text, on two threads.

        Raises:
            EngineError: If llama.cpp cannot be started.
        """
        with ThreadPoolExecutor(THREADS, thread_name_prefix="tokenizer") as pool:
            return list(pool.map(self.count, texts))


def tokenizer_name(file: GgufFile) -> str:
    """The name that counts by this vocabulary are filed under: equal vocabularies have one name."""
    if file.vocabulary_hash.startswith(_SMOLLM2_VOCABULARY):
        return SMOLLM2
    return f"gguf-{file.vocabulary_hash[:12]}"


def tokenizer_of(file: GgufFile, tokenize: Callable[[str], list[int]]) -> Tokenizer:
    """The tokenizer of this file; `tokenize` asks llama.cpp for a text's ids."""
    if file.pre_tokenizer == "smollm" and file.merges:
        return SmolLmTokenizer(file)
    return ServedTokenizer(file, tokenize)


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: printable ones stand for themselves, others from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]
