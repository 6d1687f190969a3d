"""Passwords, keys and tokens in a text: found by `detect_secrets`, and masked.

The scanner judges single lines and never asks a server whether a secret is in force. Two linear
expressions find the lines that are worth its time, so that ordinary code costs next to nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol, cast

import re2

from docqa.core.symbols import Secret
from docqa.readers.base import ReaderOptions
from docqa.readers.secret_rules import PRIVATE_KEY, Span, is_config, judged

MAX_SECRETS = 1_000
"""Of a file; a file of nothing but secrets is bounded."""
WINDOW = 1_000
"""Characters of a line that are judged at once; longer lines are judged around their candidates."""
MAX_KEY_LINES = 200

_WORD = (
    r"(?:api[_.\-]?key|auth_?key|service_?key|account_?k|db_?key|database_?key|priv(?:ate)?_?key"
    r"|client_?key|access_?key|(?:db|database|key|_)_?pass|passw(?:or)?d|passphrase|token|pwd"
    r"|secret|contrase|credential)"
)
_CLOSING = r"(?:[\"'\]]{0,2}|\[\d*\])\s{0,20}"
_ASSIGNED = (
    rf"(?i){_WORD}\w{{0,40}}{_CLOSING}(?::=|[:=!]=?=?=?>?|\.assign\(|\(|,)\s{{0,20}}@?[\"'`]"
    rf"|[\"'`]\s{{0,5}}[!=]={{1,2}}\s{{0,5}}\w{{0,40}}{_WORD}"
)
_CONFIGURED = rf"(?i){_WORD}\w{{0,40}}{_CLOSING}[:=]\s{{0,20}}[^\s'\"]{{4}}"
_SHAPED = (
    r"AKC[a-zA-Z0-9]{10}|(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"
    r"|(?i:aws).{0,20}(?i:key|pwd|pw|password|pass|token).{0,20}[0-9a-zA-Z/+]{40}"
    r"|[A-Za-z0-9+/]{86,88}==|://[^\s{}:/@]+:[^{}\s@]+@"
    r"|[MNO][a-zA-Z\d_-]{23,25}\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}"
    r"|gh[pousr]_[A-Za-z0-9_]{36}|github_pat_\w{20}|glpat-[\w-]{20}"
    r"|eyJ[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+|[0-9a-z]{32}-us[0-9]|npm_[A-Za-z0-9-]{36}|_authToken"
    r"|BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY|PuTTY-User-Key-File|SG\.[a-zA-Z0-9_-]{22}\."
    r"|(?i:xox[abposr]-\d|hooks\.slack\.com/services/T)|sq0csp-|[rs]k_live_[0-9a-zA-Z]{24}"
    r"|AC[a-z0-9]{32}|SK[a-z0-9]{32}|\bsk-[A-Za-z0-9_-]{20}|AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z]{34}"
)
_KEY_BEGIN = re.compile(r"BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY[A-Z ]{0,6}-*")
_KEY_END = re.compile(r"-*END [A-Z0-9 ]{0,20}PRIVATE KEY")
_KEY_BODY = re.compile(r"[\s\"'`+,\\rn]*[A-Za-z0-9+/=\\]{16,}")
_PUTTY_KEY = re.compile(r"Private-Lines: *(\d{1,3})")


def masked(text: str, name: str, options: ReaderOptions) -> tuple[str, tuple[Secret, ...]]:
    """The text as it is read, and the secrets found in it: masked unless the options say not."""
    secrets = find_secrets(name, text)
    return (mask(text, secrets) if options.mask_secrets else text), secrets


def find_secrets(name: str, text: str) -> tuple[Secret, ...]:
    """What looks like a secret in the text of a file of this name, in the order of the lines.

    A private key is one secret, at the line where it begins.
    """
    data = text.encode(errors="replace")
    found = sorted(_candidates(name, data))
    if not found:
        return ()
    lines = text.split("\n")
    starts = _line_starts(data)
    spans: dict[int, list[Span]] = {}
    whole: set[int] = set()
    for offset in found:
        index = bisect_right(starts, offset) - 1
        if index in whole or len(spans) >= MAX_SECRETS:
            continue
        line = lines[index]
        at = len(data[starts[index] : offset].decode(errors="replace"))
        if len(line) <= WINDOW:
            whole.add(index)
        before = lines[index - 1] if index else ""
        if judgement := _judged(name, line, at, before):
            spans.setdefault(index, []).extend(judgement)
    secrets = _secrets(spans)
    return tuple(_outside_of_keys(lines, secrets))[:MAX_SECRETS]


def mask(text: str, secrets: Sequence[Secret]) -> str:
    """The text with its secrets replaced by what they are; it has the same lines."""
    if not secrets:
        return text
    lines = text.split("\n")
    for secret in sorted(secrets, key=lambda each: (each.line, -each.start)):
        index = secret.line - 1
        if not 0 <= index < len(lines):
            continue
        line = lines[index]
        if secret.kind == PRIVATE_KEY:
            _mask_key(lines, index)
        else:
            lines[index] = f"{line[: secret.start]}[masked: {secret.kind}]{line[secret.end :]}"
    return "\n".join(lines)


class _Match(Protocol):
    def start(self) -> int: ...


class _Expression(Protocol):
    def finditer(self, data: bytes) -> Iterator[_Match]: ...


@lru_cache(maxsize=4)
def _expression(pattern: str) -> _Expression:
    options = re2.Options()
    options.max_mem = 64 << 20
    return cast("_Expression", re2.compile(pattern, options))


def _candidates(name: str, data: bytes) -> Iterator[int]:
    """Byte offsets at which a secret may stand or be named."""
    # Two passes: both in one expression make an automaton that is six times slower.
    for pattern in (_CONFIGURED if is_config(name) else "", _ASSIGNED, _SHAPED):
        if pattern:
            yield from (match.start() for match in _expression(pattern).finditer(data))


def _line_starts(data: bytes) -> list[int]:
    starts = [0]
    at = data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return starts


def _judged(name: str, line: str, at: int, before: str) -> list[Span]:
    """The secrets in the line, or in the part of a long line around a candidate."""
    if len(line) <= WINDOW:
        return judged(name, line, before)
    first = max(0, at - 100)
    spans = judged(name, line[first : first + WINDOW], "")
    return [Span(span.start + first, span.end + first, span.kind) for span in spans]


def _secrets(spans: dict[int, list[Span]]) -> list[Secret]:
    """Spans by line as secrets; where two overlap, the first and longest stands for both."""
    secrets: list[Secret] = []
    for index in sorted(spans):
        end = -1
        for span in sorted(spans[index], key=lambda each: (each.start, -each.end)):
            if span.start >= end:
                secrets.append(Secret(index + 1, span.start, span.end, span.kind))
                end = span.end
    return secrets


# Private keys


def _outside_of_keys(lines: Sequence[str], secrets: Iterable[Secret]) -> Iterator[Secret]:
    """The secrets without those that are part of a private key, keys without a body left out."""
    last = 0
    for secret in secrets:
        if secret.line <= last:
            continue
        if secret.kind == PRIVATE_KEY:
            body = _key_lines(lines, secret.line - 1)
            inside = _inside(lines[secret.line - 1])
            if not inside and not any(_KEY_BODY.match(lines[index][:200]) for index in body):
                continue
            last = max(body, default=0) + 1
        yield secret


def _key_lines(lines: Sequence[str], begin: int) -> range:
    """The lines of the key's body, 0-based, for a key that begins on the line `begin`."""
    stop = min(begin + 1 + MAX_KEY_LINES, len(lines))
    for index in range(begin + 1, stop):
        if _KEY_END.search(lines[index]):
            return range(begin + 1, index)
    index = begin + 1
    while index < stop and _KEY_BODY.match(lines[index][:200]):
        index += 1
    return range(begin + 1, index)


def _mask_key(lines: list[str], begin: int) -> None:
    """Mask all of a key but the lines that say where it begins and ends."""
    line = lines[begin]
    for index in _key_lines(lines, begin):
        body = lines[index]
        lines[index] = body[: len(body) - len(body.lstrip())] + f"[masked: {PRIVATE_KEY}]"
    if inside := _inside(line):
        start, stop = inside
        lines[begin] = f"{line[:start]}[masked: {PRIVATE_KEY}]{line[stop:]}"


def _inside(line: str) -> tuple[int, int] | None:
    """Where a key's body stands on the line on which it begins, if it does."""
    opening = _KEY_BEGIN.search(line)
    if opening is None:
        return None
    closing = _KEY_END.search(line, opening.end())
    stop = closing.start() if closing else len(line)
    return (opening.end(), stop) if _KEY_BODY.match(line[opening.end() : stop][:200]) else None
