"""Measuring pages in a real browser: an app of its own, seconds until what was asked is seen."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from docqa.settings import Settings
from docqa.web.server import streamlit_flags
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT

READY = "[data-testid=stApp][data-test-script-state=notRunning]"


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The app over this data folder; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DOCQA_HOME": str(home),
        "DOCQA_ENGINE": "scripted",
        "PYTHONPATH": str(ROOT),
    }
    flags = streamlit_flags(Settings(home=home, port=port))
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py"), *flags],
        cwd=home,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def opened() -> Iterator[Page]:
    """A page of a browser."""
    if CHROMIUM is None or not shutil.which(CHROMIUM):
        raise SystemExit("needs Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def settle(page: Page) -> None:
    """What came before has come to rest, so that it is not measured with what follows."""
    page.wait_for_selector(READY)
    page.wait_for_timeout(2_000)


_begun: list[tuple[str, float]] = []


def timed(what: str, act: Callable[[], object]) -> None:
    _begun.append((what, time.perf_counter()))
    act()


def said() -> None:
    what, start = _begun.pop()
    sys.stdout.write(f"{what}: {time.perf_counter() - start:.2f} s\n")
    sys.stdout.flush()


def wait_until_healthy(url: str) -> None:
    pause = threading.Event()
    for _ in range(300):
        try:
            httpx.get(f"{url}/healthz", timeout=5).raise_for_status()
        except httpx.HTTPError:
            pause.wait(0.2)
        else:
            return
    raise SystemExit("the app did not start")
