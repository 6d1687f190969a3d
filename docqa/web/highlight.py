"""Syntax colours: the text of a file as lines of (kind, text), for the code viewer."""

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

MAX_COLOURED = 2_000_000
"""Characters; a longer file is shown without colours, so that it opens at once."""

_KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Token.Comment, "c"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "n"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Name.Function, "f"),
    (Token.Name.Class, "t"),
    (Token.Name.Decorator, "d"),
    (Token.Name.Tag, "k"),
    (Token.Name, "i"),
    (Token.Generic.Heading, "h"),
    (Token.Generic.Subheading, "h"),
    (Token.Generic.Strong, "h"),
    (Token.Generic.Emph, "e"),
    (Token.Operator, "o"),
)

Line = list[tuple[str, str]]


def lines(text: str, language: str) -> list[Line]:
    """One list of (kind, text) per line of the text; the kind is empty for plain text."""
    plain = text.split("\n")
    lexer = _lexer(language) if len(text) <= MAX_COLOURED else None
    if lexer is None:
        return [[("", line)] if line else [] for line in plain]
    coloured: list[Line] = [[]]
    for token, value in lexer.get_tokens(text):
        kind = _kind(token)
        for position, part in enumerate(value.split("\n")):
            if position:
                coloured.append([])
            if part:
                coloured[-1].append((kind, part))
    coloured = coloured[: len(plain)]
    same = ["".join(part for _, part in line) for line in coloured] == plain
    # A lexer that drops or adds a character would put every citation on the wrong line.
    return coloured if same else [[("", line)] if line else [] for line in plain]


def language_name(language: str) -> str:
    """How people write the name of a language: `C++` for `cpp`."""
    lexer = _lexer(language)
    return str(lexer.name) if lexer else language


def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


def _kind(token: _TokenType) -> str:
    return next((kind for parent, kind in _KINDS if token[: len(parent)] == parent), "")
