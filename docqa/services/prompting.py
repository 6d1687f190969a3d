"""What an engine is sent for a question: the window, earlier turns, hints and the question.

Where the whole pack is the window and no hints are wanted, nothing here depends on how big it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.core.answers import Answer
from docqa.core.citations import chips
from docqa.core.conversation import MAX_TURNS, keep_turns
from docqa.core.packed import PackedPassage
from docqa.core.prompts import TokenBudget, render_tail
from docqa.engines.base import Engine, Prompt, SamplingParams, Turn
from docqa.services.engines import EngineService
from docqa.services.evidence import Question, Ranked
from docqa.services.windows import MAX_SELECTED, Window, WindowBuilder, shrunk
from docqa.settings import Settings
from docqa.store.store import Store

HINTS = 5
HINT_TOKENS = 48
"""Tokens of a hint's label, document name and locator, rounded up."""
TAIL_TOKENS = 160
"""Tokens of the rules, the scope and the marks around the question, rounded up."""
TURN_TOKENS = 32
"""Tokens of the marks around an earlier turn, rounded up."""
PACKAGED_TOKENS = 900
"""The packaged small model gets no more: it reads some 300 tokens a second on a laptop."""
PACKAGED_ANSWER_TOKENS = 200
HISTORY_SHARE = 0.1
"""Part of the window that earlier turns may take."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent for a question, and what has to be said about it."""

    prompt: Prompt
    params: SamplingParams
    window: Window
    hints: tuple[PackedPassage, ...]
    dropped_turns: int


class PromptBuilder:
    """Puts prompts together."""

    def __init__(self, settings: Settings, store: Store, engines: EngineService) -> None:
        self._settings = settings
        self._store = store
        self._windows = WindowBuilder(store, engines.salt)

    def build(self, question: Question, engine: Engine, *, packaged: bool = False) -> Asked:
        """The prompt for this question; `packaged` for the very small model.

        Raises:
            ContextOverflowError: If mode whole is asked for and the pack does not fit.
            EngineError: If the engine has to be asked for its window and does not answer.
        """
        tokens = engine.tokenizer.count(question.text)
        budget = budget_of(self._settings, engine, asked=tokens)
        params = SamplingParams(
            temperature=self._settings.temperature,
            max_tokens=PACKAGED_ANSWER_TOKENS if packaged else budget.reserved_for_answer,
        )
        if packaged:
            budget = shrunk(budget, PACKAGED_TOKENS)
        window, ranked = self._window(question, engine, budget)
        turns, dropped = self.history(question, engine, budget)
        hints = fitting_hints(ranked, engine, budget.reserved_for_question - tokens)
        tail = render_tail(question.text, question.scope, hints, note=dropped_note(dropped))
        prompt = Prompt(window.prefix, tail, turns)
        return Asked(prompt, params, window, hints, dropped)

    def _window(
        self, question: Question, engine: Engine, budget: TokenBudget
    ) -> tuple[Window, Sequence[Ranked]]:
        """The window, and the best passages where it is the whole pack and hints are wanted."""
        asked_for = question.answer.mode
        mode, tokens = self._windows.choose(question.pack, engine, budget, mode=asked_for)
        if mode == "whole":
            ranked = self._rank(question) if self._settings.hints else ()
            return self._windows.whole(question.pack, tokens), ranked
        reason = (
            "select was asked for"
            if asked_for == "select"
            else f"the pack needs {tokens:,} tokens, the window leaves {budget.available:,}"
        )
        ranked = self._rank(question)
        window = self._windows.select(
            question.pack, ranked, engine.tokenizer, budget.available, reason=reason
        )
        return window, ()

    def _rank(self, question: Question) -> Sequence[Ranked]:
        self._store.conversations.set_progress(question.answer.id, "Ranking passages")
        return question.evidence.rank(question.text, MAX_SELECTED)

    def history(
        self, question: Question, engine: Engine, budget: TokenBudget
    ) -> tuple[tuple[Turn, ...], int]:
        """Earlier questions and answers of the conversation that fit, and how many did not."""
        earlier, answered = self._store.conversations.earlier(question.answer, MAX_TURNS)
        kept, _ = keep_turns(
            [(answer.question, plain(answer)) for answer in earlier],
            history_limit(budget.context_length),
            lambda text: engine.tokenizer.count(text) + TURN_TOKENS,
        )
        turns: list[Turn] = []
        for asked, text in kept:
            turns.append(Turn("user", render_tail(asked)))
            turns.append(Turn("assistant", text))
        return tuple(turns), answered - len(kept)


def history_limit(context_length: int) -> int:
    """The most tokens that earlier turns of a conversation may have."""
    return round(context_length * HISTORY_SHARE)


def budget_of(settings: Settings, engine: Engine, *, asked: int = 0) -> TokenBudget:
    """How the engine's window is divided by these settings; the question has `asked` tokens."""
    window = engine.context_length
    return TokenBudget(
        context_length=window,
        reserved_for_answer=min(settings.max_answer_tokens, window // 4),
        reserved_for_question=asked + min(2_048 + history_limit(window), window // 3),
        whole_limit=settings.whole_limit,
    )


def plain(answer: Answer) -> str:
    """An answer's text without its chips, for the conversation's history."""
    text = answer.text
    for start, end, _ in reversed(chips(text)):
        text = text[:start].rstrip(" ") + text[end:]
    return text


def fitting_hints(
    ranked: Sequence[Ranked], engine: Engine, reserved: int
) -> tuple[PackedPassage, ...]:
    """The best passages that fit beside the rules and the earlier turns."""
    left = reserved - history_limit(engine.context_length) - TAIL_TOKENS
    hints: list[PackedPassage] = []
    for item in ranked[:HINTS]:
        tokens = engine.tokenizer.count(item.passage.passage.text) + HINT_TOKENS
        if tokens <= left:
            left -= tokens
            hints.append(item.passage)
    return tuple(hints)


def dropped_note(dropped: int) -> str:
    """For the model: that earlier turns were left out; empty if none was."""
    return f"{dropped} earlier turns of this conversation were left out." if dropped else ""
