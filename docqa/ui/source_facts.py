"""What is said of a source, in words: where it lies, how large it is, who is asked for it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docqa.core.left_out import LeftOut
from docqa.errors import GitAddressError
from docqa.readers.git_address import GitAddress
from docqa.ui import engines, messages, state


@dataclass(frozen=True, slots=True)
class Looked:
    """What the job found."""

    name: str
    kind: str
    revision: str
    ref: str
    files: int
    size: int
    tokens: int
    """An estimate."""
    left_out: Mapping[str, int]
    """Files by category."""
    left_out_files: tuple[LeftOut, ...]
    largest: tuple[tuple[str, int], ...]
    committed_at: float
    """Seconds since the epoch; 0 outside of a repository."""

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "Looked":
        """The result of a `preview` job."""
        return cls(
            name=result.get("name", ""),
            kind=result.get("kind", ""),
            revision=result.get("revision", ""),
            ref=result.get("ref", ""),
            files=result.get("files", 0),
            size=result.get("bytes", 0),
            tokens=result.get("tokens", 0),
            left_out=result.get("left_out", {}),
            left_out_files=tuple(LeftOut(*file) for file in result.get("left_out_files", ())),
            largest=tuple((path, size) for path, size in result.get("largest", ())),
            committed_at=result.get("committed_at") or 0,
        )


def place(address: str) -> str:
    """An address as HTML: Markdown would make it a link that leads out of docqa."""
    return f'<div class="place"><b>{html.escape(address)}</b></div>'


def contacts(text: str) -> str:
    """Which host is asked for this repository and what it is sent, in words."""
    try:
        address = GitAddress.parse(text)
    except GitAddressError as error:
        return messages.plain(f"{str(error)[:1].upper()}{str(error)[1:]}.")
    if not address.is_remote:
        return "It lies on this machine; no other machine is contacted."
    host = messages.plain(address.host)
    settings = state.app().settings
    if settings.git_token and address.scheme == "https" and address.host == settings.git_token_host:
        return f"docqa will contact **{host}** to fetch it, with the token of your settings."
    return f"docqa will contact **{host}** to fetch it; nothing of yours is sent there."


def day(moment: float) -> str:
    """`9 October 2025`, here where the reader is."""
    when = datetime.fromtimestamp(moment).astimezone()
    return f"{when.day} {when:%B %Y}"


def headline(name: str, revision: str, ref: str) -> str:
    """`flask, main at 9f3c2ab`, as Markdown."""
    at = f" at `{revision[:7]}`" if revision else ""
    branch = f", {messages.plain(ref)}" if ref and not revision.startswith(ref) else ""
    return f"**{messages.plain(name)}**{branch}{at}"


def size(workspace_id: int, found: Looked) -> str:
    """Files, bytes and tokens, the tokens also as a share of the engine's window."""
    said = f"{messages.count(found.files, 'file')}, {messages.size(found.size)}"
    said += f", about {found.tokens:,} tokens"
    if engines.awaits_consent(workspace_id):
        return f"{said}."
    window = state.app().estimating.window(workspace_id)
    if not window:
        return f"{said}."
    share = found.tokens / window
    if share > 1:
        return (
            f"{said}: more than the engine's window of {window:,} tokens. "
            "The best passages are sent then, or all in parts."
        )
    return f"{said}: {share:.0%} of the engine's window of {window:,} tokens."
