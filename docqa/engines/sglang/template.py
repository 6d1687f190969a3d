"""The model's chat template as token ids, applied here: what is before the corpus, what after."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from docqa.engines.base import Prompt, Turn
from docqa.engines.sglang.model_files import ModelTokenizer, chat_template
from docqa.errors import EngineNotConfiguredError
from docqa.tokenizers.base import Tokenizer

FIXED_DATE = "26 Jul 2024"
"""What templates that insert today's date are given: the one in Llama 3.1's published template."""

_SLOT = "\ue000docqa-{}\ue001"
_SLOTS = re.compile("\ue000docqa-(\\d+)\ue001")


class ChatTemplate(Protocol):
    """Turns a prompt into ids around the prefix: `opening + prefix + closing`."""

    tokenizer: Tokenizer

    def opening(self) -> list[int]:
        """What stands before the corpus: the same for every prompt."""
        ...

    def closing(self, prompt: Prompt) -> list[int]:
        """What stands after the corpus: the turns, the tail, and the answer's beginning."""
        ...


class LlamaTemplate:
    """The templates of Llama 3 and Llama 4 (`chat_format.py` in `llama-models`), no system turn."""

    def __init__(
        self, tokenizer: Tokenizer, *, start: int, header: tuple[int, int], end: int
    ) -> None:
        """`start` begins the text, `header` stands around a role, `end` ends a turn."""
        self.tokenizer = tokenizer
        self._start = start
        self._header = header
        self._end = end

    def opening(self) -> list[int]:
        """The beginning of the text and of the first user turn."""
        return [self._start, *self._role("user")]

    def closing(self, prompt: Prompt) -> list[int]:
        """The rest of the first user turn, later turns, and the assistant's header."""
        ids: list[int] = []
        for number, turn in enumerate(after_corpus(prompt)):
            if number:
                ids += self._role(turn.role)
            ids += [*self.tokenizer.encode(turn.content), self._end]
        return ids + self._role("assistant")

    def _role(self, role: str) -> list[int]:
        first, last = self._header
        encode = self.tokenizer.encode
        return [first, *encode(role), last, *encode("\n\n")]


def llama3_template(tokenizer: Tokenizer) -> LlamaTemplate:
    """Llama 3's: `<|begin_of_text|>`, `<|start_header_id|>`, `<|end_header_id|>`, `<|eot_id|>`."""
    return LlamaTemplate(tokenizer, start=128_000, header=(128_006, 128_007), end=128_009)


def llama4_template(tokenizer: Tokenizer) -> LlamaTemplate:
    """Llama 4's: `<|begin_of_text|>`, `<|header_start|>`, `<|header_end|>`, `<|eot|>`."""
    return LlamaTemplate(tokenizer, start=200_000, header=(200_005, 200_006), end=200_008)


class JinjaTemplate:
    """The Jinja template of a model directory. Contents are put in as ids, never as its text."""

    def __init__(self, directory: Path) -> None:
        """Reads tokenizer and template.

        Raises:
            EngineNotConfiguredError: If one is missing, or the template cannot take a question.
        """
        self._tokenizer = ModelTokenizer(directory)
        self.tokenizer: Tokenizer = self._tokenizer
        source, self._tokens = chat_template(directory)
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = lambda _format: FIXED_DATE
        try:
            self._template = environment.from_string(source)
        except jinja2.TemplateError as error:
            raise _unusable(error) from error
        self._opening = self._render([Turn("user", "")])[0]

    def opening(self) -> list[int]:
        """What the template puts before the first user message's content."""
        return self._tokenizer.encode_markup(self._opening)

    def closing(self, prompt: Prompt) -> list[int]:
        """What follows the corpus in the template's rendering.

        Raises:
            EngineNotConfiguredError: If the template begins differently for these turns.
        """
        turns = after_corpus(prompt)
        markup = self._render(turns)
        if markup[0] != self._opening:
            raise _unusable("its beginning depends on what follows")
        ids: list[int] = []
        for turn, after in zip(turns, markup[1:], strict=True):
            ids += self._tokenizer.encode(turn.content)
            ids += self._tokenizer.encode_markup(after)
        return ids

    def _render(self, turns: Sequence[Turn]) -> list[str]:
        """The template's own text before, between and after the contents."""
        messages = [
            {"role": turn.role, "content": _SLOT.format(number)}
            for number, turn in enumerate(turns)
        ]
        try:
            text = self._template.render(
                **self._tokens,
                messages=messages,
                add_generation_prompt=True,
                date_string=FIXED_DATE,
                tools=None,
            )
        except jinja2.TemplateError as error:
            raise _unusable(error) from error
        if _SLOTS.findall(text) != [str(number) for number in range(len(turns))]:
            raise _unusable("it leaves out or repeats messages")
        return _SLOTS.split(text)[::2]


def after_corpus(prompt: Prompt) -> list[Turn]:
    """What follows the corpus, as alternating turns; the first is the rest of the user's first.

    As `docqa.engines.messages.messages_of`, without the corpus.
    """
    merged = [Turn("user", "")]
    for turn in (*prompt.turns, Turn("user", prompt.tail)):
        last = merged[-1]
        if last.role != turn.role:
            merged.append(turn)
        else:
            joint = "\n\n" if last.content else ""
            merged[-1] = Turn(last.role, last.content + joint + turn.content)
    return merged


def template_of(
    names: Sequence[str], directory: Path | None, tokenizers: Callable[[str], Tokenizer]
) -> ChatTemplate:
    """The template for a model of these names (as served, path, architecture), its own at best.

    Raises:
        EngineNotConfiguredError: If it is no Llama and its directory is not on this machine.
    """
    if directory is not None and (directory / "tokenizer.json").is_file():
        try:
            return JinjaTemplate(directory)
        except EngineNotConfiguredError:
            if _family(names) is None:
                raise
    family = _family(names)
    if family == "llama4":
        return llama4_template(tokenizers("llama4"))
    if family == "llama3":
        return llama3_template(tokenizers("llama3"))
    raise EngineNotConfiguredError(
        "sglang", f"no chat template is known for {names[0] if names else 'this model'!r}"
    )


_FAMILIES = (
    ("llama4", re.compile(r"llama-?_?4|scout|maverick", re.IGNORECASE)),
    ("llama3", re.compile(r"llama-?_?3", re.IGNORECASE)),
)


def _family(names: Sequence[str]) -> str | None:
    joined = " ".join(names)
    return next((family for family, pattern in _FAMILIES if pattern.search(joined)), None)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _unusable(reason: object) -> EngineNotConfiguredError:
    return EngineNotConfiguredError("sglang", f"the model's chat template is of no use: {reason}")
