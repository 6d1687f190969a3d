"""Run by the environment's interpreter: our forward pass beside that of transformers.

Prints the smallest cosine between the two over texts of many lengths, in 32-bit floats and as docqa
runs it here.
"""

import json
import sys

import torch
import transformers

from docqa.embeddings.bert import Bert
from docqa.embeddings.minilm import MAX_TOKENS, MiniLM
from docqa.embeddings.weights import WEIGHTS, checked_bytes, packaged_folder, tensors

TEXTS = [
    "Either party may terminate this agreement on thirty days' written notice.",
    "x",
    "",
    "Wie lange läuft der Vertrag? 契約期間 — и по-русски. 🙂",
    *("A sentence of a long text. " * count for count in (5, 40, 300)),
    *(f"Number {n}" for n in range(20)),
]


def main() -> None:
    folder = packaged_folder()
    assert folder is not None
    expected = _by_transformers(str(folder))
    weights = tensors(checked_bytes(folder, WEIGHTS), torch)
    exact = Bert(torch, weights, "cpu", torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
    ids = [tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"] for text in TEXTS]
    found = {"float32": exact(ids), "as docqa runs it": MiniLM(folder).embed(TEXTS)}
    worst = {
        name: min(
            sum(a * b for a, b in zip(one, other, strict=True))
            for one, other in zip(vectors, expected, strict=True)
        )
        for name, vectors in found.items()
    }
    sys.stdout.write(json.dumps(worst) + "\n")


def _by_transformers(folder: str) -> list[list[float]]:
    """Mean pooling and normalisation, as the model card says."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32)
    encoded = tokenizer(
        TEXTS, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
    )
    with torch.no_grad():
        state = model(**encoded).last_hidden_state
    mask = encoded["attention_mask"][..., None].float()
    pooled = (state * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(pooled).tolist()


if __name__ == "__main__":
    main()
