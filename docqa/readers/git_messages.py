"""What git says when it fails, as docqa's errors."""

import re

from docqa.errors import (
    EmptyRepositoryError,
    GitAccessError,
    GitError,
    GitRefError,
    GitUnreachableError,
)
from docqa.readers.git_address import GitAddress

_UNREACHABLE = re.compile(
    r"could not resolve|couldn't resolve|failed to connect|connection refused|timed out"
    r"|couldn't connect|network is unreachable|no route to host|connection reset|early eof"
    r"|remote end hung up|rpc failed|certificate|ssl|gnutls|empty reply|returned error: 5\d\d"
    r"|from proxy|operation too slow|connection closed|unexpected disconnect",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"authentication failed|could not read username|could not read password|terminal prompts"
    r"|returned error: 40[134]|permission denied|access denied|repository (?:'.*' )?not found",
    re.IGNORECASE,
)
_NOT_READ = re.compile(r"could not read from remote|does not exist|not found", re.IGNORECASE)
_NO_REF = re.compile(
    r"couldn't find remote ref (?P<ref>\S+)|not our ref (?P<id>\w+)|unadvertised object (?P<o>\w+)"
    r"|remote did not send all necessary objects|no such remote ref (?P<name>\S+)",
    re.IGNORECASE,
)


def translated(name: str, messages: str, address: GitAddress | None) -> GitError:
    """The error of docqa's for what git wrote on its standard error."""
    host = address.host if address and address.host else "the repository"
    told = _told(messages)
    if "host key verification failed" in messages.lower():
        hint = f"Connect once with `ssh {host}`, compare and accept its key, then try again."
        return GitAccessError(name, f"the key of {host} is not known to ssh", hint)
    if "dubious ownership" in messages:
        return GitAccessError(
            name,
            "the repository belongs to another user of this machine",
            "Copy it, or add a folder of it instead.",
        )
    if match := _NO_REF.search(messages):
        return GitRefError(name, next((each for each in match.groups() if each), ""))
    if "not a git repository" in messages or "does not appear to be a git" in messages:
        return GitError(name, "there is no repository at this address")
    if re.search(r"transport '.*' not allowed|protocol .* not supported", messages):
        return GitError(name, "the repository asks for a transport that docqa refuses")
    if re.search(r"returned error: 30\d|redirect", messages, re.IGNORECASE):
        hint = "Give the repository's new address; a token is not sent along to another one."
        return GitAccessError(name, f"{host} says that the repository has moved", hint)
    if re.search(r"fsck|hasdotgit|bad object|invalid object", messages, re.IGNORECASE):
        return GitError(name, f"it has objects that git takes for damaged or hostile ({told})")
    if "no space left" in messages.lower():
        return GitError(name, "the disk is full", "Free some space where DOCQA_HOME is.")
    return _of_connection(name, messages, host)


def _of_connection(name: str, messages: str, host: str) -> GitError:
    """The error for what is left: the connection, the rights, or git itself."""
    told = _told(messages)
    unseen = GitAccessError(name, f"{host} has no such repository, or does not show it to you")
    if _REFUSED.search(messages):
        return unseen
    if _UNREACHABLE.search(messages):
        return GitUnreachableError(name, f"{host} cannot be reached ({told})")
    if _NOT_READ.search(messages):
        return unseen
    if "does not have any commits" in messages:
        return EmptyRepositoryError(name)
    return GitError(name, f"git failed: {told}")


def _told(messages: str) -> str:
    """The line of git's messages that says most, shortened."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", messages) if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:"))]
    line = (fatal or lines or ["it said nothing"])[0]
    shown = "".join(char for char in line if char.isprintable())
    return shown.removeprefix("fatal: ").removeprefix("error: ")[:200]
