"""What is looked at before a server is launched: said at once, not after minutes of loading."""

import importlib.metadata
import importlib.util
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from docqa.errors import PortInUseError, ServerNotInstalledError

TESTED_VERSION = "0.5.23"
_ASK = (
    "import importlib.metadata as m, importlib.util as u\n"
    "print(m.version('sglang') if u.find_spec('sglang') else '')"
)


def server_python(chosen: str) -> str:
    """The Python that runs the server: the chosen one, else docqa's own."""
    return shutil.which(chosen) or chosen if chosen else sys.executable


def sglang_version(python: str, folder: Path) -> str:
    """The version of SGLang that this Python would run. `folder` is where it is started.

    Raises:
        ServerNotInstalledError: If it has none, or does not run.
    """
    if python == sys.executable:
        if importlib.util.find_spec("sglang") is None:
            raise ServerNotInstalledError(python)
        return importlib.metadata.version("sglang")
    try:
        asked = subprocess.run(
            [python, "-c", _ASK],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerNotInstalledError(python, f"cannot be run: {error}") from error
    if asked.returncode:
        lines = asked.stderr.strip().splitlines() or [f"exit status {asked.returncode}"]
        raise ServerNotInstalledError(python, f"cannot be run: {lines[-1]}")
    if not asked.stdout.strip():
        raise ServerNotInstalledError(python)
    return asked.stdout.strip()


def check_port(host: str, port: int) -> None:
    """Return if nobody listens there.

    Raises:
        PortInUseError: If another program does, or the system keeps the port to itself.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(host, port) from error
