"""What looking at a watched folder costs, and comparing two versions of a long document.

`python -m docqa.bench.changes DATA` with the folder of the unpacked benchmark bundle. Prints JSON.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from docqa.bench.memory import PeakMemory
from docqa.core.documents import Passage
from docqa.core.version_changes import changes_between
from docqa.readers.base import ReaderOptions
from docqa.readers.parse import parse_file
from docqa.readers.stamps import stamp_of

FILES = (4_000, 20_000, 90_000)
TIMES = (1, 10, 40)
"""So often is a manual of some 140 pages repeated."""
EDITED = 0.05
"""Of the passages one in twenty is gone, and one in twenty has another word."""
SEED = 20_261_122
IN_A_FOLDER = 200


def measure(
    data: Path, files: Sequence[int] = FILES, times: Sequence[int] = TIMES
) -> dict[str, object]:
    """All figures."""
    with tempfile.TemporaryDirectory() as folder:
        looks = [_look(Path(folder), count) for count in files]
    manual = next(iter(sorted((data / "debian_pdfs").rglob("*en*.pdf"))))
    document = parse_file(manual, manual.name, ReaderOptions(), lambda done, total: None)
    pages = len(document.pages)
    return {
        "looks": looks,
        "versions": [_versions(document.passages, pages, count) for count in times],
    }


def _look(root: Path, count: int) -> dict[str, object]:
    """One look at so many files in folders of 200, the second one: the first fills the cache."""
    top = root / str(count)
    for number in range(count):
        folder = top / f"folder{number // IN_A_FOLDER}"
        if number % IN_A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"file{number}.md").write_text("x", encoding="utf-8")
    stamp_of(top)
    begun = time.process_time()
    files = stamp_of(top).files
    return {"files": files, "cpu_s": round(time.process_time() - begun, 3)}


def _versions(passages: Sequence[Passage], pages: int, times: int) -> dict[str, object]:
    """A manual that is repeated, beside a version of it with edits all over."""
    before = [
        replace(passage, ordinal=n * len(passages) + at, text=f"{passage.text} ({n})", geometry=b"")
        for n in range(times)
        for at, passage in enumerate(passages)
    ]
    after = _edited(before)
    with PeakMemory() as memory:
        begun = time.process_time()
        found = changes_between(before, after)
        spent_s = time.process_time() - begun
    return {
        "pages": pages * times,
        "passages": len(before),
        "sentences": found.before,
        "changes": found.total,
        "cpu_s": round(spent_s, 2),
        "peak_mb": memory.peak_bytes // 1_000_000,
    }


def _edited(passages: Sequence[Passage]) -> list[Passage]:
    numbers = random.Random(SEED)
    kept: list[Passage] = []
    for passage in passages:
        if numbers.random() < EDITED:
            continue
        text = passage.text
        if numbers.random() < EDITED:
            text = text.replace("the", "another", 1)
        kept.append(replace(passage, ordinal=len(kept), text=text))
    return kept


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Path(sys.argv[1])), indent=1) + "\n")
