"""What the ASGI application is made of, and the flags its server is started with."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from docqa.errors import SettingsError
from docqa.settings import Settings
from docqa.web.cookie import installation_cookie
from docqa.web.policy import content_security_policy
from docqa.web.routes import Routes
from docqa.web.security import SecurityMiddleware, is_loopback
from docqa.web.shared import shared_app
from docqa.web.title import TitleMiddleware

Lifespan = Callable[[Any], AbstractAsyncContextManager[dict[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class WebParts:
    """Routes, middleware and lifespan for the application that serves the pages."""

    routes: list[BaseRoute]
    middleware: list[Middleware]
    lifespan: Lifespan


def web_parts(settings: Settings, *, index_html: Path, icon: Path) -> WebParts:
    """The parts for these settings. `index_html` is the page that loads the user interface.

    Raises:
        SettingsError: If the app would listen on more than this machine.
    """
    require_loopback(settings.host)
    cookie = installation_cookie(settings.home)
    policy = content_security_policy(index_html)
    return WebParts(
        routes=Routes(lambda: shared_app(settings), cookie, icon).all(),
        middleware=[
            Middleware(SecurityMiddleware, policy=policy, cookie=cookie),
            Middleware(TitleMiddleware),
        ],
        lifespan=_lifespan(settings),
    )


def _lifespan(settings: Settings) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[dict[str, Any] | None]:
        app = await run_in_threadpool(shared_app, settings)
        await run_in_threadpool(app.start)
        try:
            yield None
        finally:
            await run_in_threadpool(app.close)

    return lifespan


def require_loopback(host: str) -> None:
    """Return if an address means this machine only.

    Raises:
        SettingsError: If other machines could reach it.
    """
    if not is_loopback(host):
        raise SettingsError(
            f"DOCQA_HOST: {host!r} is not this machine; docqa has no login yet and listens on "
            "127.0.0.1 only"
        )


def streamlit_flags(settings: Settings) -> list[str]:
    """Flags for `streamlit run`, for what is decided by the settings and not by the config file.

    Raises:
        SettingsError: If the app would listen on more than this machine.
    """
    require_loopback(settings.host)
    return [
        f"--server.address={settings.host}",
        f"--server.port={settings.port}",
        f"--server.maxUploadSize={settings.max_file_mb}",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--client.toolbarMode=minimal",
        "--client.showErrorDetails=none",
        "--client.showErrorLinks=false",
    ]
