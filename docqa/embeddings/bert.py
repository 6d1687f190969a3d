"""The forward pass of a small BERT on torch: token ids in, one unit vector a text out.

Written out because it is short: transformers takes seconds to import and brings 20 packages.
Devlin et al., 2018, as in the checkpoint's `config.json`; mean pooling as in `1_Pooling`.
"""

from collections.abc import Mapping
from typing import Any

HEADS = 12
_EPSILON = 1e-12
_LAYER = "encoder.layer.{}."


class Bert:
    """Weights on a device; calling it changes nothing, so several threads may."""

    def __init__(self, torch: Any, tensors: Mapping[str, Any], device: str, dtype: Any) -> None:  # noqa: ANN401
        self._torch = torch
        self._device = device
        self._weights = {name: each.to(device, dtype) for name, each in tensors.items()}
        self._layers = sum(name.endswith("attention.self.query.weight") for name in tensors)

    def __call__(self, ids: list[list[int]]) -> list[list[float]]:
        """Unit vectors of these texts, given as token ids; shorter ones are padded."""
        torch = self._torch
        longest = max(map(len, ids))
        padded = [each + [0] * (longest - len(each)) for each in ids]
        with torch.inference_mode():
            tokens = torch.tensor(padded, device=self._device)
            lengths = torch.tensor([len(each) for each in ids], device=self._device)
            real = torch.arange(longest, device=self._device)[None, :] < lengths[:, None]
            state = self._embedded(tokens)
            mask = None if bool(real.all()) else real[:, None, None, :]
            for number in range(self._layers):
                state = self._layer(_LAYER.format(number), state, mask)
            kept = state.float() * real[:, :, None]
            pooled = kept.sum(1) / lengths[:, None]
            vectors: list[list[float]] = torch.nn.functional.normalize(pooled).tolist()
        return vectors

    def _embedded(self, tokens: Any) -> Any:  # noqa: ANN401
        weights = self._weights
        words = weights["embeddings.word_embeddings.weight"][tokens]
        places = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        kinds = weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(words + places + kinds, "embeddings.LayerNorm")

    def _layer(self, at: str, state: Any, mask: Any) -> Any:  # noqa: ANN401
        functional = self._torch.nn.functional
        attended = self._linear(self._attended(at, state, mask), at + "attention.output.dense")
        state = self._normed(state + attended, at + "attention.output.LayerNorm")
        wide = functional.gelu(self._linear(state, at + "intermediate.dense"))
        narrow = self._linear(wide, at + "output.dense")
        return self._normed(state + narrow, at + "output.LayerNorm")

    def _attended(self, at: str, state: Any, mask: Any) -> Any:  # noqa: ANN401
        texts, length, width = state.shape
        query, key, value = (
            self._linear(state, f"{at}attention.self.{name}")
            .view(texts, length, HEADS, width // HEADS)
            .transpose(1, 2)
            for name in ("query", "key", "value")
        )
        functional = self._torch.nn.functional
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return mixed.transpose(1, 2).reshape(texts, length, width)

    def _linear(self, state: Any, name: str) -> Any:  # noqa: ANN401
        weights = self._weights
        return self._torch.nn.functional.linear(
            state, weights[f"{name}.weight"], weights[f"{name}.bias"]
        )

    def _normed(self, state: Any, name: str) -> Any:  # noqa: ANN401
        weights = self._weights
        return self._torch.nn.functional.layer_norm(
            state,
            state.shape[-1:],
            weights[f"{name}.weight"],
            weights[f"{name}.bias"],
            _EPSILON,
        )
