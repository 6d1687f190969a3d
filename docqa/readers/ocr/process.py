"""Programs and processes that read pictures: bounded in time, processor and memory."""

import os
import signal
import subprocess
from collections.abc import Sequence

from docqa.errors import OcrError
from docqa.settings import ocr_environment

MAX_MEMORY = 4_000_000_000
"""Bytes of address space that the OCR of one page may take."""


def run(command: Sequence[str], sent: bytes, timeout_s: float) -> str:
    """What a program writes when it is sent these bytes.

    Raises:
        OcrError: If it cannot be run, takes longer than `timeout_s` seconds, or fails; it and its
            children are killed then.
    """
    try:
        process = started(command)
    except OSError as error:
        raise OcrError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    bound(process.pid, timeout_s)
    try:
        output, said = process.communicate(sent, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise OcrError(took_too_long(timeout_s)) from None
    finally:
        end(process)
    if process.returncode:
        words = " ".join(said.decode("utf-8", "replace").split())
        raise OcrError(words[-200:] or f"the OCR program ended with status {process.returncode}")
    return output.decode("utf-8", "replace")


def started(command: Sequence[str], *, errors: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    """The process of a command, in a group of its own, with pipes to it and from it.

    Raises:
        OSError: If it cannot be started.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
        env=ocr_environment(),
    )


def took_too_long(timeout_s: float) -> str:
    """What is said of a page whose OCR was ended."""
    return f"OCR took longer than {timeout_s:,.0f} s"


def bound(pid: int, timeout_s: float) -> None:
    """Bound its processor time and memory, so that it ends also where nobody is left to end it."""
    try:
        import resource

        seconds = int(timeout_s) + 5
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
        resource.prlimit(pid, resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    except (ImportError, AttributeError, OSError, ValueError):
        return  # not on this system, or it has ended already


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process with all that it started; its streams are left to who reads them."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process with all that it started."""
    kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue  # it had ended before it read what was left
