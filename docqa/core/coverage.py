"""Every page of a workspace in exactly one class, and sums of them that add up.

What has no pages of its own (text, code, a Word file, a file that was not read) counts as one page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

PageClass = Literal[
    "text",
    "ocr",
    "unreadable",
    "blank",
    "failed",
    "waiting",
    "excluded",
    "removed",
    "superseded",
    "left_out",
]
CLASSES: tuple[PageClass, ...] = get_args(PageClass)
READABLE_CLASSES: frozenset[PageClass] = frozenset(("text", "ocr"))
"""What questions are about."""
Reach = Literal["whole", "select", "quotes", "unknown"]
"""How the engine in force meets readable pages: all in its window, the best passages of them, no
model at all, or nobody knows because the engine cannot be asked."""

CLASS_WORDS: Mapping[PageClass, str] = {
    "text": "readable",
    "ocr": "read by OCR",
    "unreadable": "unreadable",
    "blank": "blank",
    "failed": "file failed",
    "waiting": "being added",
    "excluded": "excluded",
    "removed": "gone from its source",
    "superseded": "older version",
    "left_out": "file left out",
}
CLASS_MEANINGS: Mapping[PageClass, str] = {
    "text": "Its text was read as it is.",
    "ocr": "It is a picture whose words were read by OCR.",
    "unreadable": "Nothing of it could be read; the reason stands beside it.",
    "blank": "There is nothing on it.",
    "failed": "The file could not be read; how many pages it has is not known.",
    "waiting": "It is not in the pack yet.",
    "excluded": "You keep its document out of questions.",
    "removed": "Its file is gone from where it came from.",
    "superseded": "A newer version of its document took its place.",
    "left_out": "The file is in the source and was not read; the reason stands beside it.",
}
REACH_WORDS: Mapping[Reach, str] = {
    "whole": "in the window",
    "select": "searched; the best passages are sent",
    "quotes": "searched; answers are quotes",
    "unknown": "the engine cannot be asked",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pages there are of each class."""

    counts: tuple[int, ...] = (0,) * len(CLASSES)
    """In the order of `CLASSES`."""
    packed: int = 0
    """Readable pages that are in the pack; those that are not wait for it to be made."""

    @classmethod
    def of(cls, counts: Mapping[PageClass, int], packed: int = 0) -> "Tally":
        """A tally of these; classes that are not named have none."""
        return cls(tuple(counts.get(name, 0) for name in CLASSES), packed)

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        pairs = zip(self.counts, other.counts, strict=True)
        return Tally(tuple(mine + theirs for mine, theirs in pairs), self.packed + other.packed)

    def __getitem__(self, name: PageClass) -> int:
        """The pages of a class."""
        return self.counts[CLASSES.index(name)]

    @property
    def total(self) -> int:
        """All pages, whatever their class."""
        return sum(self.counts)

    @property
    def readable(self) -> int:
        """Pages that questions are about."""
        return sum(self[name] for name in READABLE_CLASSES)

    def in_window(self, reach: Reach) -> int | None:
        """Pages that a question's window holds; None where the best passages are chosen anew."""
        return self.packed if reach == "whole" else None

    def named(self) -> dict[PageClass, int]:
        """The counts by class, all of them."""
        return dict(zip(CLASSES, self.counts, strict=True))


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    total = Tally()
    for tally in tallies:
        total += tally
    return total


def statement(total: Tally, reach: Reach) -> str:
    """What can be asked about, and what of the rest cannot, in a sentence or three."""
    if not total.total:
        return "There are no documents."
    said = f"{total.readable:,} of {_pages(total.total)} can be asked about"
    if total["ocr"]:
        said += f", {total['ocr']:,} of them read by OCR"
    parts = [f"{said}."]
    if total.readable:
        parts.append(_reached(total, reach))
    rest = [
        counted(name, total[name])
        for name in CLASSES
        if name not in READABLE_CLASSES and total[name]
    ]
    if rest:
        parts.append(f"The others: {', '.join(rest)}.")
    return " ".join(parts)


def counted(name: PageClass, count: int) -> str:
    """`14 unreadable`, `2 files left out`."""
    word = CLASS_WORDS[name]
    return f"{count:,} {word.replace('file', 'files', 1) if count != 1 else word}"


def _reached(total: Tally, reach: Reach) -> str:
    missing = total.readable - total.packed
    later = f" {_pages(missing)} will be once the pack is made." if missing else ""
    match reach:
        case "whole":
            return f"{_pages(total.packed)} are in the engine's window.{later}"
        case "select":
            return (
                "They are more than the engine's window takes: a question is sent the best passages"
                " of them, a sweep reads them all in parts."
            )
        case "quotes":
            return "No model is set: all of them are searched, and answers are quotes."
    return "Whether they fit the engine's window is not known: the engine cannot be asked now."


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count:,} pages"
