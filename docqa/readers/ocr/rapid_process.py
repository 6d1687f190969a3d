"""The process in which RapidOCR runs: a line and a picture in, a line of words out.

A closed standard input ends it at once, also in the middle of a page: its parent is gone.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

MAX_SIDE = 2_400
"""Pixels; larger pictures are made smaller before lines are looked for."""


_Corners = Sequence[Sequence[float]]


class _Found(Protocol):
    """What RapidOCR gives back, as far as it is used."""

    txts: Sequence[str] | None
    word_results: Sequence[Sequence[tuple[str, float, _Corners | None]]]


_Engine = Callable[[object], _Found]


def main() -> None:
    """Serve pictures until standard input closes."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    pictures: queue.SimpleQueue[tuple[int, int, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_feed, args=(sys.stdin.buffer, pictures), daemon=True).start()
    engine = _engine()
    while True:
        width, height, pixels = pictures.get()
        try:
            answer: dict[str, Any] = {"words": _words(engine, width, height, pixels)}
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            answer = {"error": str(error)[:200] or type(error).__name__}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _feed(source: BinaryIO, pictures: "queue.SimpleQueue[tuple[int, int, bytes]]") -> None:
    for line in source:
        head = json.loads(line)
        size = head["width"] * head["height"]
        pictures.put((head["width"], head["height"], source.read(size)))
    os._exit(0)


def _engine() -> _Engine:
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    made = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # whole pages are turned, see `docqa.readers.ocr.scanning`
            "Global.return_word_box": True,
            "Global.max_side_len": MAX_SIDE,
            # By their paths: the package would fetch what it does not find.
            "Det.model_path": str(next(models.glob("*_det_*.onnx"))),
            "Rec.model_path": str(next(models.glob("*_rec_*.onnx"))),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    return cast("_Engine", made)


def _words(engine: _Engine, width: int, height: int, pixels: bytes) -> list[list[Any]]:
    import numpy

    grey = numpy.frombuffer(pixels, dtype=numpy.uint8).reshape(height, width)
    found = engine(numpy.stack([grey] * 3, axis=-1))
    words: list[list[Any]] = []
    if found.txts is None:
        return words
    for line, placed in enumerate(found.word_results):
        for text, sure, corners in placed:
            if corners is None or not text.strip():
                continue
            across = [float(x) for x, _ in corners]
            down = [float(y) for _, y in corners]
            box = [min(across), min(down), max(across), max(down)]
            words.append([*box, "".join(text.split()), float(sure), line])
    return words
