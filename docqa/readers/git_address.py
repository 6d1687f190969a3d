"""Addresses of repositories: which are taken, and what of them git is given.

An address is text of a stranger. Only https, ssh and files of this machine are taken; nothing that
git or ssh could take for an option or a command; no credentials.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit

from docqa.errors import GitAddressError
from docqa.readers.home_paths import expanded

GitScheme = Literal["https", "http", "ssh", "file"]
MAX_ADDRESS = 2_000

_SCHEMES: dict[str, GitScheme] = {"https": "https", "http": "http", "ssh": "ssh"}

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCP = re.compile(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w.-]+):(?P<path>[^:].*)", re.DOTALL)
_AFTER_USER, _AFTER_PASSWORD = re.compile("@.*:"), re.compile("@.*[:/]")
"""In the path of an address of ssh: that of `user:password@host:path`, which ssh knows not."""
_TRANSPORT = re.compile(r"[a-z0-9_+.-]+::", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?", re.IGNORECASE | re.ASCII)
_USER = re.compile(r"[a-z0-9_][\w.-]{0,63}", re.IGNORECASE | re.ASCII)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)
_PAGE = re.compile(r"/(?:-/)?(?:tree|commit|blob|src/branch|src/commit)/(?P<ref>[^?#]+)$")
_DOCUMENT = re.compile(
    r"\.(?:pdf|html?|txt|md|zip|gz|tgz|docx?|csv|json|png|jpe?g)$", re.IGNORECASE
)
_FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")


@dataclass(frozen=True, slots=True)
class GitAddress:
    """Where a repository is. There are no credentials in it."""

    url: str
    """What git is given."""
    scheme: GitScheme
    host: str
    """With its port, where one is named; empty for a repository of this machine."""
    name: str
    ref: str = ""
    """Branch, tag or commit that the address of a forge's page names."""

    @classmethod
    def parse(cls, text: str) -> "GitAddress":
        """The address in what a user typed.

        Raises:
            GitAddressError: If it is none, or one that docqa refuses; its message has no
                credentials.
        """
        text = text.strip()
        _refuse_hostile(text)
        if _URL.match(text):
            return _of_url(text)
        if _DRIVE.match(text) or text.startswith((".", "/", "~")) or ":" not in text:
            return _of_path(text)
        return _of_scp(text)

    @property
    def display(self) -> str:
        """The address as it is shown and stored."""
        return self.url if self.scheme != "file" else unquote(self.url.removeprefix("file://"))

    @property
    def is_remote(self) -> bool:
        """Whether another machine is asked."""
        return self.scheme != "file"


def is_git_address(text: str) -> bool:
    """Whether this is meant as the address of a repository, be it one that is taken or not.

    A folder with a working tree is a folder; the path of a bare repository is an address.
    """
    text = text.strip()
    if _TRANSPORT.match(text):
        return True
    if match := _URL.match(text):
        scheme = match[0].lower()
        if scheme in ("https://", "http://"):
            return _is_of_repository(text)
        return scheme in ("ssh://", "git://", "file://") or scheme.startswith("git+")
    if _DRIVE.match(text) or Path(text).is_dir():
        return is_bare_repository(Path(text))
    scp = _SCP.fullmatch(text)
    return bool(scp and (scp["user"] or text.endswith(".git")) and "/" not in scp["host"])


def is_bare_repository(path: Path) -> bool:
    """Whether a folder is a repository without a working tree."""
    try:
        return (path / "HEAD").is_file() and all(
            (path / name).is_dir() for name in ("objects", "refs")
        )
    except OSError:
        return False


def _is_of_repository(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    path = parts.path.rstrip("/")
    if path.endswith(".git"):
        return True
    host = (parts.hostname or "").lower()
    is_forge = host in _FORGES or host.startswith(("git.", "gitlab.", "gitea.", "github."))
    if not is_forge or path.strip("/").count("/") < 1:
        return False
    return _PAGE.search(path) is not None or not _DOCUMENT.search(path)


def _refuse_hostile(text: str) -> None:
    """Raise for what git or ssh would take for something else than an address."""
    if not text:
        raise GitAddressError("", "no address was given")
    if len(text) > MAX_ADDRESS:
        raise GitAddressError(text[:60] + "…", "is longer than an address can be")
    if any(not char.isprintable() for char in text):
        raise GitAddressError(_without_credentials(ascii(text)[1:-1]), "has control characters")
    if text.startswith("-"):
        raise GitAddressError(_without_credentials(text), "is an option, not an address")
    if _TRANSPORT.match(text):
        raise GitAddressError(
            _without_credentials(text),
            f"the transport {text.split('::')[0]!r} runs commands of its own and is refused",
        )


def _of_url(text: str) -> GitAddress:
    shown = _without_credentials(text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        # What is wrong may be a part of a password.
        why = "" if "@" in text else f" ({error})"
        raise GitAddressError(shown, f"is no address{why}") from None
    if parts.scheme.lower() == "file":
        return _of_file(parts, shown)
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None:
        raise GitAddressError(shown, f"the transport {parts.scheme!r} is refused")
    host = parts.hostname or ""
    # An address of IPv6 stands in brackets.
    bracketed = f"[{host}]" if ":" in host else host
    if not bracketed.startswith("[") and not _HOST.fullmatch(host):
        raise GitAddressError(shown, "names no host")
    if scheme == "http" and not _is_loopback(host):
        raise GitAddressError(shown, "http is not encrypted and is refused; use https")
    user = _user(parts, scheme, shown)
    place = bracketed if port is None else f"{bracketed}:{port}"
    path, ref = _repository_path(parts.path, shown, may_be_page=scheme != "ssh")
    if port is not None and "@" in path:
        raise GitAddressError(shown, "may have a password in it; write an @ of its path as %40")
    if parts.query or parts.fragment:
        raise GitAddressError(shown, "has a query, which the address of a repository has not")
    return GitAddress(f"{scheme}://{user}{place}{path}", scheme, place, _name(path), ref)


def _user(parts: SplitResult, scheme: str, shown: str) -> str:
    """The user of an ssh address, with its `@`."""
    if parts.password is not None or (parts.username is not None and scheme != "ssh"):
        raise GitAddressError(
            shown,
            "has a user name or a password in it, which docqa neither keeps nor sends",
            "Leave out what stands before the @. For a private repository set DOCQA_GIT_TOKEN"
            " (and DOCQA_GIT_TOKEN_HOST where it is not github.com).",
        )
    if parts.username is None:
        return ""
    if not _USER.fullmatch(parts.username):
        raise GitAddressError(shown, "names no user that ssh could log in as")
    return f"{parts.username}@"


def _repository_path(path: str, shown: str, *, may_be_page: bool) -> tuple[str, str]:
    """The path of the repository, and the branch or commit if it is that of a forge's page."""
    ref = ""
    page = _PAGE.search(path) if may_be_page else None
    if page:
        path, ref = path[: page.start()], unquote(page["ref"]).strip("/")
    path = path.rstrip("/")
    if not path.strip("/"):
        raise GitAddressError(shown, "names no repository")
    if any(part.startswith("-") for part in unquote(path).split("/")):
        raise GitAddressError(shown, "has a part that begins with a dash, which is refused")
    return path, ref


def _of_scp(text: str) -> GitAddress:
    """`git@host:owner/name.git`, as ssh writes it."""
    match, shown = _SCP.fullmatch(text), _without_credentials(text)
    if match is None or not _HOST.fullmatch(match["host"]):
        raise GitAddressError(shown, "is no address of a repository")
    user = match["user"] or ""
    if user and not _USER.fullmatch(user):
        raise GitAddressError(shown, "names no user that ssh could log in as")
    if (_AFTER_USER if user else _AFTER_PASSWORD).search(match["path"]):
        raise GitAddressError(
            shown, "may have a password in it, which docqa neither keeps nor sends"
        )
    path, _ = _repository_path(match["path"], shown, may_be_page=False)
    url = f"{user}@{match['host']}:{path}" if user else f"{match['host']}:{path}"
    return GitAddress(url, "ssh", match["host"], _name(path))


def _of_file(parts: SplitResult, shown: str) -> GitAddress:
    if parts.netloc not in ("", "localhost"):
        raise GitAddressError(shown, "names a file of another machine")
    return _of_path(unquote(parts.path), shown)


def _of_path(text: str, shown: str = "") -> GitAddress:
    """A repository of this machine: bare, or a folder with a working tree."""
    path = expanded(text).absolute()
    try:
        is_repository = is_bare_repository(path) or (path / ".git").exists()
    except (OSError, ValueError):
        is_repository = False
    if not is_repository:
        raise GitAddressError(shown or text, "there is no repository of this path")
    return GitAddress(f"file://{quote(path.as_posix())}", "file", "", _name(path.as_posix()))


def _name(path: str) -> str:
    name = unquote(PurePosixPath(path.replace("\\", "/").rsplit(":", 1)[-1]).name)
    name = name.removesuffix(".git") or PurePosixPath(path).parent.name
    return "".join(char if char.isprintable() else "_" for char in name)[:80] or "repository"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _without_credentials(text: str) -> str:
    """The text without what stands before its last `@`, which may be in a password too."""
    return re.sub(r"(?<=//).*@" if _URL.match(text) else r".*:.*@", "", text)[:200]
