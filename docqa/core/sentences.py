"""Where sentences begin and end: prose, lists, tables, code, scripts without spaces."""

import re

Span = tuple[int, int]
"""First and last-plus-one character."""

_ABBREVIATIONS = """
abs adj al alt app approx apr arch art arts aug ave bd bzw ca cap cf ch cit cl co corp cp dec dep
dept dipl dr ed eds eg eq eqn esp est et etc ext fa feb fig figs fn fri ff geb gen gov hon hr hrs
ibid ie inc incl insb ing jan jr jul jun lit ltd max mar messrs min misc mo mon mr mrs ms mt mwst
nat nb no nos nov nr num oct op p para paras par pp pl prof pt pts pty pvt ref refs resp rev sat
sec sect secs sen sep sept ser sir sog sp spp sr st std str sun suppl tab tel thu tue tues tz usw v
vgl viz vol vols vs wed z
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
_MAY_END = frozenset(("inc", "corp", "co", "ltd", "etc", "usw", "al", "jr", "sr"))
_STARTERS = """
A After All An And Any As At Because Before But By Each Either For From He Her His However If In It
Its Neither No None Not On Or Our She Should Since So Some Such That The Their Then There These They
This Those Thus To Under Unless Until Upon We What When Where Which While Who With You Your
Das Der Die Ein Eine Er Es Sie Wir Le La Les Un Une Il Elle El Los Las
"""
STARTERS = frozenset(_STARTERS.split())
"""Words that begin a sentence far more often than they stand capitalised inside one."""
_LATIN_END = r"[.!?…]+[\"'”’»)\]*_`]*(?=\s)"
_WIDE_END = r"[。！？；｡]+[」』”’）】》]*"
# Every branch begins with a character class, so that the search skips all other text quickly.
_BOUNDARY = re.compile(rf"(?P<latin>{_LATIN_END})|(?P<wide>{_WIDE_END})|(?P<line>\n[ \t\r\n]*)")
_ITEM = re.compile(
    r"[ \t]*(?:[-*+•–—·▪◦‣●○■]\s|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s"
    r"|\#{1,6}\s|[|>]|```|~~~)"
)
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|elif|else|for|while|try|except|with|fn|func|"
    r"let|const|var|pub|use|public|private|static|void|int|struct|enum|impl|package|@\w+|//|/\*)\b.*"
    r"[:({=;]|^\s*[\w.\[\]]+\s*[-+*/|&]?=\s*\S|\w\([^)]*\)\s*:?$|^\s*(?:#|//|/\*|\*/|@)"
)
_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘„«]*$")
_OPENERS = "\"'“‘„«([*_`-–—"
_WRAPPED_WIDTH = 140
_SHORT_LINE = 0.6


def split(text: str) -> list[Span]:
    """Spans of the sentences of a text, in order, without the white space around them.

    Together they cover everything but white space. Lines are sentences in lists, tables, headings
    and code; a line feed inside wrapped prose is not an end.
    """
    spans: list[Span] = []
    start = 0
    lines: _Lines | None = None
    for match in _BOUNDARY.finditer(text):
        kind = match.lastgroup
        if kind == "latin":
            if not _ends_sentence(text, start, match):
                continue
        elif kind == "line" and match[0].count("\n") == 1:
            if lines is None:
                lines = _Lines(text)
            if not lines.end_at(match.start(), match.start() + 1):
                continue
        _add(spans, text, start, match.end())
        start = match.end()
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append((first, first + len(stripped)))


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 40].lstrip().lstrip(_OPENERS)
    if not following:
        return True
    # `Yahoo! announced`, `wait ... what`, `approx. five`: a small letter goes on.
    if following[0].islower():
        return False
    if match[0].rstrip("\"'”’»)]*_`") != ".":
        return True
    before = _WORD_BEFORE.search(text, max(start, match.start() - 24), match.start())
    word = before[0] if before else ""
    if match.start() - len(word) <= start + 1 and (word.isdigit() or len(word) <= 1):
        return False  # `1. First item`
    return not _abbreviates(word) or _begins_anew(word, following)


def _abbreviates(word: str) -> bool:
    lowered = word.lower()
    if lowered.replace(".", "") in ABBREVIATIONS:
        return True
    # `J. Smith`, `the U.S. Government`
    return all(len(part) <= 1 for part in word.split(".")) and word[-1:].isupper()


def _begins_anew(word: str, following: str) -> bool:
    # `... by Acme Inc. The parties ...`
    may_end = word.lower() in _MAY_END or "." in word
    return may_end and (following.split(maxsplit=1)[0] in STARTERS)


class _Lines:
    """Decides whether a line feed ends a sentence, by the lines around it."""

    def __init__(self, text: str) -> None:
        self._text = text
        longest = max((len(line) for line in text.split("\n")), default=0)
        self._wrapped = longest if longest <= _WRAPPED_WIDTH else 0

    def end_at(self, start: int, end: int) -> bool:
        text = self._text
        line_start = text.rfind("\n", 0, start) + 1
        line = text[line_start:start]
        next_end = text.find("\n", end)
        following = text[end : next_end if next_end >= 0 else len(text)]
        if _ITEM.match(following) or _CODE_LINE.search(line) or _CODE_LINE.search(following):
            return True
        if line.lstrip()[:1] in ("#", "|"):
            return True
        first = following.lstrip()[:1]
        if first.islower() or line.rstrip()[-1:] in (",", "-", "–"):
            return False
        # A line that stops well before the others did not run into the margin.
        return self._wrapped == 0 or len(line.rstrip()) < _SHORT_LINE * self._wrapped
