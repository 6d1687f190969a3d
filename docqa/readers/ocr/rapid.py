"""RapidOCR (PaddleOCR's models on ONNX Runtime), in a process of its own that can be killed."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from PIL.Image import Image

from docqa.errors import OcrError
from docqa.readers.ocr.base import OcrWord
from docqa.readers.ocr.process import end, kill, started, took_too_long

START_S = 60.0
"""Loading the models may take so much longer than a page."""
COMMAND = (
    sys.executable,
    "-P",
    "-c",
    f"import sys; sys.path.append({str(Path(__file__).parents[3])!r});"
    " from docqa.readers.ocr.rapid_process import main; main()",
)


class RapidOcr:
    """Reads with the models that the package carries."""

    name = "rapidocr"
    dpi = 200
    doubt = 0.75
    tight = False

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def words(self, picture: Image, timeout_s: float) -> list[OcrWord]:
        """The words of a grey picture, line by line.

        Raises:
            OcrError: If it takes longer than `timeout_s` seconds, or the process fails.
        """
        with self._lock:
            try:
                answer = self._ask(picture, timeout_s)
            except OcrError:
                self._end()
                raise
        try:
            told = json.loads(answer)
            if error := told.get("error"):
                raise OcrError(f"RapidOCR failed: {error}")
            return [OcrWord(*word) for word in told["words"]]
        except (ValueError, KeyError, TypeError) as error:
            raise OcrError("RapidOCR failed: its answer cannot be read") from error

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def _ask(self, picture: Image, timeout_s: float) -> bytes:
        limit_s = timeout_s
        try:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._process = started(self._command, errors=subprocess.DEVNULL)
                limit_s += START_S
        except OSError as error:
            raise OcrError(f"RapidOCR cannot be run: {error.strerror or error}") from error
        process = self._process
        late = threading.Event()

        def stop() -> None:
            late.set()
            kill(process)

        timer = threading.Timer(limit_s, stop)
        timer.daemon = True
        timer.start()
        try:
            answer = _answer(process, picture)
        finally:
            timer.cancel()
        if late.is_set():
            raise OcrError(took_too_long(timeout_s))
        if not answer.endswith(b"\n"):
            raise OcrError("RapidOCR ended unexpectedly")
        return answer


def _answer(process: "subprocess.Popen[bytes]", picture: Image) -> bytes:
    """The line that comes back for a picture; what there is of it where the process ends."""
    assert process.stdin is not None
    assert process.stdout is not None
    head = {"width": picture.width, "height": picture.height}
    try:
        process.stdin.write(json.dumps(head).encode() + b"\n")
        process.stdin.write(picture.tobytes())
        process.stdin.flush()
    except OSError:
        return b""
    return process.stdout.readline()
