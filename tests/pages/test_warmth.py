"""The chip under the composer, the cache on the Engine page, and what an answer tells of it."""

import dataclasses

import pytest

from docqa.core.answers import Usage
from docqa.engines.base import PrefixState
from docqa.engines.sglang.server_info import ServerInfo
from docqa.errors import EngineUnavailableError
from docqa.services.cache_states import PackCache
from docqa.services.engines import EngineChoice
from docqa.ui import caches
from docqa.ui.warmth import chip
from tests.pages.test_pages import button, has_button, said
from tests.services.keeping import KeepingEngine


@pytest.fixture
def engine(app, monkeypatch):
    """An engine in force that keeps prefixes."""
    monkeypatch.setattr(app.engines, "choice", lambda: EngineChoice("sglang", model="scout"))
    made = KeepingEngine()
    monkeypatch.setattr(app.engines, "engine", lambda: made)
    return made


def test_a_cold_pack_is_said_to_be_cold_and_can_be_warmed(
    open_page, app, workspace, document, engine
):
    test = open_page()
    assert "Cache cold, time to the first token not known yet" in said(test)

    button(test, "warm-now").click().run()

    [job] = [job for job in app.store.jobs.recent(workspace.id) if job.kind == "warm"]
    assert app.jobs.wait(job.id).status == "done"
    test.run()
    assert not test.exception
    assert "Cache hot" in said(test)
    assert not has_button(test, "warm-now")


def test_warming_shows_how_far_it_is_and_can_be_stopped(
    open_page, app, workspace, document, engine
):
    engine.go.clear()
    job = app.warming.submit(workspace.id)
    assert engine.at_step.wait(60)
    app.store.jobs.progress(job, 30, 120, "prefill")

    test = open_page()
    shown = said(test)
    button(test, "stop-warming").click().run()
    app.warming.stop_and_wait(workspace.id)
    engine.go.set()

    assert "Warming: 30 of 120 tokens (25 %)" in shown
    assert 'role="progressbar"' in shown
    assert app.store.jobs.get(job).status == "cancelled"


def test_a_question_that_reads_the_pack_shows_as_warming_without_a_job(open_page, document, engine):
    engine.state = PrefixState("warming", 10, 40)

    test = open_page()

    assert "Warming: 10 of 40 tokens (25 %)" in said(test)
    assert not has_button(test, "stop-warming")


def test_the_library_shows_the_cache_too_and_why_warming_failed(
    open_page, app, workspace, document, engine
):
    def prefill(prefix):
        raise EngineUnavailableError("sglang", "nobody listens")

    engine.prefill = prefill
    app.jobs.wait(app.warming.submit(workspace.id))

    test = open_page("library")

    assert not test.exception
    assert "Cache cold" in said(test)
    assert "Warming failed: sglang: nobody listens" in said(test).replace("\\", "")
    assert has_button(test, "warm-now")


def test_without_a_model_there_is_no_chip(open_page, document):
    test = open_page()

    assert "answers in quotes, no model" in said(test)
    assert 'class="cache' not in said(test)


def test_an_engine_that_cannot_be_reached_is_said_so_under_the_composer(
    open_page, app, document, engine, monkeypatch
):
    def unreachable(self):
        raise EngineUnavailableError("sglang", "nobody listens")

    monkeypatch.setattr(KeepingEngine, "context_length", property(unreachable), raising=False)
    del engine.__dict__["context_length"]

    test = open_page()

    assert not test.exception
    assert "nobody listens" in said(test)


def test_the_engine_page_shows_memory_workspaces_and_why_questions_missed(
    open_page, app, workspace, document, engine, monkeypatch
):
    info = ServerInfo(
        version="0.5.23",
        model="scout",
        model_path="/models/scout",
        architecture="Llama4ForConditionalGeneration",
        context_length=1_000_000,
        max_total_tokens=400_000,
        kv_cache_dtype="fp8_e4m3",
        kv_bytes=400_000 * 24_576,
        identity="a",
        used_tokens=100_000,
    )
    monkeypatch.setattr(app.engines, "server_info", lambda: info)
    engine.state = PrefixState("cold", 20, 80, "the server was restarted")
    number = app.store.conversations.add_answer(
        app.conversations.create(workspace.id).id, "Why so slow?", mode="whole"
    )
    usage = Usage(2_000, 0, 5, sent_tokens=31, cache_miss="the server was restarted")
    app.store.conversations.finish(number, status="answered", usage=usage, ttft_s=4.0, total_s=5.0)

    test = open_page("engine")
    tables = [table.value for table in test.dataframe]
    workspaces = next(table for table in tables if "Workspace" in table)
    recent = next(table for table in tables if "Why not cached" in table)

    assert not test.exception
    assert "window 400,000 tokens" in said(test)
    assert "24,576 bytes a token" in said(test)
    assert workspaces.to_dict("records")[0] | {"First token": ""} == {
        "Workspace": "default",
        "Cache": "cold",
        "Tokens": app.library.pack(workspace.id).token_count,
        "In the cache": 25,
        "First token": "",
        "Why": "the server was restarted",
    }
    assert recent["Why not cached"][0] == "the server was restarted"
    assert recent["Sent"][0] == 31


def test_a_server_that_is_down_is_said_to_be_on_the_engine_page(
    open_page, app, document, engine, monkeypatch
):
    def down():
        raise EngineUnavailableError("sglang", "nobody listens at port 30000")

    monkeypatch.setattr(app.engines, "server_info", down)

    test = open_page("engine")

    assert not test.exception
    assert "nobody listens at port 30000" in said(test).replace("\\", "")


def test_details_of_an_answer_say_what_was_sent_and_why_it_was_not_cached(
    open_page, app, workspace, document
):
    conversation = app.conversations.create(workspace.id)
    number = app.store.conversations.add_answer(conversation.id, "How many days?", mode="whole")
    usage = Usage(2_000, 500, 5, 31, 1_240, 0.7, "the server was restarted")
    app.store.conversations.finish(number, status="answered", usage=usage, ttft_s=4.0, total_s=5.0)
    test = open_page(c=conversation.id)

    next(t for t in test.toggle if t.key == f"details-{number}").set_value(True).run()

    shown = said(test)
    assert "500 tokens, 25%" in shown
    assert "31 tokens, 1.2 KB" in shown
    assert "the server was restarted" in shown


def test_the_chip_says_in_words_what_its_colour_says():
    hot = PackCache("hot", 100, 100, 0.42)
    warming = PackCache("warming", 430, 1_000, 9.0, job_id=1)

    assert ">Cache hot, first token in about 0.4 s<" in chip(hot)
    waiting = PackCache("warming", 0, 1_000, job_id=1, waiting=True)

    assert "Warming: waiting to begin" in chip(waiting)
    assert "Warming: 0 of 1,000 tokens" in chip(dataclasses.replace(waiting, waiting=False))
    assert "Warming: 430 of 1,000 tokens (43 %), about 9.0 s left" in chip(warming)
    assert 'aria-valuenow="43"' in chip(warming)
    assert "&quot;" in chip(dataclasses.replace(hot, detail='say "why"'))


def test_levels_are_words_for_people():
    assert caches.level(None) == "engine not reachable"
    assert caches.level(PackCache()) == "not read whole"
    assert caches.first_token(PackCache("cold", 0, 10, 200.0)) == "about 3 min"
