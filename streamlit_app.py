"""The app: the ASGI application when imported, the pages' frame and navigation when run."""

from pathlib import Path

import streamlit as st

from docqa.ui import frame

if __name__ == "__main__":
    frame.run()
else:
    from docqa.settings import load_settings
    from docqa.web.server import web_parts

    frame.register_pages()
    parts = web_parts(load_settings(), index_html=frame.INDEX_HTML, icon=frame.ICON)
    app = st.App(
        Path(__file__).resolve(),
        routes=parts.routes,
        middleware=parts.middleware,
        lifespan=parts.lifespan,
        on_script_error=frame.unexpected,
    )
