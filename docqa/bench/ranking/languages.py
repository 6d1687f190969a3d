"""One manual in six languages: is a page of the section found whose title is asked for?"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pymupdf

from docqa.bench.corpus import Found
from docqa.bench.plain_bm25 import PlainBM25
from docqa.bench.quality_contracts import pages_of
from docqa.bench.ranking.grounds import Case, Ground

_LEAST_CHARACTERS = 4


def manuals(data: Path) -> Iterator[Ground]:
    """A line for each language; the pages of the table of contents are no answers."""
    for file in sorted((data / "debian_pdfs" / "debmake-doc").glob("*.pdf")):
        language = file.name.removesuffix(".pdf").rpartition(".")[2]
        with pymupdf.open(file) as opened:
            pages = [(str(number), page.get_text()) for number, page in enumerate(opened, 1)]
            sections = _sections(opened.get_toc(), len(pages))
        yield _ground(file, language, pages, sections)


def _sections(contents: Sequence[tuple[int, str, int]], last: int) -> list[tuple[str, range]]:
    """Titles and pages of sections, up to the page where the next of their level begins."""
    found = []
    for at, (level, title, page) in enumerate(contents):
        ends = (end for other, _, end in contents[at + 1 :] if other <= level)
        if page > 0:
            found.append((title, range(page, max(page, next(ends, last)) + 1)))
    return found


def _ground(
    file: Path,
    language: str,
    pages: Sequence[tuple[str, str]],
    sections: Sequence[tuple[str, range]],
) -> Ground:
    first = min(within.start for _, within in sections)
    titles: dict[str, set[str]] = {}
    for title, within in sections:
        words = title.strip().lstrip("0123456789. ")
        if len(words) >= _LEAST_CHARACTERS:
            titles.setdefault(words, set()).update(map(str, within))
    cases = [
        Case(f"section, {language}", title, frozenset(right)) for title, right in titles.items()
    ]
    plain = PlainBM25([(number, text) for number, text in pages if int(number) >= first])

    def keys(question: str, found: Found) -> Sequence[str]:
        return [str(page) for page in pages_of(question, found) if page >= first]

    return Ground(language, ((file.name, file),), lambda _: cases, lambda _, __: plain, keys)
