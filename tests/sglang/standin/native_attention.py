"""Attention for prefill on a CPU that computes the new tokens' rows only.

SGLang's `torch_native` back end computes, for every question, the attention of the whole sequence
and throws away all rows but the new ones: with 6,000 tokens in the cache that takes as long as
reading them. GPUs' kernels do not, and this does not either; the result is the same.
A `.pth` file imports this module in every interpreter of the environment: it replaces the method
when SGLang imports the back end.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MODULE = "sglang.srt.layers.attention.torch_native_backend"
METHOD = "_run_sdpa_forward_extend"


class _Loader(importlib.abc.Loader):
    def __init__(self, real: importlib.abc.Loader) -> None:
        self._real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        self._real.exec_module(module)
        backend = module.TorchNativeAttnBackend
        setattr(backend, METHOD, new_rows_only(getattr(backend, METHOD)))


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


def new_rows_only(original: Callable[..., Any]) -> Callable[..., Any]:
    """A method in place of `original`, which is still called for what it does not do."""

    def extend(
        self: Any,
        query: Any,
        output: Any,
        keys: Any,
        values: Any,
        locations: Any,
        requests: Any,
        lengths: Any,
        prefixes: Any,
        counts: Any,
        encoder_lens: Any = None,
        **options: Any,
    ) -> Any:
        plain = options.get("causal") and not options.get("is_cross_attn") and encoder_lens is None
        if not plain or options.get("sliding_window_size") is not None:
            where = (locations, requests, lengths, prefixes, counts, encoder_lens)
            return original(self, query, output, keys, values, *where, **options)
        start = 0
        for row, length in enumerate(lengths.tolist()):
            end = start + int(counts[row])
            seen = locations[requests[row], :length]
            output[start:end] = _rows(
                query[start:end], keys[seen], values[seen], int(prefixes[row]), options
            )
            start = end
        return output

    return extend


def _rows(query: Any, keys: Any, values: Any, prefix: int, options: Mapping[str, Any]) -> Any:
    """Attention of the last tokens to all; axes are token, head, feature."""
    import torch

    # Without a prefix the triangle is the whole square, which SDPA has a quicker way for.
    mask = torch.ones(len(query), len(keys), dtype=torch.bool).tril(prefix) if prefix else None
    query, keys, values = (each.movedim(0, 1).unsqueeze(0) for each in (query, keys, values))
    return (
        torch.nn.functional.scaled_dot_product_attention(
            query,
            keys.to(query.dtype),
            values.to(query.dtype),
            attn_mask=mask,
            is_causal=mask is None,
            scale=options.get("scaling"),
            enable_gqa=options.get("enable_gqa", False),
        )
        .squeeze(0)
        .movedim(1, 0)
    )


sys.meta_path.insert(0, _Finder())
