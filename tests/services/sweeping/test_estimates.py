import pytest

from docqa.errors import ContextOverflowError, EngineLeavesMachineError
from tests.services.parts import ask, documents, workspace
from tests.services.sweeping.conftest import QUESTION, WINDOW


def test_an_estimate_tells_what_the_sweep_then_asks(app):
    met = app.estimating.sweep(workspace(app), question=QUESTION)

    answer = ask(app, QUESTION, mode="sweep")

    assert met.shards == met.asked == len(answer.shards)
    assert met.tokens == sum(report.tokens for report in answer.shards)
    assert (met.read_before, met.seconds) == (0, None)
    assert met.sentence() == (
        f"{met.asked} parts, {met.tokens:,} tokens to read; how long it takes is not known yet"
    )


def test_after_a_sweep_the_time_is_known_and_what_was_read_before(app):
    ask(app, QUESTION, mode="sweep")

    met = app.estimating.sweep(workspace(app), question=QUESTION)

    assert met.read_before == met.tokens
    assert met.seconds is not None
    assert not met.reading_only
    assert f"{met.tokens:,} of them read before; about " in met.sentence()


def test_only_the_parts_in_scope_are_counted(app):
    lyon = documents(app)["02-lyon.md"]

    met = app.estimating.sweep(workspace(app), [lyon.id])

    assert met.asked <= 2
    assert met.sentence().startswith(f"{met.asked} part")
    assert f" of {met.shards}, " in met.sentence()


def test_without_a_model_nothing_is_sent_and_it_takes_seconds(open_app, home):
    app = open_app(home, engine="extractive")

    met = app.estimating.sweep(workspace(app))

    assert not met.model
    assert met.sentence().endswith("; no model, a few seconds")


def test_a_window_that_is_too_small_is_told_beforehand(open_app, home):
    app = open_app(home, context_length=600)

    with pytest.raises(ContextOverflowError):
        app.estimating.sweep(workspace(app))


def test_a_remote_engine_is_not_asked_before_it_is_allowed(open_app, home):
    app = open_app(home, engine="openai_compatible", base_url="https://models.example.com/v1")

    with pytest.raises(EngineLeavesMachineError):
        app.estimating.sweep(workspace(app))


def test_an_empty_workspace_has_no_parts(open_app, empty_home):
    app = open_app(empty_home, context_length=WINDOW)

    assert app.estimating.sweep(workspace(app)).asked == 0
