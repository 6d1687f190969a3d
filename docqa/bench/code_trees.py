"""Trees of source files for measuring: many files, made from real ones."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

FILES_PER_FOLDER = 100
_TOP = re.compile(r"^(?=(?:class|def|async def|@)\b)", re.MULTILINE)


def python_files(folder: Path) -> list[Path]:
    """The Python files under a folder, sorted, without those of installed packages."""
    found = folder.rglob("*.py")
    return sorted(path for path in found if "site-packages" not in path.parts)


def make_tree(originals: Path, target: Path, *, files: int, bytes_each: int) -> int:
    """Write so many Python files of about so many bytes; how many bytes in all.

    Each holds definitions of real files, whose names get a number the second time around.
    """
    written = 0
    for number, text in enumerate(itertools.islice(_pieces(originals, bytes_each), files)):
        folder = target / f"area{number // FILES_PER_FOLDER // 20:03d}"
        folder = folder / f"package{number // FILES_PER_FOLDER:03d}"
        if number % FILES_PER_FOLDER == 0:
            folder.mkdir(parents=True, exist_ok=True)
        data = text.encode(errors="replace")
        (folder / f"module{number:05d}.py").write_bytes(data)
        written += len(data)
    return written


def make_tiny(target: Path, files: int) -> None:
    """Write so many files of a line each, 1,000 in a folder."""
    for number in range(files):
        folder = target / f"f{number // 1_000:03d}"
        if number % 1_000 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"tiny{number:06d}.py").write_bytes(b"value_%d = %d\n" % (number, number))


def _pieces(originals: Path, size: int) -> Iterator[str]:
    """Texts of about this size, whole definitions where they fit, without end."""
    texts = [path.read_text(errors="replace") for path in python_files(originals)]
    held = ""
    for copy in itertools.count():
        for text in texts:
            for piece in _TOP.split(text):
                named = re.sub(r"\b(class|def) (\w+)", rf"\1 \2_{copy}", piece) if copy else piece
                held += named
                while len(held) >= size:
                    end = held.rfind("\n", 0, size) + 1 or size
                    yield held[:end]
                    held = held[end:]
