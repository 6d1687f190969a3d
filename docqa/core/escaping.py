"""Text of others inside a prompt: it cannot forge the pack's structure or the model's tokens."""

import re

STRUCTURE_TAGS = ("document", "instructions", "hints", "task", "question")
"""Tags that docqa itself writes into prompts."""

_STRUCTURE = re.compile(
    r"\[(?P<label>\\*)\#|<(?P<tag>\\*)(?=/?(?:" + "|".join(STRUCTURE_TAGS) + r"))", re.IGNORECASE
)
_ESCAPED = re.compile(
    r"\[\\(?P<label>\\*)\#|<\\(?P<tag>\\*)(?=/?(?:" + "|".join(STRUCTURE_TAGS) + r"))",
    re.IGNORECASE,
)
# `<|eot|>` and its kin (also with the full-width bars of some vocabularies), then the names that
# other vocabularies have for control tokens.
_SPECIAL_TOKEN = re.compile(
    r"<(?=[|｜][^<>\s]{1,80}[|｜]>)"
    r"|<(?=/?s>|unk>|pad>|mask>|bos>|eos>|<SYS>>|</SYS>>"
    r"|(?:start|end)_of_(?:turn|image|text)>|/?tool_(?:call|response)>|/?think>"
    r"|fim_(?:prefix|middle|suffix|pad)>|repo_?name>|file_sep>|filename>|gh_stars>|empty_output>"
    r"|issue_(?:start|comment|closed)>|jupyter_(?:start|text|code|output|script)>)"
    r"|\[(?=/?INST\]|/?SYSTEM_PROMPT\]|/?AVAILABLE_TOOLS\]|TOOL_CALLS\])"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def escape(text: str) -> str:
    r"""The text with `[#` and docqa's tags broken by a backslash: `[\#`, `<\document`.

    One more backslash is put where some stand there already, so that `unescape` gives back every
    text as it was. The escape of a concatenation may differ from the concatenation of escapes only
    where a pattern spans the joint.
    """
    if "[" not in text and "<" not in text:
        return text
    return _STRUCTURE.sub(lambda match: match[0][0] + "\\" + match[0][1:], text)


def unescape(text: str) -> str:
    """What `escape` was given."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: match[0][0] + match[0][2:], text)


def break_special_tokens(text: str) -> str:
    """The text with a space inside whatever a server might take for a control token.

    For engines that take text only and parse special tokens in it. Applied to each segment it gives
    the same as applied to the whole prefix.
    """
    return _SPECIAL_TOKEN.sub(lambda match: match[0] + " ", text)


def encodable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it has UTF-8 bytes. Same length."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text
