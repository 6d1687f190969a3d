"""Passwords, keys and tokens in a text: found by `detect_secrets`, and masked.

The scanner judges single lines and never asks a server whether a secret is in force. Two linear
expressions find the lines that are worth its time, so that ordinary code costs next to nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, cast

import re2

from docqa.core.symbols import Secret
from docqa.readers.base import ReaderOptions
from docqa.readers.secret_rules import (
    PASSWORD,
    PRIVATE_KEY,
    PUTTY_KEY,
    WINDOW,
    Judge,
    Span,
    assigned,
    could_be_secret,
    is_allowed,
    is_config,
    key_begin,
    shaped,
    web_token,
)

MAX_SECRETS = 1_000
"""Of a file that are told apart; what may be more of them is masked to the end of its line."""
MAX_JUDGED = 3_000
"""Lines, or parts of long ones, that the scanner is shown of a file."""
MAX_KEY_LINES = 5_000
MAX_KEY_WORDS = 200
"""Lines between the marks of a key that need not look like one."""

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
_PREFIXED = (
    r"AKC[a-zA-Z0-9]|A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|eyJ[A-Za-z0-9]"
    r"|npm_|_authToken|PRIVATE KEY|PuTTY-User-Key-File|SG\.|(?i:xox[abposr]-\d|hooks\.slack\.com)"
    r"|sq0csp-|[rs]k_live_|AC[a-z0-9][a-z0-9][a-z0-9][a-z0-9]|SK[a-z0-9][a-z0-9][a-z0-9][a-z0-9]"
    r"|\bsk-[A-Za-z0-9]|AIza|hf_[A-Za-z]"
)
_PREFIXED_WHOLE = re.compile(
    rb"AKC[a-zA-Z0-9]{10}|(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"
    rb"|gh[pousr]_[A-Za-z0-9_]{36}|github_pat_\w{20}|glpat-[\w-]{20}"
    rb"|eyJ[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+|npm_[A-Za-z0-9-]{36}|_authToken|PRIVATE KEY|PuTTY"
    rb"|SG\.[a-zA-Z0-9_-]{22}\.|(?i:xox[abposr]-\d|hooks\.slack\.com/services/T)|sq0csp-"
    rb"|[rs]k_live_[0-9a-zA-Z]{24}|(?:AC|SK)[a-z0-9]{32}|sk-[A-Za-z0-9_-]{20}"
    rb"|AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z]{34}"
)
_LONG = (
    r"[A-Za-z0-9+/]{86,88}==",
    r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}",
    r"[0-9a-z]{32}-us[0-9]",
    r"://[^\s{}:/@]+:[^{}\s@]+@",
    r"(?i)aws.{0,20}(?:key|pwd|pw|pass|token)",
)
"""Of Azure, Discord, Mailchimp, addresses and AWS; counting makes large automata, so each alone."""
_QUOTE = re.compile(rb"[\"'`\n]")
_REST = re.compile(r"[^\s\"'`,;<>()]+")
_KEY_BEGIN = re.compile(r"BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY[A-Z ]{0,6}-*")
_KEY_END = re.compile(r"-*END [A-Z0-9 ]{0,20}PRIVATE KEY")
_KEY_BODY = re.compile(r"[\s\"'`+,\\rn]*[A-Za-z0-9+/=\\]{16,}")
_KEY_HEADER = re.compile(r"\s*[\w-]{1,60}: ")
_PUTTY_LINES = re.compile(r"\s*Private-Lines: *(\d{1,3})")


def masked(text: str, name: str, options: ReaderOptions) -> tuple[str, tuple[Secret, ...]]:
    """The text as it is read, and the secrets found in it: masked unless the options say not."""
    secrets = find_secrets(name, text)
    return (mask(text, secrets) if options.mask_secrets else text), secrets


def find_secrets(name: str, text: str) -> tuple[Secret, ...]:
    """What looks like a secret in the text of a file of this name, in the order of the lines.

    A private key is one secret, at the line where it begins.
    """
    data = text.encode(errors="replace")
    looked = ((sorted(_shapes(data)), shaped), (sorted(_assignments(name, data)), assigned))
    if not any(offsets for offsets, _ in looked):
        return ()
    lines = text.split("\n")
    spans: dict[int, list[Span]] = {}
    for offsets, judge in looked:
        _judge(name, lines, _places(data, offsets), judge, spans)
    secrets = _secrets(spans)
    return tuple(_outside_of_keys(lines, secrets))


def _judge(
    name: str,
    lines: Sequence[str],
    places: Iterable[tuple[int, int]],
    judge: Judge,
    spans: dict[int, list[Span]],
) -> None:
    """Add what the scanner finds around these places (line, character) to the spans by line."""
    judged_to, times, count = (-1, 0), 0, 0
    for index, at in places:
        if (index, at) < judged_to:
            continue
        times += 1
        line, before = lines[index], lines[index - 1] if index else ""
        if is_allowed(name, line[-WINDOW:], before[-WINDOW:]):
            judged_to = (index, len(line))
            continue
        if times > MAX_JUDGED or count >= MAX_SECRETS:
            spans.setdefault(index, []).append(_rest_of(line, at))
            judged_to = (index, len(line))
            continue
        if len(line) > WINDOW and judge is shaped and (token := web_token(line, at)):
            spans.setdefault(index, []).append(token)
            judged_to = (index, token.end)
            count += 1
            continue
        first = 0 if len(line) <= WINDOW else max(0, at - WINDOW // 4)
        part = line[first : first + WINDOW]
        judged_to = (index, len(line) if len(line) <= WINDOW else at + WINDOW // 2)
        for span in dict.fromkeys(judge(name, part)):
            end = first + span.end
            if span.end == len(part) and (rest := _REST.match(line, end)):
                end = rest.end()
            spans.setdefault(index, []).append(Span(first + span.start, end, span.kind))
            count += 1


def _rest_of(line: str, at: int) -> Span:
    """What is masked of a line that there is no time to judge."""
    begin = key_begin(line)
    if begin is None:
        return Span(at, len(line), PASSWORD)
    return Span(begin, len(line), PRIVATE_KEY)


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

    def end(self) -> int: ...


class _Expression(Protocol):
    def finditer(self, data: bytes) -> Iterator[_Match]: ...


@lru_cache(maxsize=16)
def _expression(pattern: str) -> _Expression:
    options = re2.Options()
    options.max_mem = 64 << 20
    return cast("_Expression", re2.compile(pattern, options))


def _shapes(data: bytes) -> Iterator[int]:
    """Byte offsets at which a secret may stand that is known by what it looks like."""
    for match in _expression(_PREFIXED).finditer(data):
        if _PREFIXED_WHOLE.match(data, match.start()):
            yield match.start()
    for pattern in _LONG:
        for match in _expression(pattern).finditer(data):
            yield match.start()


def _assignments(name: str, data: bytes) -> Iterator[int]:
    """Byte offsets of names that are given what could be a secret."""
    for pattern in (_ASSIGNED, _CONFIGURED) if is_config(name) else (_ASSIGNED,):
        for match in _expression(pattern).finditer(data):
            start, end = match.start(), match.end()
            if pattern is _CONFIGURED:
                value = re.split(rb"[:=]\s*", data[start : end + 100], maxsplit=1)[-1].split()[:1]
            else:
                value = [_QUOTE.split(data[end : end + 100], maxsplit=1)[0]]
            told = value[0].decode(errors="replace") if value else ""
            if could_be_secret(told) or data[start : start + 1] in b"\"'`":
                yield start


def _places(data: bytes, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Line (0-based) and character in it of each byte offset; the offsets are in order."""
    index = begin = at = seen = 0
    for offset in offsets:
        index += data.count(b"\n", seen, offset)
        if (line := data.rfind(b"\n", seen, offset) + 1) > 0:
            begin, at, seen = line, 0, line
        at += len(data[max(seen, begin) : offset].decode(errors="replace"))
        seen = offset
        yield index, at


def _secrets(spans: dict[int, list[Span]]) -> list[Secret]:
    """Spans by line as secrets; where two overlap, the first stands for both."""
    secrets: list[Secret] = []
    for index in sorted(spans):
        end = -1
        for span in sorted(spans[index], key=lambda each: (each.start, -each.end)):
            if span.start >= end:
                secrets.append(Secret(index + 1, span.start, span.end, span.kind))
                end = span.end
            elif span.end > end:
                end = span.end
                secrets[-1] = replace(secrets[-1], end=end)
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
    if PUTTY_KEY in lines[begin]:
        return _putty_lines(lines, range(begin + 1, stop))
    for index in range(begin + 1, stop):
        if _KEY_END.search(lines[index]):
            return range(begin + 1, index)
        if _KEY_BEGIN.search(lines[index]):
            break
        if index - begin > MAX_KEY_WORDS and not _is_of_key(lines[index]):
            break
    index = begin + 1
    while index < stop and _is_header(lines[index]):
        index += 1
    while index < stop and _KEY_BODY.match(lines[index][:200]):
        index += 1
    return range(begin + 1, index)


def _putty_lines(lines: Sequence[str], within: range) -> range:
    """The private lines of a key of PuTTY, which says how many they are."""
    for index in within:
        if PUTTY_KEY in lines[index]:
            break
        if told := _PUTTY_LINES.match(lines[index]):
            return range(index + 1, min(index + 1 + int(told[1]), len(lines)))
    return range(0)


def _is_header(line: str) -> bool:
    return not line.strip() or _KEY_HEADER.match(line) is not None


def _is_of_key(line: str) -> bool:
    return _is_header(line) or _KEY_BODY.match(line[:200]) is not None


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
