"""Which parts of a line are secrets: the patterns of `detect_secrets`, less what is plainly none.

Its plugins' patterns are applied, its verification never is: no secret leaves the machine.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

PRIVATE_KEY = "private key"
PASSWORD = "password or key"
IN_ADDRESS = "password in an address"
PUTTY_KEY = "PuTTY-User-Key-File"
MIN_SECRET = 6
"""Characters of a password; shorter ones are no use to anyone."""

_CONFIG_SUFFIXES = frozenset(
    [
        ".bash",
        ".cf",
        ".cfg",
        ".cnf",
        ".conf",
        ".config",
        ".env",
        ".eyaml",
        ".ini",
        ".netrc",
        ".npmrc",
        ".properties",
        ".pypirc",
        ".sh",
        ".tfvars",
        ".toml",
        ".yaml",
        ".yml",
        ".zsh",
    ]
)
_CONFIG_NAMES = ("dockerfile", ".env", ".npmrc", ".pypirc", ".netrc", "credentials")
_PLUGINS = {
    "artifactory": ("ArtifactoryDetector", "Artifactory credential"),
    "aws": ("AWSKeyDetector", "AWS access key"),
    "azure_storage_key": ("AzureStorageKeyDetector", "Azure storage key"),
    "basic_auth": ("BasicAuthDetector", IN_ADDRESS),
    "cloudant": ("CloudantDetector", "Cloudant credential"),
    "discord": ("DiscordBotTokenDetector", "Discord token"),
    "github_token": ("GitHubTokenDetector", "GitHub token"),
    "ibm_cos_hmac": ("IbmCosHmacDetector", "IBM storage credential"),
    "jwt": ("JwtTokenDetector", "JSON web token"),
    "mailchimp": ("MailchimpDetector", "Mailchimp key"),
    "npm": ("NpmDetector", "npm token"),
    "sendgrid": ("SendGridDetector", "SendGrid key"),
    "slack": ("SlackDetector", "Slack token"),
    "softlayer": ("SoftlayerDetector", "SoftLayer credential"),
    "square_oauth": ("SquareOAuthDetector", "Square secret"),
    "stripe": ("StripeDetector", "Stripe key"),
    "twilio": ("TwilioKeyDetector", "Twilio key"),
}
_MORE = (
    (re.compile(r"\bglpat-[\w-]{20,}"), "GitLab token"),
    (re.compile(r"\bgithub_pat_\w{20,}"), "GitHub token"),
    (re.compile(r"\bsk-(?=[\w-]*\d)[A-Za-z0-9_-]{20,}"), "API key"),
    (re.compile(r"\bAIza[0-9A-Za-z_-]{35}"), "Google API key"),
    (re.compile(r"\bhf_[A-Za-z]{34}\b"), "Hugging Face token"),
)
"""Younger than the scanner's patterns."""
_PLACEHOLDER = re.compile(
    r"change.?(?:me|it|this)|your|example|dummy|sample|placeholder|redacted|masked|insert|replace"
    r"|fake|todo|fixme|not.?(?:a.)?real|invalid|x{3,}|\.\.\.|\*{3,}|^(?:test|my|some|the)[_-]"
    r"|passw(?:or)?d|secret|token|[{<%$][{(<]|%[sd(]|^<.*>$|^\{.*\}$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:https?:|file:|/|\./|~|\$|%|&|@|#|\\|--?\w)|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$"
    r"|[\w.>:-]*[(\[]|\w+(?:->|::)"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z_.:/-]*\d{0,2}$")
_PLAIN_KEY = re.compile(
    r"(?:passw(?:or)?d|passphrase|pwd)[\"'\]]*\s*[:=]+\s*[\"'`]?$", re.IGNORECASE
)
_UNBROKEN = re.compile(r"[\w=.-]{1,8000}", re.ASCII)
_STAND_IN = re.compile(r"\W*|.{1,2}|pass\w{0,4}|pw|pwd|user\w*|port|\d{1,5}", re.IGNORECASE)


WINDOW = 300
"""Characters of a line that are judged at once; longer lines are judged around what may be one."""


class Span(NamedTuple):
    """Characters of a line, from `start` up to `end`."""

    start: int
    end: int
    kind: str


Judge = Callable[[str, str], Iterator[Span]]
"""Given a file's name and (a part of) a line of it."""


def is_config(name: str) -> bool:
    """Whether a file of this name holds settings, where values stand without quotes."""
    base = PurePosixPath(name.lower()).name
    return PurePosixPath(base).suffix in _CONFIG_SUFFIXES or base.startswith(_CONFIG_NAMES)


def is_allowed(name: str, line: str, before: str) -> bool:
    """Whether the author says that there is no secret (`# pragma: allowlist secret`)."""
    if "pragma:" not in line and "pragma:" not in before:
        return False
    from detect_secrets.filters.allowlist import is_line_allowlisted
    from detect_secrets.util.code_snippet import CodeSnippet

    snippet = CodeSnippet([before, line], start_line=0, target_index=1)
    return bool(is_line_allowlisted(name, line, snippet))


@lru_cache(maxsize=1)
def _detectors() -> tuple[tuple[Sequence["re.Pattern[str]"], str], ...]:
    """The patterns of the scanner's plugins; imported when the first file needs them."""
    from importlib import import_module

    plugins = []
    for module, (name, kind) in _PLUGINS.items():
        found = import_module(f"detect_secrets.plugins.{module}")
        patterns = getattr(found, name)().denylist
        # Its second looks for the product's name within hundreds of characters, at a high price.
        plugins.append((patterns[:1] if module == "artifactory" else patterns, kind))
    return tuple(plugins)


def shaped(_name: str, line: str) -> Iterator[Span]:
    """Secrets in a part of a line that are known by what they look like."""
    for patterns, kind in _detectors():
        for pattern in patterns:
            for match in pattern.finditer(line):
                start, end = match.span(1) if kind == IN_ADDRESS else _secret_of(match)
                if _is_formal(kind, match, line):
                    yield Span(start, end, kind)
    for pattern, kind in _MORE:
        for match in pattern.finditer(line):
            yield Span(match.start(), match.end(), kind)
    if (at := key_begin(line)) is not None:
        yield Span(at, len(line), PRIVATE_KEY)


def key_begin(line: str) -> int | None:
    """Where a private key begins on a line; None if none does."""
    if PUTTY_KEY in line:
        return line.index(PUTTY_KEY)
    return line.index("BEGIN ") if "PRIVATE KEY" in line and "BEGIN " in line else None


def web_token(line: str, at: int) -> Span | None:
    """The whole JSON web token at this place of a line, which may be longer than a window."""
    token = _UNBROKEN.match(line, at)
    if token is None or not line.startswith("eyJ", at):
        return None
    from detect_secrets.plugins.jwt import JwtTokenDetector

    try:
        is_valid = JwtTokenDetector.is_formally_valid(".".join(token[0].split(".")[:2]))
    except RecursionError:  # of lists in lists
        is_valid = True
    is_token = is_valid and "." in token[0]
    return Span(at, token.end(), "JSON web token") if is_token else None


def _secret_of(match: "re.Match[str]") -> tuple[int, int]:
    """Where the secret itself is: the longest group that could be one, else all of the match."""
    groups = [match.span(number) for number in range(1, (match.re.groups or 0) + 1)]
    start, end = max(groups, key=lambda span: span[1] - span[0], default=match.span())
    return (start, end) if end - start >= MIN_SECRET else match.span()


def _is_formal(kind: str, match: "re.Match[str]", line: str) -> bool:
    """What some plugins ask for beside their pattern."""
    if kind == "JSON web token":
        from detect_secrets.plugins.jwt import JwtTokenDetector

        return bool(JwtTokenDetector.is_formally_valid(match[0]))
    if kind == "Azure storage key":
        return re.search(r"account_?k|azure", line, re.IGNORECASE) is not None
    if kind == IN_ADDRESS:
        host = line[match.end() : match.end() + 30].lower()
        return not (
            _is_placeholder(match[1]) or _STAND_IN.fullmatch(match[1]) or "example." in host
        )
    return True


def assigned(name: str, line: str) -> Iterator[Span]:
    """What a part of a line gives to something that is named a password, key or token."""
    from detect_secrets.plugins.keyword import ALLOWLIST

    lower = line.lower()
    if any(allowed.lower() in lower for allowed in ALLOWLIST):
        return
    for pattern, group in _assignments(name).items():
        for match in pattern.finditer(line):
            start, end = match.span(group)
            value = line[start:end].rstrip()
            if is_config(name):
                value = re.split(r"\s+[#;&|]|;$", value)[0].rstrip("\"' ,")
            if _is_secret(value, line[:start]):
                yield Span(start, start + len(value), PASSWORD)


def _assignments(name: str) -> Mapping["re.Pattern[str]", int]:
    from detect_secrets.plugins import keyword
    from detect_secrets.util.filetype import determine_file_type

    if is_config(name):
        patterns = keyword.CONFIG_DENYLIST_REGEX_TO_GROUP
    else:
        patterns = keyword.REGEX_BY_FILETYPE.get(
            determine_file_type(name), keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP
        )
    return dict(patterns)


def could_be_secret(value: str) -> bool:
    """Whether the first characters of a value are those of a password or key."""
    return (
        len(value) >= MIN_SECRET
        and not any(map(str.isspace, value))
        and not _is_placeholder(value)
        and not _REFERENCE.match(value)
    )


def _is_secret(value: str, before: str) -> bool:
    """Whether a value is one that nobody would write but for a password or key."""
    if len(value) > WINDOW or not could_be_secret(value) or _is_serial(value):
        return False
    # Words are names of things, unless they are plainly set as a password.
    if _WORDS.match(value):
        return value.isalnum() and value.islower() and bool(_PLAIN_KEY.search(before))
    return any(map(str.isalnum, value)) and len(set(value)) >= 5


def _is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.search(value) is not None


def _is_serial(value: str) -> bool:
    """Whether it is no more than letters or digits in their order, or a UUID."""
    from detect_secrets.filters import heuristic

    return bool(
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_not_alphanumeric_string(value)
        or heuristic.is_aws_arn(value)
    )
