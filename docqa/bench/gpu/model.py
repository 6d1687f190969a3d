"""A model directory of Scout's shape without weights: for `--load-format dummy`.

Fewer layers where memory asks for it. The vocabulary is Llama 4's own, from the `llama-models`
wheel, so that a corpus has as many tokens as it has with Scout.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from docqa.tokenizers.llama import LLAMA4_PATTERN, ranks

LAYERS = 48
POSITIONS = 10_485_760
"""Scout's window, by its `config.json`; `Llama4TextConfig`'s default is 131,072."""
GLOBAL_EVERY = 4
"""Every fourth layer attends to the whole window."""
_VOCABULARY = 202_048
_SPECIAL = {
    # `llama4/tokenizer.py` of llama-models; those between are not used here.
    200_000: "<|begin_of_text|>",
    200_001: "<|end_of_text|>",
    200_005: "<|header_start|>",
    200_006: "<|header_end|>",
    200_008: "<|eot|>",
}
_CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|header_start|>' + message['role'] + '<|header_end|>\n\n' }}"
    "{{ message['content'] + '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|header_start|>assistant<|header_end|>\n\n' }}{% endif %}"
)


def scout_config(layers: int = LAYERS) -> dict[str, Any]:
    """Scout's `config.json` with so many layers.

    The architecture is the one that SGLang gives a pool of its own to for local layers. Sizes are
    those of Llama-4-Scout-17B-16E on the hub, and `Llama4TextConfig`'s defaults.
    """
    text = {
        "model_type": "llama4_text",
        "num_hidden_layers": layers,
        "hidden_size": 5_120,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 8_192,
        "intermediate_size_mlp": 16_384,
        "num_local_experts": 16,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 1,
        "vocab_size": _VOCABULARY,
        "max_position_embeddings": POSITIONS,
        "attention_chunk_size": 8_192,
        "no_rope_layers": [int((n + 1) % GLOBAL_EVERY != 0) for n in range(layers)],
        "use_qk_norm": True,
        "attn_temperature_tuning": True,
        "floor_scale": 8_192,
        "attn_scale": 0.1,
        "rope_theta": 500_000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 16.0,
            "high_freq_factor": 1.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8_192,
        },
        "rms_norm_eps": 1e-5,
        "bos_token_id": 200_000,
        "eos_token_id": [200_001, 200_008],
        "pad_token_id": 200_018,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    }
    return {
        "architectures": ["Llama4ForConditionalGeneration"],
        "model_type": "llama4",
        "torch_dtype": "bfloat16",
        "bos_token_id": 200_000,
        "eos_token_id": [200_001, 200_008],
        "text_config": text,
    }


def write_model(folder: Path, layers: int) -> Path:
    """Write the directory that SGLang is given: configuration, tokenizer and chat template.

    Raises:
        EngineNotConfiguredError: If the `llama-models` package is not installed.
        OSError: If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "config.json", scout_config(layers))
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<|begin_of_text|>",
            "eos_token": "<|eot|>",
            "model_max_length": POSITIONS,
            "chat_template": _CHAT_TEMPLATE,
        },
    )
    if not (folder / "tokenizer.json").is_file():
        hugging_face_tokenizer(ranks("llama4")).save(str(folder / "tokenizer.json"))
    return folder


def hugging_face_tokenizer(
    vocabulary: Mapping[bytes, int], size: int = _VOCABULARY
) -> tokenizers.Tokenizer:
    """Llama 4's vocabulary as Hugging Face's library has it, with a name for every id below size.

    Takes half a minute.
    """
    letters = _byte_letters()
    names = {token: "".join(letters[byte] for byte in token) for token in vocabulary}
    made = tokenizers.Tokenizer(
        models.BPE(
            vocab={names[token]: rank for token, rank in vocabulary.items()},
            merges=[(names[left], names[right]) for left, right in merges(vocabulary)],
            ignore_merges=True,
        )
    )
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(tokenizers.Regex(LLAMA4_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    # Made-up weights may choose any id of the vocabulary; it has to have a text that is shown.
    made.add_tokens(
        [
            tokenizers.AddedToken(
                _SPECIAL.get(number, f"<|reserved_{number}|>"),
                special=number in _SPECIAL,
                normalized=False,
            )
            for number in range(len(vocabulary), size)
        ]
    )
    return made


def merges(vocabulary: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The pairs whose joining makes each token, in the order in which they were learned.

    A token's pair is what byte-pair encoding has made of its bytes just before it is whole, with
    the pairs of a lower rank.
    """
    found = []
    for token, rank in sorted(vocabulary.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = _encoded(token, vocabulary, rank)
            if len(parts) == 2:
                found.append((parts[0], parts[1]))
    return found


def _encoded(token: bytes, vocabulary: Mapping[bytes, int], limit: int) -> list[bytes]:
    parts = [token[place : place + 1] for place in range(len(token))]
    while len(parts) > 2:
        known = [vocabulary.get(parts[n] + parts[n + 1], limit) for n in range(len(parts) - 1)]
        best = min(known)
        if best >= limit:
            return parts
        place = known.index(best)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


def _byte_letters() -> dict[int, str]:
    """The letter that stands for each byte in byte-level vocabularies (GPT-2's `encoder.py`)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    return letters | {byte: chr(256 + place) for place, byte in enumerate(others)}


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
