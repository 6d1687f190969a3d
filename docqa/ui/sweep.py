"""Looking through everything: chosen, priced, watched, and told of afterwards."""

import html
from collections.abc import Callable, Sequence

import streamlit as st

from docqa.core.answers import Answer, Mode, ShardReport, swept
from docqa.store.values import Workspace
from docqa.ui import messages, state
from docqa.ui.state import Key

HOW: dict[Mode, str] = {"auto": "Auto", "select": "Best passages", "sweep": "Everything"}
HELP = (
    "**Auto**: all documents at once where they fit the window, else the best passages. "
    "**Best passages**: quick. **Everything**: all documents, part by part, so that nothing is "
    "missed; you see first what it costs."
)
STEP_TOKENS = 10_000
SHOWN = 200
"""Parts that are listed; a strip shows as many."""
STATUS = {
    "waiting": "waits",
    "asked": "asked",
    "skipped": "nothing in scope",
    "failed": "failed",
    "stopped": "not asked",
}

Submit = Callable[[str, tuple[int, ...], int], None]
"""Question, scope and budget in tokens, 0 for none."""


def choose() -> None:
    """How the next question is looked into; `mode` tells."""
    st.segmented_control(
        "How to look",
        list(HOW),
        format_func=lambda mode: HOW[mode],
        default="auto",
        required=True,
        key=Key.MODE,
        help=None,
        label_visibility="collapsed",
    )


def mode() -> Mode:
    """What was chosen."""
    chosen: Mode = st.session_state.get(Key.MODE) or "auto"
    return chosen


@st.dialog("Look through everything?")
def confirm(workspace: Workspace, question: str, scope: tuple[int, ...], submit: Submit) -> None:
    """A dialog with what it will cost; `submit` is called if that is agreed to."""
    st.html(f'<div class="question sweep-question">{html.escape(question)}</div>')
    met = None
    with messages.problems(), st.spinner("Counting what there is to read"):
        met = state.app().estimating.sweep(workspace.id, scope, question)
    if met is not None:
        said = html.escape(met.sentence())
        st.html(f'<div class="sweep-price" role="status">{said}</div>')
        st.caption(
            "Each part is asked, and their answers are put together with every citation "
            "checked. You can stop at any time; what was found until then stays."
        )
    budget = 0
    if met is not None and met.model and met.asked > 1:
        budget = st.number_input(
            "Read at most (tokens)",
            min_value=0,
            value=0,
            step=STEP_TOKENS,
            key="sweep-budget",
            help="0 reads everything. The likeliest parts are read first; the answer names those "
            "that were not.",
        )
    with st.container(horizontal=True):
        start = st.button("Look through everything", type="primary", key="sweep-start")
        if st.button("Cancel", key="sweep-cancel"):
            st.rerun()
    if start:
        with messages.problems():
            submit(question, scope, int(budget))
            st.rerun()


def offer(answer: Answer, *, last: bool) -> None:
    """A button to look through everything, where the best passages did not do."""
    if answer.mode != "select" or answer.status in ("failed", "stopped"):
        return
    incomplete = answer.coverage is not None and not answer.coverage.complete
    if (answer.status == "not_found" or (last and incomplete)) and st.button(
        "Look through everything",
        key=f"sweep-{answer.id}",
        icon=":material/manage_search:",
        help="Ask all documents, part by part; you see first what it costs",
    ):
        st.session_state[Key.SWEEP] = (answer.question, answer.scope)


def progress(answer: Answer) -> None:
    """How far a sweep is, while it goes on."""
    if not answer.shards:
        return
    share = min(1.0, answer.progress_done / max(1, answer.progress_total))
    counts = f"{answer.progress_done:,} of {answer.progress_total:,} tokens"
    st.progress(share, text=f"{messages.plain(answer.progress or 'Starting')}: {counts}")
    st.html(strip(answer.shards))


def report(answer: Answer) -> None:
    """Which parts were asked, under a final answer."""
    lines = swept(answer)
    if not lines:
        return
    with st.expander(messages.plain(lines[0]), key=f"parts-{answer.id}"):
        st.html(strip(answer.shards) + table(answer.shards))
    if len(lines) > 1:
        st.warning(messages.plain(" ".join(lines[1:])), icon=":material/warning:")


def strip(shards: Sequence[ShardReport]) -> str:
    """A square for each part, and in words how many came to what."""
    counts = {
        words: sum(shard.status == status for shard in shards) for status, words in STATUS.items()
    }
    told = ", ".join(f"{count:,} {words}" for words, count in counts.items() if count)
    squares = "".join(
        f'<i class="{shard.status}" title="Part {shard.number}: {STATUS[shard.status]}"></i>'
        for shard in shards[:SHOWN]
    )
    return f'<div class="shards" role="img" aria-label="Parts: {told}">{squares}</div>'


def table(shards: Sequence[ShardReport]) -> str:
    """The parts as rows: what they held and what came of them."""
    rows = "".join(
        f"<tr><td>{shard.number}</td><td>{_what(shard)}</td><td>{shard.documents:,}</td>"
        f"<td>{shard.passages:,}</td><td>{shard.tokens:,}</td><td>{_cached(shard)}</td>"
        f"<td>{shard.citations:,}</td><td>{_seconds(shard)}</td></tr>"
        for shard in shards[:SHOWN]
    )
    heads = ("Part", "Outcome", "Documents", "Passages", "Tokens", "Cached", "Citations", "Time")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    more = len(shards) - SHOWN
    rest = f'<p class="muted">{more:,} more parts are not listed.</p>' if more > 0 else ""
    return (
        '<div class="shard-table"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>{rest}"
    )


def _what(shard: ShardReport) -> str:
    said = STATUS[shard.status]
    return html.escape(f"{said}: {shard.error}" if shard.error else said)


def _cached(shard: ShardReport) -> str:
    if shard.cached_tokens is None or not shard.prompt_tokens:
        return ""
    return f"{shard.cached_tokens / shard.prompt_tokens:.0%}"


def _seconds(shard: ShardReport) -> str:
    return "" if shard.seconds is None else f"{shard.seconds:,.1f} s"
