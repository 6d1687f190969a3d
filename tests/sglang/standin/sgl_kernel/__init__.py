"""Stands in for SGLang's kernels where there is no GPU: imports succeed, calls raise.

Any name of this package or of its submodules is a function that raises. On a CPU, with the
`torch_native` attention and a Llama model, SGLang imports many of them and calls none.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Sequence
from typing import NoReturn

# SGLang asks whether this module is there, and uses its values if it is.
MISSING = ("sgl_kernel.scalar_type",)


def _kernel(module: str, name: str) -> Callable[..., NoReturn]:
    def call(*_arguments: object, **_options: object) -> NoReturn:
        raise NotImplementedError(f"{module}.{name} is a kernel for GPUs; this is a stand-in")

    call.__name__ = call.__qualname__ = name
    return call


def _attribute(module: str) -> Callable[[str], object]:
    def get(name: str) -> object:
        if name.startswith("__") or f"{module}.{name}" in MISSING:
            raise AttributeError(name)
        return _kernel(module, name)

    return get


class _Submodules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every submodule but the missing ones."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if not fullname.startswith("sgl_kernel.") or fullname in MISSING:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__getattr__ = _attribute(module.__name__)  # type: ignore[method-assign]


__version__ = "0.0.0+standin"
sys.meta_path.append(_Submodules())
__getattr__ = _attribute(__name__)
