import json
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from docqa.engines.base import SamplingParams
from docqa.engines.chat_client import ChatClient
from docqa.errors import EngineResponseError, EngineUnavailableError
from tests.engines.pretended import chunk

MESSAGES = [{"role": "user", "content": "x"}]


@pytest.fixture
def silent():
    """A server that sends `sent` and then nothing more; `left` is set once the client is gone."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.wfile.write(server.sent)
            if server.hangs_up:
                return
            server.asked.set()
            if self.rfile.read(1) == b"":
                server.left.set()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.sent, server.hangs_up = b"", False
    server.asked, server.left = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def client_of(server):
    return ChatClient("test", f"http://127.0.0.1:{server.server_port}/v1")


def begun(*chunks):
    lines = "".join(f"data: {json.dumps(each)}\n\n" for each in chunks)
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + lines.encode()


def test_a_request_can_be_given_up_before_the_server_says_anything(silent):
    with closing(client_of(silent)) as client:
        pieces = client.stream(MESSAGES, SamplingParams(), model="m")
        first = next(pieces)
        assert silent.asked.wait(10)

        pieces.close()

        assert first.text == ""
        assert silent.left.wait(10)


def test_a_request_can_be_given_up_in_the_middle_of_an_answer(silent):
    silent.sent = begun(chunk("Within "))
    with closing(client_of(silent)) as client:
        pieces = client.stream(MESSAGES, SamplingParams(), model="m")
        text = next(piece.text for piece in pieces if piece.text)

        pieces.close()

        assert text == "Within "
        assert silent.left.wait(10)


def test_an_iterator_that_is_dropped_gives_its_request_up(silent):
    silent.sent = begun(chunk("Within "))
    with closing(client_of(silent)) as client:
        for piece in client.stream(MESSAGES, SamplingParams(), model="m"):
            if piece.text:
                break
        del piece

        assert silent.left.wait(10)


def test_a_server_that_hangs_up_without_a_word_cannot_be_reached(silent):
    silent.hangs_up = True
    with closing(client_of(silent)) as client, pytest.raises(EngineUnavailableError):
        list(client.stream(MESSAGES, SamplingParams(), model="m"))


def test_a_server_that_hangs_up_in_mid_answer_has_died(silent):
    silent.sent, silent.hangs_up = begun(chunk("Within ")), True
    came = []
    with closing(client_of(silent)) as client, pytest.raises(EngineResponseError):
        came.extend(client.stream(MESSAGES, SamplingParams(), model="m"))

    assert "".join(piece.text for piece in came) == "Within "


def test_nothing_at_an_address_is_told():
    with (
        closing(ChatClient("test", "http://127.0.0.1:9/v1")) as client,
        pytest.raises(EngineUnavailableError, match="cannot be reached"),
    ):
        client.models()


def test_a_stream_that_is_never_read_sends_nothing(silent):
    with closing(client_of(silent)) as client:
        client.stream(MESSAGES, SamplingParams(), model="m").close()

    assert not silent.asked.is_set()
