"""A real browser against the real app in a process of its own."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from docqa.bootstrap import App, build_app
from docqa.settings import Settings
from docqa.web.server import streamlit_flags

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Server:
    """The app, running."""

    url: str
    process: subprocess.Popen[bytes]


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium. Without one, tests fail in CI and are skipped elsewhere."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: install it from the system's packages")
        pytest.skip("no Chromium is installed; browser tests were not run")
    from playwright.sync_api import expect, sync_playwright

    # How long a page may take to show something is not what these tests are about.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, request):
    """A page in a fresh profile that records every request; a picture is kept when a test fails."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    requested: list[str] = []
    context.on("request", lambda made: requested.append(made.url))
    context.on("requestfailed", lambda made: made.failure == "csp" and requested.remove(made.url))
    made = context.new_page()
    made.set_default_timeout(20_000)
    yield made
    RESULTS.mkdir(exist_ok=True)
    for number, open_page in enumerate(context.pages):
        open_page.screenshot(path=RESULTS / f"{request.node.name[:80]}-{number}.png")
    context.close()
    here = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    assert [url for url in requested if not url.startswith(here)] == []


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., Server]]:
    """Start the app on a free port; every one that was started is ended with the module."""
    running: list[subprocess.Popen[bytes]] = []

    def start_server(home: Path, engine: str = "scripted", **settings: str) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        flags = streamlit_flags(Settings(home=home, port=port))
        environment = {
            **os.environ,
            "DOCQA_HOME": str(home),
            "DOCQA_ENGINE": engine,
            **settings,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        with (home / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"), *flags],
                cwd=home,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        server = Server(f"http://127.0.0.1:{port}", process)
        _wait_until_healthy(server, home)
        return server

    yield start_server
    for process in running:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_healthy(server: Server, home: Path) -> None:
    pause = threading.Event()
    for _ in range(STARTS_WITHIN_S * 5):
        try:
            httpx.get(f"{server.url}/healthz", timeout=5).raise_for_status()
        except httpx.HTTPError:
            if server.process.poll() is not None:
                break
            pause.wait(0.2)
        else:
            return
    pytest.fail("the app did not start:\n" + (home / "server.log").read_text()[-3000:])


@pytest.fixture(scope="session")
def samples_home(tmp_path_factory) -> Path:
    """A data folder with the sample documents in it; not to be written to."""
    home = tmp_path_factory.mktemp("samples")
    app = build_app(Settings(home=home))
    app.start()
    try:
        workspace = app.workspaces.get_or_create("default")
        job = app.ingestion.submit_paths(workspace.id, [App.samples()])
        assert app.ingestion.wait(job).status == "done"
    finally:
        app.close()
    return home


@pytest.fixture(scope="module")
def filled(tmp_path_factory, samples_home) -> Path:
    """A data folder with the sample documents in it, for the tests of a module."""
    return shutil.copytree(samples_home, tmp_path_factory.mktemp("home") / "filled")
