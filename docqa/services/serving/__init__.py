"""Running SGLang on this machine: `docqa serve`, and what others may know of it."""

from docqa.services.serving.key import read_key
from docqa.services.serving.state import ServerState, read_state

__all__ = ["ServerState", "read_key", "read_state"]
