"""One question and its answer, as the conversation shows them."""

import html
from dataclasses import dataclass

import streamlit as st

from docqa.core.answers import Answer, Citation, Mention, SentenceCheck
from docqa.core.citations import chips, place
from docqa.store.values import ConversationInfo
from docqa.ui import mentions, messages, state, support
from docqa.ui.components import copy_button, download_link, transcript
from docqa.ui.markdown import blocks
from docqa.ui.state import Cited, Key

REASONS = ("wrong evidence", "wrong answer", "incomplete")
MODES = {
    "whole": "whole: all documents in the window",
    "select": "select: the best-ranked passages",
    "sweep": "sweep: everything, in parts",
}


def question(answer: Answer) -> None:
    """What was asked."""
    st.html(f'<div class="question">{html.escape(answer.question)}</div>')


@dataclass(frozen=True, slots=True)
class Part:
    """A text with the citations and checks whose offsets lie in it."""

    text: str
    citations: tuple[Citation, ...] = ()
    sentences: tuple[SentenceCheck, ...] = ()
    first: int = 0
    """The position of its first citation among the answer's."""
    mentions: tuple[Mention, ...] = ()


def parts(answer: Answer) -> tuple[Part, Part]:
    """The answer's text and its draft; quotes that stand before a draft come first."""
    if not answer.draft:
        whole = Part(answer.text, answer.citations, answer.sentences, mentions=answer.mentions)
        return whole, Part("")
    quoted = len(chips(answer.text))
    return (
        Part(answer.text, answer.citations[:quoted]),
        Part(answer.draft, answer.citations[quoted:], answer.sentences, quoted, answer.mentions),
    )


def text(answer: Answer) -> None:
    """The answer's text with its chips; a chip that is pressed opens the evidence pane."""
    shown, draft = parts(answer)
    if shown.text:
        _transcript(answer, shown, key=f"answer-{answer.id}", quoted=support.is_quoted(answer))
    if draft.text:
        st.html(f'<div class="draft">{_about_draft(answer)}</div>')
        _transcript(answer, draft, key=f"draft-{answer.id}", quoted=False)


def _about_draft(answer: Answer) -> str:
    """What a draft under quotes, or in their place, is worth."""
    rest = " Rely on the quotes above." if answer.text else ""
    if answer.status == "unsupported":
        return f"Draft by the model. Your documents do not support what it says.{rest}"
    return f"Draft by the small packaged model. It is often wrong.{rest}"


def _transcript(answer: Answer, part: Part, *, key: str, quoted: bool) -> None:
    cited: Cited | None = st.session_state.get(Key.CITED)
    current = cited.number - part.first if cited and cited.answer_id == answer.id else None
    named = () if answer.running else part.mentions[: mentions.MOST]
    spans = [(mention.start, mention.end) for mention in named]
    data = {
        "blocks": blocks(part.text, part.citations, part.sentences, spans, running=answer.running),
        "citations": [support.chip(citation, quoted=quoted) for citation in part.citations],
        "mentions": [mentions.shown(mention) for mention in named],
        "unknown": mentions.unknown(part.text, named),
        "current": current,
        "running": answer.running and part.text == (answer.draft or answer.text),
        "sources": not answer.running,
    }
    pressed, followed = transcript(data, key=key)
    if pressed is not None:
        state.cite(answer.id, part.first + int(pressed))
        st.rerun()
    if followed is not None and 0 <= int(followed) < len(named):
        mentions.follow(named[int(followed)])


def outcome(answer: Answer) -> None:
    """How it ended, where that is not simply well."""
    if answer.status == "failed":
        messages.problem(answer.error or "the answer failed", answer.error_hint)
    elif answer.status == "not_found":
        covered = f" {answer.coverage.sentence()}" if answer.coverage else ""
        st.info(
            f"**Not found in your documents.**{messages.plain(covered)}",
            icon=":material/search_off:",
        )
    elif answer.status == "unsupported" and not answer.draft:
        st.warning(
            "No sentence of this answer is supported by your documents.", icon=":material/warning:"
        )
    elif answer.status == "truncated":
        st.warning("The answer ends early: the window or the limit of an answer was reached.")
    elif answer.status == "stopped":
        st.caption("Stopped. What had been written is kept.")


def tools(answer: Answer, conversation: ConversationInfo, *, last: bool) -> None:
    """Copy, ask again, judge, export, details."""
    app = state.app()
    box = st.container(
        key=f"answer-tools-{answer.id}",
        horizontal=True,
        vertical_alignment="center",
        gap="xxsmall",
    )
    with box:
        copy_button(
            "Copy",
            copied(answer),
            help_text="Copy the answer with its citations",
            key=f"copy-{answer.id}",
        )
        if last and st.button(
            "Regenerate", key=f"regenerate-{answer.id}", type="tertiary", help="Ask again"
        ):
            with messages.problems():
                app.answering.regenerate(answer.id)
                st.rerun()
        _judge(answer)
        download_link(
            "Export",
            f"/conversation/{conversation.id}.md",
            help_text="The conversation with its citations as a Markdown file",
            key=f"export-{answer.id}",
        )
        details = st.toggle("Details", key=f"{Key.DETAILS}-{answer.id}")
    if details:
        st.html(facts(answer))


def _judge(answer: Answer) -> None:
    verdict, _, reason = answer.feedback.partition(":")
    if st.button(
        "",
        key=f"up-{answer.id}",
        icon=":material/thumb_up:",
        type="primary" if verdict == "up" else "tertiary",
        help="A good answer",
    ):
        state.app().answering.feedback(answer.id, "up", "")
        st.rerun()
    picked = st.menu_button(
        reason.strip(),
        REASONS,
        key=f"down-{answer.id}",
        icon=":material/thumb_down:",
        type="primary" if verdict == "down" else "tertiary",
        help="What is wrong with it?",
    )
    if picked:
        state.app().answering.feedback(answer.id, "down", picked)
        st.rerun()


def copied(answer: Answer) -> str:
    """The answer with its citations as footnotes."""
    notes = []
    listed = set()
    for citation in answer.citations:
        if citation.marker not in listed:
            listed.add(citation.marker)
            notes.append(
                f"[{citation.marker}] {place(citation)}"
                f" ({support.WORDS[citation.support].short}): “{citation.quote}”"
            )
    return "\n\n".join([answer.text, *(["\n".join(notes)] if notes else [])])


def facts(answer: Answer) -> str:
    """Model, mode, times and tokens of an answer, as a list of definitions."""
    usage = answer.usage
    rows = [
        ("Engine", answer.engine),
        ("Model", answer.model),
        ("Mode", MODES.get(answer.mode, answer.mode)),
        ("Reason", answer.mode_reason),
        ("First token", _seconds(answer.ttft_s)),
        ("First token of the engine", _seconds(usage.prefill_s)),
        ("Total", _seconds(answer.total_s)),
        ("Speed", _speed(answer)),
        ("Prompt", messages.count(usage.prompt_tokens, "token") if usage.prompt_tokens else ""),
        (
            "Answer",
            messages.count(usage.completion_tokens, "token") if usage.completion_tokens else "",
        ),
        ("From the cache", _cached(answer)),
        ("Not cached because", usage.cache_miss),
        ("Sent for this question", _sent(answer)),
        ("Markers without a passage", f"{answer.unresolved:,}" if answer.unresolved else ""),
        ("Pack", answer.pack[:12]),
    ]
    said = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in rows
        if value
    )
    covered = (
        f'<p class="muted">{html.escape(answer.coverage.sentence())}</p>' if answer.coverage else ""
    )
    return f'<dl class="facts">{said}</dl>{covered}<p class="muted">{support.MEANING}</p>'


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f} s" if value < 1 else f"{value:,.1f} s"


def _cached(answer: Answer) -> str:
    cached, prompt = answer.usage.cached_tokens, answer.usage.prompt_tokens
    if cached is None:
        return "not told by the engine" if prompt else ""
    return f"{cached:,} tokens, {cached / prompt:.0%}" if prompt else ""


def _sent(answer: Answer) -> str:
    usage = answer.usage
    parts = []
    if usage.sent_tokens is not None:
        parts.append(messages.count(usage.sent_tokens, "token"))
    if usage.sent_bytes is not None:
        parts.append(messages.size(usage.sent_bytes))
    return ", ".join(parts)


def _speed(answer: Answer) -> str:
    if answer.total_s is None or answer.ttft_s is None or not answer.usage.completion_tokens:
        return ""
    writing = answer.total_s - answer.ttft_s
    return f"{answer.usage.completion_tokens / writing:,.0f} tokens/s" if writing > 0 else ""
