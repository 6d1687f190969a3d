import pytest

from docqa.core.answers import Usage
from docqa.engines.base import PrefixState
from docqa.errors import EngineLeavesMachineError, EngineUnavailableError
from docqa.services.cache_states import PackCache, duration
from docqa.services.measurements import Measurements
from docqa.store.costs import AnswerCost
from tests.services.keeping import KeepingEngine
from tests.services.parts import ask, documents, upload, workspace


@pytest.fixture
def sglang(open_app, home):
    app = open_app(home, engine="sglang", model="scout")
    return app, KeepingEngine(app)


def answered(app, usage, *, engine="sglang", model="scout", pack=None, ttft_s=1.0, mode="whole"):
    """Store an answer that cost this."""
    conversations = app.store.conversations
    number = conversations.add_answer(
        app.conversations.create(workspace(app)).id,
        "What did it cost?",
        mode=mode,
        engine=engine,
        model=model,
        pack=pack or app.library.pack(workspace(app)).hash,
    )
    conversations.finish(number, status="answered", usage=usage, ttft_s=ttft_s, total_s=ttft_s)
    return number


def cost(tokens, cached, ttft_s, *, pack="p", prefill_s=None, miss=""):
    return AnswerCost(1, 1, 0.0, "e", "m", "whole", pack, tokens, cached, prefill_s, miss, ttft_s)


def test_what_the_engine_keeps_is_said_before_asking(sglang):
    app, engine = sglang
    pack = app.library.pack(workspace(app))

    cold = app.estimating.estimate(workspace(app)).pack_cache
    engine.state = PrefixState("cold", 30, 60, "the pack changed")
    partly = app.estimating.estimate(workspace(app)).pack_cache
    engine.state = PrefixState("warming", 10, 40)
    warming = app.estimating.estimate(workspace(app)).pack_cache
    engine.state = PrefixState("hot", 40, 40)
    hot = app.estimating.estimate(workspace(app)).pack_cache

    assert (cold.level, cold.percent, cold.total) == ("cold", 0, pack.token_count)
    assert (partly.level, partly.percent, partly.detail) == ("cold", 50, "the pack changed")
    assert (warming.level, warming.percent) == ("warming", 25)
    assert (hot.level, hot.percent) == ("hot", 100)


def test_a_job_that_warms_shows_how_far_it_is(sglang):
    app, engine = sglang
    engine.go.clear()
    app.start()
    job = app.warming.submit(workspace(app))
    assert engine.at_step.wait(60)
    app.store.jobs.progress(job, 50, 200, "prefill")

    cache = app.estimating.cache(workspace(app))
    engine.go.set()
    app.jobs.wait(job)

    assert (cache.level, cache.percent, cache.job_id) == ("warming", 25, job)
    assert app.estimating.cache(workspace(app)).level == "hot"


def test_the_time_to_the_first_token_is_never_invented(sglang):
    app, engine = sglang

    cold = app.estimating.estimate(workspace(app))
    engine.state = PrefixState("hot", 40, 40)
    hot = app.estimating.estimate(workspace(app))

    assert (cold.ttft_s, hot.ttft_s) == (None, None)
    assert cold.sentence().endswith("cache cold, time to the first token not known yet")


def test_a_hot_pack_is_answered_as_soon_as_in_the_median_of_its_hot_answers(sglang):
    app, engine = sglang
    engine.state = PrefixState("hot", 40, 40)
    for ttft_s in (0.2, 0.4, 9.0):
        answered(app, Usage(1_000, 990, 5), ttft_s=ttft_s)
    answered(app, Usage(1_000, 990, 5), pack="of another workspace", ttft_s=0.1)
    answered(app, Usage(1_000, 0, 5), ttft_s=30.0)
    answered(app, Usage(1_000, 990, 5), engine="another", ttft_s=50.0)

    estimate = app.estimating.estimate(workspace(app))

    assert estimate.ttft_s == 0.4
    assert estimate.sentence().endswith("cache hot, first token in about 0.4 s")


def test_a_cold_pack_takes_what_is_to_be_read_at_the_speed_that_was_measured(sglang):
    app, engine = sglang
    answered(app, Usage(2_000, 1_000, 5, prefill_s=2.0))
    engine.state = PrefixState("cold", 1_000, 6_000)

    assert app.estimating.estimate(workspace(app)).ttft_s == pytest.approx(10.0)


def test_a_warming_that_was_measured_tells_the_speed_too(sglang):
    app, engine = sglang
    job = app.store.jobs.create_single(
        "warm", workspace(app), {"pack": "x", "engine": "sglang", "model": "scout"}
    )
    app.store.jobs.finish(
        job, "done", result={"pack": "x", "tokens": 8_000, "cached_tokens": 0, "seconds": 4.0}
    )
    engine.state = PrefixState("cold", 0, 6_000)

    assert app.estimating.estimate(workspace(app)).ttft_s == pytest.approx(3.0)


def test_measurements_of_the_nearest_size_count():
    small = [cost(600, 0, 0.1) for _ in range(20)]
    large = [cost(1_000_000, 0, 500.0, prefill_s=400.0) for _ in range(5)]
    measured = Measurements((*small, *large), ())

    assert measured.prefill_s(2_000_000) == pytest.approx(1_000.0)
    assert measured.prefill_s(600) == pytest.approx(0.1)


def test_a_few_fresh_tokens_say_nothing_of_the_speed():
    assert Measurements((cost(10_000, 9_800, 0.3),), ()).prefill_s(5_000) is None


def test_where_the_engine_does_not_tell_the_last_answers_do(open_app, home):
    app = open_app(home)

    before = app.estimating.estimate(workspace(app)).cache
    ask(app, "For how many days are backups kept?")
    cold = app.estimating.estimate(workspace(app)).cache
    ask(app, "Who restarts the dispatcher?")
    hot = app.estimating.estimate(workspace(app)).cache

    assert (before, cold, hot) == ("cold", "cold", "hot")


def test_an_engine_that_tells_nothing_of_its_cache_is_not_guessed_at(open_app, home):
    app = open_app(home)
    answered(app, Usage(1_000, None, 5), engine="scripted", model="scripted")

    cache = app.estimating.cache(workspace(app))

    assert (cache.level, cache.words) == ("unknown", "not told by the engine")


def test_answers_of_another_engine_say_nothing_of_this_one(open_app, home):
    app = open_app(home)
    answered(app, Usage(1_000, 990, 5), engine="another", model="another")

    assert app.estimating.cache(workspace(app)).level == "cold"


def test_a_warming_after_the_last_answer_counts_as_hot(open_app, home):
    app = open_app(home)
    answered(app, Usage(1_000, 0, 5), engine="scripted", model="scripted")

    app.jobs.wait(app.warming.submit(workspace(app)))

    assert app.estimating.cache(workspace(app)).level == "hot"


def test_a_pack_that_does_not_fit_has_no_place_in_the_cache(sglang):
    app, engine = sglang
    engine.context_length = 600

    estimate = app.estimating.estimate(workspace(app))

    assert (estimate.mode, estimate.cache) == ("select", "none")
    assert "the best passages are sent" in estimate.sentence()


def test_the_scope_is_counted(app):
    one = documents(app)["runbook.md"]

    everything = app.estimating.estimate(workspace(app))
    some = app.estimating.estimate(workspace(app), [one.id])

    assert (everything.documents, everything.documents_in_scope) == (4, 4)
    assert (some.documents, some.documents_in_scope, some.tokens) == (4, 1, one.tokens)


def test_a_remote_engine_is_asked_nothing_before_it_is_allowed(open_app, home):
    app = open_app(home, engine="sglang", base_url="https://elsewhere.example")
    engine = KeepingEngine(app)
    engine.leaves_machine = True

    assert "another machine" in app.estimating.estimate(workspace(app)).error
    assert app.estimating.window(workspace(app)) == 0
    with pytest.raises(EngineLeavesMachineError):
        app.estimating.cache(workspace(app))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.003, "0.1 s"),
        (0.44, "0.4 s"),
        (12.3, "12 s"),
        (119, "119 s"),
        (240, "4 min"),
        (7_200, "2.0 h"),
    ],
)
def test_durations_are_as_exact_as_estimates_are(seconds, said):
    assert duration(seconds) == said


def test_the_words_say_how_much_of_a_pack_was_read():
    assert PackCache("cold", 40, 100).words == "cold, 40 % read"
    assert PackCache("warming", 0, 100).words == "warming"
    assert PackCache("warming", 99, 100, 2.0).sentence() == (
        "warming, 99 % read, first token in about 2.0 s"
    )


def test_a_warming_that_failed_says_why_until_the_pack_changes(sglang, tmp_path):
    app, engine = sglang

    def prefill(prefix):
        raise EngineUnavailableError("sglang", "nobody listens")

    engine.prefill = prefill
    app.jobs.wait(app.warming.submit(workspace(app)))

    failed = app.estimating.cache(workspace(app))
    upload(app, "later.md", b"# Later\n\nThis changes the pack.\n")
    app.warming.stop(workspace(app))
    later = app.estimating.cache(workspace(app))

    assert failed.level == "cold"
    assert failed.problem.startswith("Warming failed: sglang: nobody listens. ")
    assert later.problem == ""
