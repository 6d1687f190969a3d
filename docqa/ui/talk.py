"""The conversation: questions, answers, the answer that is being written, the composer."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from docqa.core.answers import Answer, Mode
from docqa.errors import EngineLeavesMachineError
from docqa.store.values import ConversationInfo, DocumentInfo, Workspace
from docqa.ui import answers, consent, messages, sources, state, sweep, warmth
from docqa.ui.state import Key

REFRESH_S = 0.4
SHOWN = 12
"""Answers drawn at once; earlier ones on demand."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a conversation is about, and what stands where it begins."""

    title: str
    said: str
    questions: Callable[[], Sequence[str]]
    """To begin with; asked for while there is nothing else to show."""
    hint: str
    nothing: bool = False
    """Whether there is nothing to ask about."""
    place: str = ""
    """What goes into a question as the place it is about: `src/app.py:L10-L24`."""


def about_documents(
    workspace: Workspace, documents: Sequence[DocumentInfo], scope: Sequence[int]
) -> Setting:
    """A conversation about these documents of a workspace."""
    nothing = sources.none_chosen(documents)
    hint = "Choose a document first" if nothing else "Ask about your documents"
    if scope and not nothing:
        hint = f"Ask about {messages.count(len(scope), 'document')}"
    ready = sum(map(sources.usable, documents))
    return Setting(
        title="Ask your documents",
        said=f"{messages.count(ready, 'document')} in this workspace. "
        "Every answer shows the sentence it rests on.",
        questions=lambda: _first_questions(
            workspace.id, state.app().library.pack(workspace.id).hash
        ),
        hint=hint,
        nothing=nothing,
    )


def draw(workspace: Workspace, scope: tuple[int, ...], setting: Setting) -> tuple[Answer, ...]:
    """The conversation and its composer. Returns its answers."""
    number = state.conversation_id()
    app = state.app()
    conversation = app.conversations.get(number) if number else None
    every = app.conversations.answers(number) if number else ()
    running = bool(every) and every[-1].running
    pane = st.container(key="conversation", height=480, border=False, autoscroll=True)
    with pane, st.container(key="talk-column"):
        if conversation and every:
            _history(conversation, every)
        else:
            _welcome(workspace, setting)
    _composer(workspace, scope, setting, every[-1] if running else None)
    return every


def _history(conversation: ConversationInfo, every: Sequence[Answer]) -> None:
    hidden = len(every) - SHOWN
    if hidden > 0 and not st.toggle(
        f"Show {messages.count(hidden, 'earlier question')}", key=f"earlier-{conversation.id}"
    ):
        every = every[hidden:]
    for answer in every:
        answers.question(answer)
        last = answer is every[-1]
        if answer.running:
            # Also when the tab was closed meanwhile: its first citation will open the evidence.
            st.session_state[Key.WATCHED] = answer.id
            _live(answer.id)
        else:
            answers.text(answer)
            answers.outcome(answer)
            sweep.report(answer)
            sweep.offer(answer, last=last)
            answers.tools(answer, conversation, last=last)
            if last and answer.suggested:
                _suggest(conversation.workspace_id, answer.suggested)


def _live(answer_id: int) -> None:
    """An answer that is being written, read from the store every so often until it is done."""

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        answer = state.app().answering.answer(answer_id)
        if not answer.running:
            st.rerun()
        if answer.shards:
            sweep.progress(answer)
        if answer.text:
            answers.text(answer)
        elif not answer.shards:
            _progress(answer)

    live()


def _progress(answer: Answer) -> None:
    """What happens before the first token."""
    said = answer.progress or ("Waiting for its turn" if answer.status == "queued" else "Starting")
    if answer.progress_total:
        share = min(1.0, answer.progress_done / answer.progress_total)
        counts = f"{answer.progress_done:,} of {answer.progress_total:,} tokens"
        st.progress(share, text=f"{messages.plain(said)}: {counts}")
    else:
        st.html(f'<div class="muted" role="status">{html.escape(said)}…</div>')


def _welcome(workspace: Workspace, setting: Setting) -> None:
    st.html(
        f'<div class="hero"><h1>{html.escape(setting.title)}</h1>'
        f"<p>{html.escape(setting.said)}</p></div>"
    )
    _suggest(workspace.id, setting.questions())


@st.cache_data(max_entries=100, show_spinner=False)
def _first_questions(workspace_id: int, pack: str) -> tuple[str, ...]:
    """Questions to begin with; `pack` is there so that new documents bring new ones."""
    return state.app().library.suggested_questions(workspace_id)


def _suggest(workspace_id: int, questions: Sequence[str]) -> None:
    with st.container(key="suggestions", gap="xsmall", horizontal_alignment="center"):
        for number, question in enumerate(questions):
            if st.button(
                messages.plain(question),
                key=f"suggested-{number}-{state.conversation_id()}",
                icon=":material/arrow_forward:",
            ):
                ask(workspace_id, question, ())


def _composer(
    workspace: Workspace, scope: tuple[int, ...], setting: Setting, running: Answer | None
) -> None:
    with st.container(key="composer-box"):
        # In a callback: the question is on its way before the page, with all its documents, is
        # drawn again.
        st.chat_input(
            "An answer is being written" if running else setting.hint,
            key=Key.COMPOSER,
            disabled=setting.nothing or running is not None,
            on_submit=state.attempt,
            args=(partial(_submit_typed, workspace.id, scope, setting.place),),
        )
        if running:
            st.button(
                "Stop",
                key="stop",
                icon=":material/stop:",
                shortcut="Escape",
                on_click=state.attempt,
                args=(lambda: state.app().answering.stop(running.id),),
            )
    with st.container(
        key="below-composer", horizontal=True, horizontal_alignment="center", gap="small"
    ):
        if not setting.nothing:
            sweep.choose()
        warmth.draw(workspace, scope, everything=sweep.mode() == "sweep")
    messages.say()  # what the question met, where no frame stands around the page
    _dialogs(workspace)


def _dialogs(workspace: Workspace) -> None:
    """What has to be agreed to before a question is submitted."""
    to_sweep = st.session_state.pop(Key.SWEEP, None)
    if to_sweep and not _may_be_sent(workspace.id):
        st.session_state[Key.REMOTE] = (*to_sweep, "sweep")
    if waiting := st.session_state.pop(Key.REMOTE, None):
        question, about, mode = waiting
        consent.ask(
            workspace,
            "answer",
            "your questions",
            "Allow and ask",
            partial(ask, workspace.id, question, about, mode),
            key="",
        )
    elif to_sweep:
        question, about = to_sweep
        sweep.confirm(workspace, question, about, partial(_submit, workspace.id, "sweep"))


def _may_be_sent(workspace_id: int) -> bool:
    """Whether documents of the workspace may go where the engine is."""
    try:
        state.app().engines.check_remote(workspace_id)
    except EngineLeavesMachineError:
        return False
    return True


def ask(workspace_id: int, question: str, scope: tuple[int, ...], mode: Mode | None = None) -> None:
    """Submit a question and draw the page again; the mode is the chosen one, if none is given."""
    with messages.problems():
        _propose(workspace_id, question, scope, mode or sweep.mode())
        st.rerun()


def _submit_typed(workspace_id: int, scope: tuple[int, ...], place: str) -> None:
    if question := st.session_state.get(Key.COMPOSER):
        about = f"\n\nThis is about `{place}`." if place else ""
        _propose(workspace_id, question + about, scope, sweep.mode())


def _propose(workspace_id: int, question: str, scope: tuple[int, ...], mode: Mode) -> None:
    """Submit a question; or ask first, at another machine or where the price is to be seen."""
    if not _may_be_sent(workspace_id):
        st.session_state[Key.REMOTE] = (question, scope, mode)
    elif mode == "sweep":
        st.session_state[Key.SWEEP] = (question, scope)
    else:
        _submit(workspace_id, mode, question, scope)


def _submit(
    workspace_id: int, mode: Mode, question: str, scope: tuple[int, ...], budget: int = 0
) -> None:
    """Submit a question, the first one in a new conversation."""
    app = state.app()
    number = state.conversation_id()
    if number is None:
        number = app.conversations.create(workspace_id, "").id
    st.session_state[Key.WATCHED] = app.answering.submit(
        number, question, scope=scope, mode=mode, budget=budget
    )
    st.session_state[Key.CONVERSATION] = number
