"""Sweeps against SGLang's interface: shards come from its cache, large ones stay as sessions."""

import pytest

from docqa.bench.fake.sglang import FakeSGLang
from docqa.services.sweeping import shards
from tests.services.parts import documents, workspace
from tests.services.sweeping.conftest import QUESTION, WINDOW


@pytest.fixture
def fake():
    with FakeSGLang(model="llama-4-scout") as server:
        yield server


@pytest.fixture
def app(open_app, home, fake):
    return open_app(
        home, engine="sglang", base_url=fake.base_url, context_length=WINDOW, hints=False
    )


def swept(app, question=QUESTION):
    conversation = app.conversations.create(workspace(app)).id
    answer = app.answering.wait(app.answering.submit(conversation, question, mode="sweep"))
    assert {report.status for report in answer.shards} == {"asked"}
    return answer


def sent(fake):
    """Token ids of the questions so far."""
    return [request.id_count for request in fake.sent_to("/generate")]


def test_small_shards_are_sent_each_time_and_found_in_the_cache(app, fake):
    first = swept(app)

    second = swept(app, "Who signs the lists?")

    assert not fake.sent_to("/open_session")
    assert first.usage.cached_share < 0.3
    assert second.usage.cached_tokens >= sum(report.tokens for report in second.shards) * 0.9


def test_large_shards_stay_on_the_server_and_only_the_question_is_sent(app, fake, monkeypatch):
    monkeypatch.setattr(shards, "SESSION_TOKENS", 500)
    swept(app)
    before = len(sent(fake))

    second = swept(app, "Who signs the lists?")

    for number, report in zip(sent(fake)[before:], second.shards, strict=True):
        assert number < report.tokens * 0.4
    assert second.usage.cached_share > 0.5


def test_the_sessions_of_shards_end_with_an_erased_document(app, fake, monkeypatch):
    monkeypatch.setattr(shards, "SESSION_TOKENS", 500)
    swept(app)
    opened = len(fake.sent_to("/open_session"))

    app.library.erase(documents(app)["04-oslo.md"].id)

    assert opened >= 5
    assert len(fake.sent_to("/close_session")) >= opened
    assert not list((app.settings.cache_path / "sglang").glob("*shard*"))
