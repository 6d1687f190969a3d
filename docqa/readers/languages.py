"""Which programming language a file is in, by its name."""

from functools import lru_cache
from pathlib import PurePosixPath

from pygments.lexers import find_lexer_class_for_filename

from docqa.readers.text import MARKDOWN_SUFFIXES, TEXT_SUFFIXES

DATA_LANGUAGES = frozenset(("json", "yaml", "toml", "ini", "xml", "html", "css", "svg", "diff"))
_SUFFIXES = {
    ".cts": "typescript",
    ".mts": "typescript",
    ".php3": "php",
    ".php5": "php",
    ".phtml": "php",
}
"""What Pygments does not know, or takes for something else."""


@lru_cache(maxsize=4_096)
def language_of(name: str) -> str:
    """The Pygments alias of a source file's language by its name; empty for prose and unknown."""
    base = PurePosixPath(name).name
    suffix = PurePosixPath(base.lower()).suffix
    if suffix in MARKDOWN_SUFFIXES or suffix in TEXT_SUFFIXES:
        return ""
    return _SUFFIXES.get(suffix) or _language_of_pattern(base if not suffix else f"x{suffix}")


@lru_cache(maxsize=1_024)
def _language_of_pattern(name: str) -> str:
    lexer = find_lexer_class_for_filename(name)
    aliases = lexer.aliases if lexer is not None else ()
    return "" if not aliases or aliases[0] == "text" else str(aliases[0])
