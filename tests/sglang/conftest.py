"""A real SGLang server on this machine's CPU, one for all of these tests."""

import pytest

from tests.sglang import environment
from tests.sglang.server import SGLangServer


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/sglang" in item.nodeid:
            item.add_marker(pytest.mark.sglang)


@pytest.fixture(scope="session")
def sglang_environment():
    return environment.prepare()


@pytest.fixture(scope="session")
def started(sglang_environment, tmp_path_factory):
    server = SGLangServer(sglang_environment, tmp_path_factory.mktemp("sglang"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(started):
    """The server, with nothing in its prefix cache."""
    with started.client() as client:
        client.post("/flush_cache").raise_for_status()
    return started
