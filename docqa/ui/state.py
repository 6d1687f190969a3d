"""What a session remembers: the keys of `st.session_state`, and the address of a view."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from docqa.bootstrap import App
from docqa.core.answers import Answer
from docqa.errors import DocqaError, UnknownItemError
from docqa.store.values import Workspace
from docqa.web.shared import shared_app

DEFAULT_WORKSPACE = "default"
ADDRESS_LAG_S = 2.0
"""How long a browser may still send the address before the last one."""


class Key(StrEnum):
    """Keys of the session state, those of widgets included."""

    WORKSPACE = "workspace_id"
    CONVERSATION = "conversation_id"
    CITED = "cited"
    VIEWING = "viewing"
    EVIDENCE = "evidence_open"
    SOURCES = "sources_open"
    OFF = "sources_off"
    OFF_NONCE = "sources_off_nonce"
    NONCE = "viewer_nonce"
    WATCHED = "answer_in_the_making"
    ADDRESS = "address"
    LEFT = "address_left"
    PROBLEM = "problem"
    NOTICE = "notice"
    ADDING = "source_that_is_looked_at"
    ADDED = "sources_added"
    UPDATING = "source_that_is_updated"
    OPEN_SOURCES = "sources_shown_in_full"
    JOBS = "job_ids"
    RETRIED = "retried_item_ids"
    DOCUMENT = "document_id"
    PAGE = "document_page"
    VERSION = "document_version"
    COMPARED = "versions_compared"
    CHANGE = "change_in_view"
    DUPLICATES = "duplicates_shown"
    SOURCE_LIST = "source_list"
    COMPOSER = "composer"
    UPLOADS = "uploads"
    DETAILS = "details"
    REMOTE = "remote_question"
    CONFIRMING = "confirming"
    SEARCH = "conversation_search"
    PLAN = "plan_request"
    CHECKLIST = "checklist_id"
    CHECKLIST_OPEN = "checklist_open"
    CHECKLIST_FILE = "checklist_file_turn"
    REVIEW_PLACE = "review_place"
    REVIEW_NEW = "review_new"
    REVIEW_FILTER = "review_filter"
    REVIEW_TEXT = "review_text"
    REVIEW_PICKED = "review_picked"
    REVIEW_GRID = "review_grid"
    REVIEW_STALE = "review_decision_problem"
    CODE_PLACE = "code_place"
    CODE_VIEW = "code_view"
    CODE_TAB = "code_tab"
    CODE_ABOUT = "code_about"
    CODE_NAME = "code_name"
    CODE_QUERY = "code_query"
    CODE_HOW = "code_how"
    CODE_BLAME = "code_blame"
    MODE = "how_to_look"
    SWEEP = "question_to_sweep"
    COVERAGE_PLACE = "coverage_place"
    COVERAGE_CLASS = "coverage_class"
    COVERAGE_TEXT = "coverage_text"


_OF_WORKSPACE = (
    Key.CONVERSATION,
    Key.CITED,
    Key.VIEWING,
    Key.OFF,
    Key.DOCUMENT,
    Key.VERSION,
    Key.COMPARED,
    Key.CHANGE,
    Key.DUPLICATES,
    Key.JOBS,
    Key.REVIEW_PLACE,
    Key.REVIEW_NEW,
    Key.REVIEW_GRID,
    Key.ADDING,
    Key.UPDATING,
    Key.CODE_PLACE,
    Key.COVERAGE_PLACE,
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of an answer, by its position."""

    answer_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Viewing:
    """A document opened without a citation: a page of a PDF, or lines of a file."""

    document_id: int
    page: int | None = None
    lines: tuple[int, int] | None = None
    version_id: int | None = None
    """The version that is meant; None is the current one."""


def app() -> App:
    """The one `App` of this process."""
    return shared_app()


def workspace() -> Workspace:
    """The workspace of this session: chosen, else the address's, else the first."""
    chosen = st.session_state.get(Key.WORKSPACE) or number(st.query_params.get("w"))
    summaries = app().workspaces.all()
    for summary in summaries:
        if summary.workspace.id == chosen:
            st.session_state[Key.WORKSPACE] = chosen
            return summary.workspace
    if summaries:
        named = [s.workspace for s in summaries if s.workspace.name == DEFAULT_WORKSPACE]
        found = (named or [summaries[0].workspace])[0]
    else:
        found = app().workspaces.get_or_create(DEFAULT_WORKSPACE)
    st.session_state[Key.WORKSPACE] = found.id
    return found


def enter_workspace(workspace_id: int) -> None:
    """Switch; what belonged to the other workspace is let go."""
    for key in _OF_WORKSPACE:
        st.session_state.pop(key, None)
    st.session_state[Key.EVIDENCE] = False
    st.session_state[Key.WORKSPACE] = workspace_id
    _count(Key.OFF_NONCE)


def enter_conversation(conversation_id: int | None) -> None:
    """Show a conversation, or an empty one that is made with its first question."""
    for key in (Key.CITED, Key.VIEWING):
        st.session_state.pop(key, None)
    st.session_state[Key.EVIDENCE] = False
    st.session_state[Key.CONVERSATION] = conversation_id


def conversation_id() -> int | None:
    """The conversation on the screen, None before its first question."""
    found: int | None = st.session_state.get(Key.CONVERSATION)
    return found


def cite(answer_id: int, number: int) -> None:
    """Show a citation in the evidence pane; also scrolls there when it is shown already."""
    st.session_state[Key.CITED] = Cited(answer_id, number)
    st.session_state.pop(Key.VIEWING, None)
    st.session_state[Key.EVIDENCE] = True
    _count(Key.NONCE)


def view(
    document_id: int,
    *,
    page: int | None = None,
    lines: tuple[int, int] | None = None,
    version_id: int | None = None,
) -> None:
    """Show a document in the evidence pane."""
    choose(Viewing(document_id, page, lines, version_id))
    _count(Key.NONCE)


def choose(viewing: Viewing) -> None:
    """As `view`, of what the viewer has in view already: it does not scroll."""
    st.session_state[Key.VIEWING] = viewing
    st.session_state.pop(Key.CITED, None)
    st.session_state[Key.EVIDENCE] = True


def nonce() -> int:
    """Changes when a viewer has to jump, also to where it was told to jump before."""
    found: int = st.session_state.get(Key.NONCE, 0)
    return found


def jump() -> None:
    """Make the viewer jump, also to where it was told to jump before."""
    _count(Key.NONCE)


def restore_ask() -> None:
    """Take over a new address: conversation, answer, citation, document, page, lines."""
    params = arrived()
    if params is not None:
        take_ask(params)


def take_ask(params: Mapping[str, str]) -> None:
    """Show what an address says of a conversation and of a document."""
    conversation = number(params.get("c"))
    if conversation is not None and conversation != conversation_id():
        _restore_conversation(conversation)
    answer, position = number(params.get("a")), number(params.get("n"))
    document = number(params.get("d"))
    if answer is not None and position is not None:
        cite(answer, position - 1)
    elif document is not None:
        view(
            document,
            page=number(params.get("p")),
            lines=_lines(params.get("l")),
            version_id=number(params.get("r")),
        )


def _restore_conversation(conversation: int) -> None:
    try:
        info = app().conversations.get(conversation)
    except UnknownItemError:
        return
    if info.workspace_id != st.session_state.get(Key.WORKSPACE):
        enter_workspace(info.workspace_id)
    enter_conversation(conversation)


def arrived() -> dict[str, str] | None:
    """The address that somebody went to; None while it is the one of what is on the screen.

    A click can be quicker than the address that the last run gave the browser: it then comes with
    the one before, which nobody went to.
    """
    params = st.query_params.to_dict()
    if params == st.session_state.get(Key.ADDRESS):
        return None
    left, left_at = st.session_state.get(Key.LEFT, (None, 0.0))
    if params == left and time.monotonic() - left_at < ADDRESS_LAG_S:
        return None
    st.session_state[Key.ADDRESS] = params
    return params


def address(params: Mapping[str, object | None]) -> None:
    """Make the address say what is on the screen."""
    wanted = {name: str(value) for name, value in params.items() if value is not None}
    before = st.session_state.get(Key.ADDRESS)
    if wanted != before:
        st.session_state[Key.LEFT] = (before, time.monotonic())
    st.session_state[Key.ADDRESS] = wanted
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def ask_address() -> dict[str, object | None]:
    """What the Ask page's address says: conversation, answer, citation, document, page, lines."""
    params: dict[str, object | None] = {
        "w": st.session_state.get(Key.WORKSPACE),
        "c": conversation_id(),
    }
    cited: Cited | None = st.session_state.get(Key.CITED)
    viewing: Viewing | None = st.session_state.get(Key.VIEWING)
    if cited:
        params |= {"a": cited.answer_id, "n": cited.number + 1}
    elif viewing:
        lines = "-".join(map(str, viewing.lines)) if viewing.lines else None
        params |= {"d": viewing.document_id, "p": viewing.page, "l": lines}
        params["r"] = viewing.version_id
    return params


def restore_library() -> None:
    """Take over the address of the Library: workspace, document, page."""
    params = arrived()
    if params is None:
        return
    take_workspace(params)
    if document := number(params.get("d")):
        st.session_state[Key.DOCUMENT] = document
        st.session_state[Key.PAGE] = number(params.get("p"))
        st.session_state[Key.VERSION] = number(params.get("v"))
        st.session_state[Key.COMPARED] = _lines(params.get("from-to"))


def open_document(document_id: int) -> None:
    """Show another document in the Library, its current version from the beginning."""
    if document_id != st.session_state.get(Key.DOCUMENT):
        for key in (Key.PAGE, Key.VERSION, Key.COMPARED, Key.CHANGE):
            st.session_state.pop(key, None)
    st.session_state[Key.DOCUMENT] = document_id


def take_workspace(params: Mapping[str, str]) -> None:
    """Enter the workspace that an address names."""
    chosen = number(params.get("w"))
    if chosen is not None and chosen != st.session_state.get(Key.WORKSPACE):
        enter_workspace(chosen)


def library_address() -> dict[str, object | None]:
    """What the Library's address says: workspace, document, page, version, versions compared."""
    compared = st.session_state.get(Key.COMPARED)
    return {
        "w": st.session_state.get(Key.WORKSPACE),
        "d": st.session_state.get(Key.DOCUMENT),
        "p": st.session_state.get(Key.PAGE),
        "v": st.session_state.get(Key.VERSION),
        "from-to": "-".join(map(str, compared)) if compared else None,
    }


def open_first_citation(answers: Sequence[Answer]) -> None:
    """Open the evidence pane by itself, once, when an answer brings its first citation."""
    last = answers[-1] if answers else None
    if last is None or last.running or not last.citations:
        return
    if st.session_state.get(Key.WATCHED) == last.id:
        st.session_state.pop(Key.WATCHED)
        cite(last.id, 0)
        st.rerun()


def watch_job(job_id: int, *, instead_of: int | None = None) -> None:
    """Show this job until it is hidden; it takes over a failed item of an earlier one."""
    st.session_state[Key.JOBS] = (*watched_jobs(), job_id)
    st.session_state[Key.RETRIED] = retried() | ({instead_of} if instead_of else set())


def retried() -> frozenset[int]:
    """Failed items that were taken over by a later job."""
    found: frozenset[int] = st.session_state.get(Key.RETRIED, frozenset())
    return found


def watched_jobs() -> tuple[int, ...]:
    """Jobs that were begun here and not hidden yet."""
    found: tuple[int, ...] = st.session_state.get(Key.JOBS, ())
    return found


def hide_job(job_id: int) -> None:
    """Show this job no longer."""
    st.session_state[Key.JOBS] = tuple(job for job in watched_jobs() if job != job_id)


def attempt(act: Callable[[], object]) -> None:
    """Do it in a callback; a `DocqaError` is shown on top of the page instead of a trace."""
    try:
        act()
    except DocqaError as error:
        st.session_state[Key.PROBLEM] = (str(error), error.hint)


def _count(key: Key) -> None:
    st.session_state[key] = st.session_state.get(key, 0) + 1


def number(text: str | None) -> int | None:
    """A number of an address, None where there is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _lines(text: str | None) -> tuple[int, int] | None:
    first, _, last = (text or "").partition("-")
    numbers = number(first), number(last or first)
    return (numbers[0], numbers[1]) if numbers[0] and numbers[1] else None
