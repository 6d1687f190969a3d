"""Places that look like secrets: where, of which kind, masked or not. Never the secret itself."""

from collections.abc import Sequence

import streamlit as st

from docqa.store.source_files import SecretPlace
from docqa.store.values import Source
from docqa.ui import messages, state
from docqa.ui.source_lists import key_of


def draw(source: Source) -> None:
    """The places, and what can be done about the chosen ones."""
    places = state.app().sources.secrets(source.id)
    masked = sum(not place.shown for place in places)
    said = f"{messages.count(len(places), 'place looks', 'places look')} like a secret"
    state_of = f"{masked:,} of them are masked" if masked else "none is masked"
    state_of = "all are masked" if masked == len(places) else state_of
    st.caption(
        f"{said}; {state_of}. "
        "A masked secret reaches neither the pack nor the model nor the search; "
        "the original file is kept as it is."
    )
    chosen = _table(source, places)
    hidden = tuple(sorted({place.path for place in chosen if not place.shown}))
    shown = tuple(sorted({place.path for place in chosen if place.shown}))
    with st.container(horizontal=True):
        if st.button(
            "Show in the pack",
            key=f"show-secrets-{source.id}",
            icon=":material/visibility:",
            disabled=not hidden,
            help="Choose places in the list; asks first.",
        ):
            _confirm(source, hidden)
        if st.button(
            "Mask again",
            key=f"mask-secrets-{source.id}",
            icon=":material/visibility_off:",
            disabled=not shown,
        ):
            _set(source, shown, shown=False)


def _table(source: Source, places: Sequence[SecretPlace]) -> list[SecretPlace]:
    picked = st.dataframe(
        {
            "File": [place.path for place in places],
            "Line": [place.line for place in places],
            "Kind": [place.kind for place in places],
            "In the pack": ["shown" if place.shown else "masked" for place in places],
        },
        key=key_of(f"secrets-{source.id}", places),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "Line": st.column_config.NumberColumn(width=60),
            "In the pack": st.column_config.TextColumn(width=90),
        },
        alt="Places that look like secrets",
    )
    rows = picked["selection"]["rows"]
    return [places[row] for row in rows if row < len(places)]


@st.dialog("Show these secrets in the pack?")
def _confirm(source: Source, paths: tuple[str, ...]) -> None:
    listed = "\n".join(f"- {messages.plain(path)}" for path in paths[:20])
    more = f"\n- and {messages.count(len(paths) - 20, 'more file')}" if len(paths) > 20 else ""
    st.markdown(
        f"The whole of {messages.count(len(paths), 'file')} is read unmasked:\n\n{listed}{more}"
    )
    st.warning(
        "What looks like a password or key in there will be stored in this workspace's text and "
        "search, sent to the engine with every question, and may be quoted in answers and exports. "
        "Masking it again does not take it out of the pack: only repacking does.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True):
        if st.button("Show them", type="primary", key="show-secrets-now"):
            _set(source, paths, shown=True)
        if st.button("Keep them masked", key="keep-masked"):
            st.rerun()


def _set(source: Source, paths: tuple[str, ...], *, shown: bool) -> None:
    with messages.problems():
        state.watch_job(state.app().sources.show_secrets(source.id, paths, shown=shown))
        st.rerun()
