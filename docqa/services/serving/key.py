"""The server's key: in a file of the user's own that SGLang reads, so in no list of processes."""

import json
import secrets
from pathlib import Path

from docqa.services.serving.state import ServePaths, replace_file


def read_key(home: Path) -> str:
    """The key of this home's server, empty if there is none."""
    try:
        return str(json.loads(ServePaths(home).key.read_text("utf-8"))["api-key"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def ensure_key(home: Path) -> str:
    """The key of this home's server, made on first use and kept: the app may know it already.

    The file is for SGLang's `--config`, which reads YAML; JSON is YAML too.

    Raises:
        StoreError: If it cannot be written.
    """
    paths = ServePaths(home)
    paths.make()
    # Hexadecimal: SGLang passes it on to its own argument parser, which would take a leading dash
    # for a flag.
    key = read_key(home) or secrets.token_hex(24)
    replace_file(paths.key, json.dumps({"api-key": key}) + "\n")
    return key
