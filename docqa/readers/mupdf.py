"""PyMuPDF without its layout model, which the fast path does not use.

`import pymupdf` loads `pymupdf.layout` where it finds it, and with it numpy and onnxruntime: a
second and some 60 MB in every process. A module that is None in `sys.modules` counts as missing.
"""

import sys

sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
sys.modules.setdefault("pymupdf4llm", None)  # type: ignore[arg-type]

import pymupdf  # noqa: E402

__all__ = ["pymupdf"]

pymupdf.no_recommend_layout()
pymupdf.TOOLS.mupdf_display_errors(False)
