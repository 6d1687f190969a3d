"""The fields of a checklist as others wrote it: checked one by one, all problems at once."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

MAX_PHRASES = 40
MAX_CHARACTERS = {
    "id": 64,
    "title": 200,
    "version": 40,
    "source": 1_000,
    "description": 4_000,
    "section": 200,
    "text": 4_000,
    "guidance": 8_000,
    "phrase": 120,
}
"""The longest value of each field."""

# What no spreadsheet, and no file in UTF-8, can hold; line feeds and tabs are welcome.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_PHRASE_ENDS = re.compile(r"[;\r\n]")
_WORD_ENDS = re.compile(r"[;,|\r\n]")

Word = TypeVar("Word", bound=str)


class Fields:
    """The fields of plain data; what is wrong with them goes on a list, and a value comes back."""

    def __init__(self, data: object, place: str, problems: list[str]) -> None:
        self._place = place
        self._problems = problems
        self._data: Mapping[str, object] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self.wrong("it has no named fields")

    def wrong(self, what: str) -> None:
        """Say what is wrong here."""
        self._problems.append(self._place + what)

    def get(self, name: str) -> object:
        """The value as it is, None if there is none."""
        return self._data.get(name)

    def only(self, known: Sequence[str]) -> None:
        """There is no field but these."""
        for name in self._data:
            if name not in known:
                shown = short(str(name))
                self.wrong(f"there is no field {shown!r}; the fields are {', '.join(known)}")

    def text(self, name: str, *, needed: bool = False) -> str:
        """A text within its limit, with line feeds only, without white space around it."""
        value = self.get(name)
        if value is None:
            value = ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong(f"{name} is not a text")
            return ""
        text = self._clean(name, str(value), MAX_CHARACTERS[name])
        if needed and not text:
            self.wrong(f"{name} is missing")
        return text

    def name(self, name: str, pattern: re.Pattern[str], allowed: str) -> str:
        """A text that identifies."""
        text = self.text(name, needed=True)
        if text and not pattern.fullmatch(text):
            self.wrong(f"{name} {short(text)!r} has other characters than {allowed}")
        return text

    def choice(self, name: str, choices: tuple[Word, ...], default: Word) -> Word:
        """One of these words."""
        words = self._words(name)
        found = [choice for choice in choices if choice in words]
        if not words:
            return default
        if len(words) > 1 or not found:
            self.wrong(f"{name} {short(', '.join(words))!r} is none of {', '.join(choices)}")
            return default
        return found[0]

    def several(
        self, name: str, choices: tuple[Word, ...], default: tuple[Word, ...] = ()
    ) -> tuple[Word, ...]:
        """Two or more of these words in their order; the default, or all, if there is none."""
        words = self._words(name)
        if not words:
            return default or choices
        known = ", ".join(choices)
        for word in words:
            if word not in choices:
                self.wrong(f"{name} has {short(word)!r}, which is none of {known}")
        found = tuple(choice for choice in choices if choice in words)
        if len(found) < 2:
            self.wrong(f"{name} needs two or more of {known}")
        return found

    def phrases(self, name: str) -> tuple[str, ...]:
        """Short texts, each once."""
        listed = self._list(name, _PHRASE_ENDS)
        if len(listed) > MAX_PHRASES:
            self.wrong(f"{name} has {len(listed):,} phrases, at most {MAX_PHRASES} are taken")
            return ()
        phrases = [self._clean(name, item, MAX_CHARACTERS["phrase"]) for item in listed]
        if any(_PHRASE_ENDS.search(phrase) for phrase in phrases):
            self.wrong(f"{name} has a phrase with a semicolon or a line break in it")
        return tuple(dict.fromkeys(phrases))

    def _words(self, name: str) -> list[str]:
        """Words as people write them: `Not met` is `not_met`."""
        listed = self._list(name, _WORD_ENDS)
        return [re.sub(r"[\s_-]+", "_", item.strip().casefold()) for item in listed]

    def _list(self, name: str, ends: re.Pattern[str]) -> list[str]:
        """A list of texts, also where it is written as one text."""
        value = self.get(name)
        items = ends.split(value) if isinstance(value, str) else value
        if items is None:
            return []
        if not isinstance(items, Sequence) or not all(isinstance(item, str) for item in items):
            self.wrong(f"{name} is not a list of texts")
            return []
        return [item for item in items if item.strip()]

    def _clean(self, name: str, text: str, limit: int) -> str:
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > limit:
            self.wrong(f"{name} has {len(text):,} characters, at most {limit:,} are taken")
        elif control := _CONTROL.search(text):
            self.wrong(f"{name} has a control character (U+{ord(control[0]):04X})")
        return text


def short(text: str) -> str:
    """For messages: the beginning of a long text."""
    return text if len(text) <= 60 else text[:60] + "…"
