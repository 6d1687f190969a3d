"""Pages of a document that are pictures, read by OCR: several at once, each bounded in time."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from PIL.Image import Image

from docqa.core.documents import PageInfo
from docqa.errors import OcrError
from docqa.readers.lines import Line
from docqa.readers.ocr.laying import lines_of
from docqa.readers.ocr.registry import engine_of
from docqa.readers.ocr.scanning import Scan, scan
from docqa.readers.ocr.setup import OcrSetup
from docqa.readers.ocr.slots import slot

logger = logging.getLogger(__name__)

MOST_PIXELS = 25_000_000
"""Of a picture that is read; larger pages are made smaller."""
LEAST_SURE = 0.4
"""Mean confidence below which what was read is no text: a page upside down has .35."""
MOST_FAILURES = 3
"""Pages in a row after which the engine is not asked about the rest of a document."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """What came of a page: `scan` is None where it could not be read, and `info` says why."""

    info: PageInfo
    lines: list[Line]
    scan: Scan | None = None


class Scanner:
    """Reads the pages of one document."""

    def __init__(self, setup: OcrSetup) -> None:
        self._setup = setup
        self._likely = 0
        self._failures = 0

    @property
    def dpi(self) -> int:
        """Pixels an inch of the pictures that it wants; 0 where there is no engine."""
        return engine_of(self._setup).dpi if self._setup.engine else 0

    def read_all(
        self, pages: Iterable[tuple[PageInfo, Callable[[], Image]]]
    ) -> Iterator[ScannedPage]:
        """The pages in their order; pictures are drawn in this thread, few ahead of the reading.

        A picture that cannot be drawn raises `OcrError` when it is.
        """
        if not self._setup.engine:
            for info, _ in pages:
                yield ScannedPage(_unread(info, self._setup.mend), [])
            return
        at_once = min(os.cpu_count() or 1, 4)
        waiting: deque[Future[ScannedPage]] = deque()
        with ThreadPoolExecutor(at_once, thread_name_prefix="docqa-ocr") as threads:
            try:
                for info, draw in pages:
                    waiting.append(threads.submit(self._read, info, _drawn(draw)))
                    if len(waiting) > at_once:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _read(self, info: PageInfo, picture: Image | OcrError) -> ScannedPage:
        """The page in this grey picture."""
        if isinstance(picture, OcrError):
            return ScannedPage(_unread(info, str(picture)), [])
        if self._failures >= MOST_FAILURES:
            return ScannedPage(_unread(info, "OCR was given up after it had failed on others"), [])
        engine = engine_of(self._setup)
        try:
            with slot(os.cpu_count() or 1):
                found = scan(picture, engine, self._setup.timeout_s, likely=self._likely)
        except OcrError as error:
            logger.info("page %d: %s", info.number, error)
            self._failures += 1
            return ScannedPage(_unread(info, str(error)), [])
        self._failures = 0
        if not found.words:
            return ScannedPage(_unread(info, "OCR found no words in it"), [])
        if found.confidence < LEAST_SURE:
            said = f"OCR is only {found.confidence:.0%} sure of the words it read"
            return ScannedPage(_unread(info, said), [])
        self._likely = found.lie.turns
        width = info.height if found.lie.turns % 2 else info.width
        points = width / found.width
        lines = lines_of(found, info.number, points=points, tight=engine.tight)
        read = replace(
            info,
            status="ocr",
            reason="",
            characters=sum(len(line.text) for line in lines),
            confidence=round(found.confidence, 4),
        )
        return ScannedPage(read, lines, found)


def _drawn(draw: Callable[[], Image]) -> Image | OcrError:
    try:
        return draw()
    except OcrError as error:
        return error


def _unread(info: PageInfo, why: str) -> PageInfo:
    """The page as one that could not be read, also for this reason."""
    return replace(
        info, reason=f"{info.reason}; {why}" if info.reason and why else info.reason or why
    )
