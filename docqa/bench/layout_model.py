"""Pages as PyMuPDF's layout model reads them: a process of its own, for docqa keeps the model out.

`python -m docqa.bench.layout_model FILE PAGE...` prints `{"seconds": s, "pages": [Markdown...]}`.
"""

import json
import sys
import time


def main() -> None:
    """Print the pages (1-based) named on the command line as Markdown."""
    import pymupdf.layout  # noqa: F401 - switches the model on
    import pymupdf4llm  # type: ignore[import-untyped]

    out, sys.stdout = sys.stdout, sys.stderr  # it talks on standard output
    path, *pages = sys.argv[1:]
    numbers = [int(page) - 1 for page in pages]
    started = time.perf_counter()
    chunks = pymupdf4llm.to_markdown(path, pages=numbers, page_chunks=True, use_ocr=False)
    seconds = time.perf_counter() - started
    json.dump({"seconds": seconds, "pages": [chunk["text"] for chunk in chunks]}, out)


if __name__ == "__main__":
    main()
