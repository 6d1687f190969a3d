"""The one `App` of a process, shared by the routes, the lifespan and every page's script."""

import threading
from pathlib import Path

from docqa.bootstrap import App, build_app
from docqa.settings import Settings, load_settings

_LOCK = threading.Lock()
_APPS: dict[Path, App] = {}


def shared_app(settings: Settings | None = None) -> App:
    """The `App` of this process for the settings' data folder; built on the first call.

    Raises:
        SettingsError: If a setting has a value it cannot have.
        StoreError: If the database cannot be opened.
    """
    settings = settings or load_settings()
    home = settings.home.resolve()
    with _LOCK:
        if home not in _APPS:
            _APPS[home] = build_app(settings)
        return _APPS[home]


def install(app: App) -> None:
    """Make this the `App` of its data folder, for tests that bring a fake."""
    with _LOCK:
        _APPS[app.settings.home.resolve()] = app


def forget(app: App) -> None:
    """Let the next call of `shared_app` build a new one; the caller has closed this one."""
    with _LOCK:
        _APPS.pop(app.settings.home.resolve(), None)
