"""Starting the web app: this process becomes Streamlit's server."""

import os
import sys
from pathlib import Path

from docqa.settings import Settings
from docqa.web.server import streamlit_flags

PACKAGE = Path(__file__).parent.parent


def app_folder() -> Path:
    """Where `streamlit_app.py` and `pages/` are: in a wheel inside the package, else beside it."""
    packaged = PACKAGE / "webapp"
    return packaged if (packaged / "streamlit_app.py").is_file() else PACKAGE.parent


def launch(settings: Settings) -> None:
    """Replace this process by the app's server; does not return.

    Raises:
        SettingsError: If the app would listen on more than this machine.
    """
    flags = streamlit_flags(settings)
    script = app_folder() / "streamlit_app.py"
    sys.stdout.write(f"docqa is starting on http://{settings.host}:{settings.port}\n")
    sys.stdout.flush()
    # -P: no module is taken from the folder that this was started in.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "streamlit", "run", str(script), *flags])
