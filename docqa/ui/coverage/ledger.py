"""The sums: a sentence, a bar, the classes to choose from, and a row for each source."""

import html

import streamlit as st

from docqa.core.coverage import CLASS_MEANINGS, CLASS_WORDS, CLASSES, PageClass, Tally
from docqa.services.ledgers import Ledger
from docqa.store.values import Workspace
from docqa.ui import messages, tables
from docqa.ui.components import download_link
from docqa.ui.coverage import place
from docqa.ui.source_lists import key_of
from docqa.ui.state import Key

FORMATS = {
    "xlsx": ("XLSX", "Sums by source, documents, and every page"),
    "csv": ("CSV", "One row per page"),
    "json": ("JSON", "Sums, documents and pages, for other programs"),
}
COLOURS: dict[PageClass, str] = {
    "text": "#2f7f79",
    "ocr": "#5fa8d3",
    "unreadable": "#c8503c",
    "blank": "#b9bfc4",
    "failed": "#8f2d56",
    "waiting": "#c9a227",
    "excluded": "#7a6f9b",
    "removed": "#9c7a5b",
    "superseded": "#8d99a6",
    "left_out": "#5c6670",
}
ALL = "all"


def head(workspace: Workspace, ledger: Ledger) -> None:
    """The title with the exports, what can be asked about, and the bar."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Coverage")
        with st.popover("Export", icon=":material/download:", key="coverage-exports"):
            for suffix, (label, meaning) in FORMATS.items():
                with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                    download_link(
                        label,
                        f"/coverage/{workspace.id}/export.{suffix}",
                        help_text=meaning,
                        key=f"coverage-{suffix}",
                    )
                    st.caption(meaning)
    st.html(f'<div class="coverage-said">{html.escape(ledger.statement())}</div>')
    _bar(ledger.total)


def _bar(total: Tally) -> None:
    shown = [name for name in CLASSES if total[name]]
    parts = "".join(
        f'<span style="width:{total[name] / total.total * 100:.4f}%;background:{COLOURS[name]}" '
        f'title="{CLASS_WORDS[name]}: {total[name]:,}"></span>'
        for name in shown
    )
    said = ", ".join(f"{CLASS_WORDS[name]}: {total[name]:,}" for name in shown)
    st.html(f'<div class="budget tall" role="img" aria-label="{said}">{parts}</div>')
    legend = "".join(
        f'<span><i style="background:{COLOURS[name]}"></i>{CLASS_WORDS[name]} '
        f"<b>{total[name]:,}</b></span>"
        for name in shown
    )
    st.html(f'<div class="coverage-legend">{legend}</div>')


def filters(total: Tally) -> None:
    """Which class is listed, and words in the name."""
    here = place.current()
    options = [ALL, *(name for name in CLASSES if total[name] or name == here.page_class)]
    st.session_state[Key.COVERAGE_CLASS] = here.page_class or ALL
    st.session_state[Key.COVERAGE_TEXT] = here.text
    with st.container(key="coverage-filters", horizontal=True, vertical_alignment="center"):
        st.pills(
            "Class",
            options,
            format_func=lambda name: _option(name, total),
            key=Key.COVERAGE_CLASS,
            label_visibility="collapsed",
            on_change=_choose_class,
            width="stretch",
        )
        st.text_input(
            "Filter by name",
            key=Key.COVERAGE_TEXT,
            placeholder="Filter by name",
            icon=":material/search:",
            label_visibility="collapsed",
            max_chars=place.MAX_TEXT,
            on_change=_look_for,
            width=240,
        )
    if here.page_class:
        st.caption(CLASS_MEANINGS[here.page_class])


def _option(name: str, total: Tally) -> str:
    for known in CLASSES:
        if name == known:
            return f"{CLASS_WORDS[known]} {total[known]:,}"
    return f"all {total.total:,}"


def _choose_class() -> None:
    picked = st.session_state.get(Key.COVERAGE_CLASS)
    place.choose_class(next((name for name in CLASSES if name == picked), None))


def _look_for() -> None:
    text = str(st.session_state.get(Key.COVERAGE_TEXT) or "").strip()
    if text != place.current().text:
        place.look_for(text)


def sources(ledger: Ledger) -> None:
    """A row for each source and one for all; choosing one lists it alone."""
    total = ledger.total
    names = [name for name in CLASSES if total[name]]
    tallies = [source.tally for source in ledger.sources] + [total]
    columns: dict[str, list[object]] = {
        "Source": [*(source.name for source in ledger.sources), "All sources"],
        "Documents": [*(source.documents for source in ledger.sources), ledger.documents],
        "Pages": [tally.total for tally in tallies],
    }
    if ledger.reach == "whole":
        columns["In the window"] = [tally.packed for tally in tallies]
    for name in names:
        word = CLASS_WORDS[name]
        columns[word[:1].upper() + word[1:]] = [tally[name] for tally in tallies]
    numbers = [each for each in columns if each != "Source"]
    key = key_of("coverage-sources", [(s.source_id, s.name) for s in ledger.sources])
    st.dataframe(
        columns,
        key=key,
        hide_index=True,
        selection_mode="single-row",
        on_select=lambda: _pick(key, ledger),
        height=tables.height_of(len(tallies), most=8, limit=300),
        column_config={
            "Source": st.column_config.TextColumn(width="medium"),
            **{each: st.column_config.NumberColumn(format="localized") for each in numbers},
        },
        alt="Pages of every source, by class; the last row is their sum",
    )
    here = place.current()
    chosen = next((s for s in ledger.sources if s.source_id == here.source), None)
    if chosen is not None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Listed: {messages.plain(chosen.name)}")
            st.button(
                "Show all sources",
                type="tertiary",
                key="coverage-all-sources",
                on_click=place.choose_source,
                args=(None,),
            )


def _pick(key: str, ledger: Ledger) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    chosen = ledger.sources[rows[0]] if rows and rows[0] < len(ledger.sources) else None
    place.choose_source(chosen.source_id if chosen else None)
