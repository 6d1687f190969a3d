"""The tokens of a rich text -> its stories: the text, notes, headers and comments."""

from collections.abc import Iterable
from dataclasses import replace

from docqa.errors import BrokenFileError
from docqa.readers.office import rtf_words as words
from docqa.readers.office.building import Blocks, raised
from docqa.readers.office.numerals import note_mark
from docqa.readers.office.open_tables import OpenTables
from docqa.readers.office.rtf_story import RtfStyles, Story
from docqa.readers.office.rtf_tokens import Token, charset_codec, page_codec
from docqa.readers.office.rtf_words import Group, RtfFacts

MOST_NESTED = 2_000
"""Groups in groups."""


class RtfEvents:
    """Takes the tokens of one file, and fills `blocks` and `facts`."""

    def __init__(self, blocks: Blocks, facts: RtfFacts, name: str) -> None:
        self._name = name
        self._facts = facts
        self._styles = RtfStyles()
        self._style: tuple[int, int | None] = (0, None)
        """Number and outline level of the style that is being defined."""
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._codec = "cp1252"
        self._groups = [Group()]
        self._body = Story(self._styles, OpenTables(blocks))
        self._stories = [self._body]
        self._bytes = bytearray()
        self._held: list[str] = []
        """Text of a group that names a style, the title or an author."""
        self._author = ""
        self._high = 0
        """The first half of a character that Unicode writes as two."""
        self._to_skip = 0
        self._starred = False
        self._merges = False

    def take(self, found: Iterable[Token]) -> None:
        """Take all tokens of a file.

        Raises:
            BrokenFileError: If groups are nested deeper than `MOST_NESTED`.
            ReadError: If there is too much text.
        """
        for token in found:
            match token.kind:
                case "text":
                    self._take_text(token.text)
                case "hex":
                    self._take_byte(int(token.text, 16))
                case "word":
                    self._take_word(token.text, token.number)
                case "symbol":
                    self._take_symbol(token.text)
                case "open":
                    self._begin()
                case "close":
                    self._end()
        while len(self._groups) > 1:
            self._end()
        self._flush()
        self._body.close()
        self._facts.title = self._body.title or self._facts.title

    def _begin(self) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._groups) >= MOST_NESTED:
            raise BrokenFileError(self._name, "has groups that are nested without end")
        self._groups.append(replace(self._groups[-1], story=""))

    def _end(self) -> None:
        self._flush()
        self._to_skip, self._starred = 0, False
        if len(self._groups) == 1:
            return
        group = self._groups.pop()
        if group.destination in ("styles", "title", "author", "fonts"):
            text = "".join(self._held).strip().rstrip(";")
            self._held.clear()
            if group.destination == "styles" and text:
                self._styles.add(self._style[0], text, self._style[1])
                self._style = (0, None)
            elif group.destination == "title":
                self._facts.title = self._facts.title or text
            elif group.destination == "author":
                self._author = text
        if group.story:
            self._end_story(group.story)

    def _end_story(self, kind: str) -> None:
        story = self._stories.pop()
        story.close()
        text = "\n".join(story.texts)
        if kind in ("footnotes", "endnotes"):
            notes = self._facts.footnotes if kind == "footnotes" else self._facts.endnotes
            mark = note_mark(len(notes) + 1, at_end=kind == "endnotes")
            notes.append(f"{mark} {text}")
            self._stories[-1].pieces.append(mark)
        elif text and kind == "comments":
            author, self._author = self._author, ""
            self._facts.comments.append(f"{author}: {text}" if author else text)
        elif text:
            self._facts.edges.append(text)

    def _take_text(self, text: str) -> None:
        if self._to_skip:
            text, self._to_skip = text[self._to_skip :], max(self._to_skip - len(text), 0)
        if self._bytes or not text.isascii():
            self._bytes += text.encode("latin-1", errors="replace")
        elif text:
            self._say(text)

    def _take_byte(self, byte: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._bytes.append(byte)

    def _take_symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._starred = True
        elif self._to_skip:
            self._to_skip -= 1
        elif symbol in "\r\n":
            self._take_word("par", None)
        elif symbol in words.SYMBOLS:
            self._flush()
            self._say(words.SYMBOLS[symbol])

    def _flush(self) -> None:
        """Decode the bytes that were held: a character may have several."""
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            self._say(data.decode(self._groups[-1].codec or self._codec, errors="replace"))

    def _say(self, text: str) -> None:
        group = self._groups[-1]
        match group.destination:
            case "skip" | "silent" | "nested" | "fonts":
                return
            case "styles" | "title" | "author":
                self._held.append(text)
            case _ if group.deleted:
                return
            case _ if group.hidden:
                self._facts.hidden += len(text)
            case "label":
                self._stories[-1].label.append(text)
            case _:
                self._stories[-1].pieces.append(raised(text) if group.raised else text)

    def _take_word(self, word: str, number: int | None) -> None:
        self._flush()
        starred, self._starred = self._starred, False
        group = self._groups[-1]
        if group.destination == "skip":
            return
        if self._to_skip and word != "u":
            self._to_skip -= 1
        elif (starred and word not in words.OPTIONAL) or word in words.SKIPPED:
            self._facts.pictures += word == "pict"
            group.destination = "skip"
        elif word in words.DESTINATIONS:
            group.destination = words.DESTINATIONS[word]
        elif word in words.HELD and group.destination in ("silent", "text"):
            group.destination = words.HELD[word]
        elif word in ("footnote", "annotation") or word in words.EDGES:
            self._begin_story(word)
        elif word == "ftnalt" and group.story:
            group.story = "endnotes"
        elif word == "object":
            self._facts.objects += 1
        elif not self._character(group, word, number):
            self._paragraph(group, word, number)

    def _begin_story(self, word: str) -> None:
        if not self._groups[-1].story:
            kinds = {"footnote": "footnotes", "annotation": "comments"}
            self._groups[-1].story = kinds.get(word, "edges")
            self._stories.append(Story(self._styles))

    def _character(self, group: Group, word: str, number: int | None) -> bool:
        """Whether the word is about characters."""
        is_on = number != 0
        match word:
            case "u":
                self._say_unicode((number or 0) % 65_536)
                self._to_skip = group.after_unicode
            case "uc":
                group.after_unicode = min(max(number or 0, 0), 10)
            case "f":
                self._font = number or 0
                group.codec = self._fonts.get(self._font, "")
            case "fcharset" if group.destination == "fonts":
                self._fonts[self._font] = charset_codec(number or 0, self._codec)
            case "ansicpg" | "cpg":
                self._codec = page_codec(number or 0, self._codec)
            case "mac" | "pc" | "pca":
                self._codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
            case "v":
                group.hidden = is_on
            case "super":
                group.raised = is_on
            case "nosupersub":
                group.raised = False
            case "plain":
                group.hidden = group.raised = group.deleted = False
            case "deleted" | "revised":
                self._facts.changed = True
                group.deleted = is_on if word == "deleted" else group.deleted
            case _:
                return False
        return True

    def _say_unicode(self, code: int) -> None:
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            pair = 0x10000 + ((self._high - 0xD800) << 10) + (code - 0xDC00)
            code = pair if self._high else 0xFFFD
        self._high = 0
        self._say(chr(code))

    def _paragraph(self, group: Group, word: str, number: int | None) -> None:
        """Take a word about paragraphs, or one that stands for text."""
        story = self._stories[-1]
        if group.destination == "styles":
            self._define_style(word, number)
        elif word == "nestrow":
            story.end_nested_row()
        elif group.destination == "nested":
            return
        elif word == "s":
            story.style = number or 0
        elif word == "outlinelevel":
            story.outline = number
        elif word in words.PIECES:
            self._say(words.PIECES[word])
        elif word in words.STORIES and group.destination == "text":
            words.STORIES[word](story)
        elif word == "intbl":
            story.is_cell = True
        elif word == "clvmrg":
            self._merges = True
        elif word == "cellx":
            story.define_cell(merged=self._merges)
            self._merges = False

    def _define_style(self, word: str, number: int | None) -> None:
        if word == "s":
            self._style = (number or 0, self._style[1])
        elif word == "outlinelevel":
            self._style = (self._style[0], number)
