import json
import threading
from collections import Counter

import pytest

from docqa.core.answers import Usage
from docqa.engines.base import PROMPT_TRUNCATED, Delta
from docqa.errors import EngineResponseError, EngineUnavailableError
from docqa.services.generation import AnswerWriter
from docqa.services.jobs import JobContext
from tests.services import parts
from tests.services.parts import ask, documents, workspace
from tests.services.sweeping.conftest import CITIES, QUESTION, WINDOW, code_of, text_of


class Shards:
    """The scripted engine, told what to do at which shard; it counts what each was asked."""

    def __init__(self, app, act=lambda number: None):
        self._engine = app.engines.engine()
        self._engine.close()
        self._act = act
        self._lock = threading.Lock()
        self.name, self.model, self.leaves_machine = "scripted", "scripted", False
        self.tokenizer = self._engine.tokenizer
        self.context_length = self._engine.context_length
        self.asked = Counter()
        self.prompts = []
        app.engines.engine = lambda: self

    def stream(self, prompt, params):
        with self._lock:
            self.prompts.append(prompt)
            self.asked[prompt.prefix.hash] += 1
            number = len(self.prompts)
        acted = self._act(number)
        if acted is not None:
            yield from acted
        else:
            yield from self._engine.stream(prompt, params)

    def close(self):
        self._engine.close()


def statuses(answer):
    return Counter(report.status for report in answer.shards)


def test_every_shard_is_asked_and_every_fact_cited_where_it_stands(app):
    answer = ask(app, QUESTION, mode="sweep")

    assert (answer.status, answer.mode) == ("answered", "sweep")
    assert len(answer.shards) >= 5
    assert statuses(answer) == {"asked": len(answer.shards)}
    for city in CITIES:
        assert code_of(city).rstrip(".") in answer.text
        cited = [one for one in answer.citations if one.quote in code_of(city)]
        assert [one.document for one in cited] == [f"{CITIES.index(city):02}-{city.lower()}.md"]
        assert cited[0].support == "exact"
    assert answer.coverage.complete
    assert answer.mode_reason.startswith(f"sweep was asked for: {len(answer.shards)} parts")


def test_the_statements_stand_in_the_order_of_the_documents(app):
    answer = ask(app, QUESTION, mode="sweep")

    places = [answer.text.index(code_of(city)[:-1]) for city in CITIES]
    assert places == sorted(places)
    assert all(line.startswith("- ") for line in answer.text.splitlines())


def test_the_shards_of_an_answer_are_reported_and_kept(app):
    asked = ask(app, QUESTION, mode="sweep")

    answer = app.store.conversations.answer(asked.id)
    first, *_, last = answer.shards

    assert answer == asked
    assert (first.number, first.first_label) == (1, 1)
    assert last.last_label == app.library.pack(workspace(app)).next_label - 1
    assert all(report.prompt_tokens > report.tokens * 0.8 for report in answer.shards)
    assert sum(report.citations for report in answer.shards) >= len(CITIES)
    assert answer.usage.prompt_tokens == sum(report.prompt_tokens for report in answer.shards)
    assert answer.usage.completion_tokens > 0
    assert 0 <= answer.ttft_s <= answer.total_s


def test_a_second_sweep_finds_its_shards_in_the_cache(app):
    first = ask(app, QUESTION, mode="sweep")

    second = ask(app, "Which clerk signs list number 5?", mode="sweep")

    assert first.usage.cached_share < 0.1  # the head, which all shards begin with
    assert second.usage.cached_tokens > 0.8 * sum(report.tokens for report in second.shards)


def test_no_prompt_is_larger_than_the_window(app):
    engine = Shards(app)

    ask(app, QUESTION, mode="sweep")

    for prompt in engine.prompts:
        text = "".join(prompt.prefix.read_text())
        assert engine.tokenizer.count(text) <= prompt.prefix.token_count
        assert engine.tokenizer.count(text + prompt.tail) + 1_024 <= engine.context_length


def test_shards_stay_as_they_are_when_documents_are_added(app):
    before = Shards(app)
    ask(app, QUESTION, mode="sweep")
    parts.upload(app, "zz-delft.md", b"# Delft\n\nNo vault.")
    after = Shards(app)

    ask(app, QUESTION, mode="sweep")

    kept = set(before.asked) & set(after.asked)
    assert len(kept) >= len(before.asked) - 1
    texts = {p.prefix.hash: "".join(p.prefix.read_text()) for p in before.prompts}
    for prompt in after.prompts:
        if prompt.prefix.hash in kept:
            assert "".join(prompt.prefix.read_text()) == texts[prompt.prefix.hash]


def test_a_long_question_finds_the_same_shards(app):
    engine = Shards(app)

    ask(app, QUESTION, mode="sweep")
    ask(app, f"{QUESTION} " + "Tell each one with its city. " * 30, mode="sweep")

    assert set(engine.asked.values()) == {2}


def test_shards_without_anything_in_scope_are_skipped(app):
    oslo = documents(app)["04-oslo.md"]

    answer = ask(app, QUESTION, mode="sweep", scope=[oslo.id])

    assert {one.document for one in answer.citations} == {"04-oslo.md"}
    assert code_of("Oslo")[:-1] in answer.text
    assert statuses(answer)["asked"] <= 2
    assert statuses(answer)["skipped"] == len(answer.shards) - statuses(answer)["asked"]
    assert answer.coverage.complete


def test_an_excluded_document_is_neither_quoted_nor_asked_for_alone(app):
    app.library.exclude(documents(app)["04-oslo.md"].id)

    answer = ask(app, QUESTION, mode="sweep")

    assert "Oslo" not in answer.text
    assert answer.status == "answered"


def test_what_no_shard_holds_is_not_found(app):
    answer = ask(app, f"{QUESTION} @notfound", mode="sweep")

    assert answer.status == "not_found"
    assert statuses(answer) == {"asked": len(answer.shards)}
    assert answer.coverage.complete


def test_a_pack_that_fits_is_one_shard_and_shares_its_prefix_with_mode_whole(open_app, home):
    app = open_app(home)
    engine = Shards(app)

    ask(app, QUESTION)
    answer = ask(app, QUESTION, mode="sweep")

    assert len(answer.shards) == 1
    whole, swept = (prompt.prefix for prompt in engine.prompts)
    assert (whole.hash, whole.family) == (swept.hash, swept.family)
    assert answer.usage.cached_share > 0.7


def test_a_shard_that_fails_is_named_and_the_others_count(app):
    def fail(number):
        if number == 2:
            raise EngineResponseError("scripted", "the model crashed")

    Shards(app, fail)

    answer = ask(app, QUESTION, mode="sweep")

    (failed,) = [report for report in answer.shards if report.status == "failed"]
    assert "the model crashed" in failed.error
    assert answer.status == "answered"
    assert not answer.coverage.complete
    cited = {one.label for one in answer.citations}
    assert not cited & set(range(failed.first_label, failed.last_label + 1))
    assert answer.coverage.documents_in_window < answer.coverage.documents
    assert answer.coverage.passages_in_window == answer.coverage.passages - failed.passages


def test_where_the_engine_is_gone_no_further_shard_is_asked(open_app, home):
    app = open_app(home, context_length=WINDOW, sweep_at_once=1)

    def gone(number):
        if number > 2:
            raise EngineUnavailableError("scripted", "connection refused")

    engine = Shards(app, gone)

    answer = ask(app, QUESTION, mode="sweep")

    assert sum(engine.asked.values()) == 3
    assert statuses(answer) == {"asked": 2, "failed": len(answer.shards) - 2}
    assert {report.error for report in answer.shards if report.status == "failed"} == {
        "scripted: connection refused",
        "not asked: the engine cannot be reached",
    }
    assert answer.status == "answered"


def test_where_no_shard_could_be_asked_the_answer_fails(app):
    answer = ask(app, f"{QUESTION} @down", mode="sweep")

    assert (answer.status, answer.error_type) == ("failed", "EngineUnavailableError")
    assert statuses(answer) == {"failed": len(answer.shards)}
    assert answer.text == ""


def test_stop_keeps_what_was_found_and_says_which_shards_were_asked(open_app, home):
    app = open_app(home, context_length=WINDOW, sweep_at_once=1)

    def stop_at_third(number):
        if number == 3:
            app.answering.stop(app.conversations.running(workspace(app))[0].id)

    engine = Shards(app, stop_at_third)

    answer = ask(app, QUESTION, mode="sweep")

    assert answer.status == "stopped"
    assert sum(engine.asked.values()) == 3
    assert statuses(answer)["asked"] in (2, 3)
    assert statuses(answer)["stopped"] == len(answer.shards) - statuses(answer)["asked"]
    assert answer.citations
    assert not answer.coverage.complete
    assert all(line.endswith("].") for line in answer.text.splitlines())


def test_the_likeliest_shards_are_asked_first(open_app, home):
    app = open_app(home, context_length=WINDOW, sweep_at_once=1)
    engine = Shards(app)

    ask(app, "What is the access code of the vault in Cork?", mode="sweep")

    assert code_of("Cork") in "".join(engine.prompts[0].prefix.read_text())


def test_a_budget_bounds_what_is_read_and_says_what_is_not(app):
    whole = ask(app, QUESTION, mode="sweep")
    budget = whole.shards[0].tokens * 2

    answer = ask(app, QUESTION, mode="sweep", budget=budget)

    asked = [report for report in answer.shards if report.status == "asked"]
    assert 1 <= len(asked) < len(answer.shards)
    assert sum(report.tokens for report in asked) <= budget
    left = {report.error for report in answer.shards if report.status != "asked"}
    assert left == {f"not asked: beyond the budget of {budget:,} tokens"}
    assert answer.status == "answered"
    assert not answer.coverage.complete


def killed(app, after):
    """A sweep whose process was gone after so many shards; its answer's id and the engine."""

    def die(number):
        if number > after:
            raise KeyboardInterrupt

    engine = Shards(app, die)
    answer_id = app.answering.submit(
        app.conversations.create(workspace(app)).id, QUESTION, mode="sweep"
    )
    job_id = app.store.conversations.job_of(answer_id)
    job = app.store.jobs.claim("dead", 1, 0.0, job_ids=[job_id])
    writer = AnswerWriter(app.settings, app.store, app.engines, app.answering._publisher)
    writer._ender.end = lambda *given, **facts: None
    with pytest.raises(KeyboardInterrupt):
        writer.handle(JobContext(job, app.store.jobs, "dead"))
    kept = app.answering.answer(answer_id)
    assert kept.running
    assert statuses(kept) == {"asked": after, "waiting": len(kept.shards) - after}
    engine._act = lambda number: None
    return answer_id, engine


class Gone:
    """An engine whose server is not up yet."""

    name = model = "scripted"
    leaves_machine = False

    def __init__(self, engine):
        self.tokenizer = engine.tokenizer

    @property
    def context_length(self):
        raise EngineUnavailableError("scripted", "connection refused")


@pytest.fixture
def one_at_once(open_app, home):
    return open_app(home, context_length=WINDOW, sweep_at_once=1)


def test_a_sweep_that_was_cut_off_asks_no_shard_twice(one_at_once):
    app = one_at_once
    answer_id, engine = killed(app, 3)
    kept = app.answering.answer(answer_id)
    before = {report.hash for report in kept.shards if report.status == "asked"}
    first = Counter(engine.asked)

    app.answering.wait(answer_id)

    answer = app.answering.answer(answer_id)
    assert statuses(answer) == {"asked": len(answer.shards)}
    assert all(engine.asked[name] == first[name] for name in before)
    assert all(code_of(city)[:-1] in answer.text for city in CITIES)


def test_what_was_asked_before_a_restart_stays_if_the_engine_is_not_up_then(one_at_once):
    app = one_at_once
    answer_id, engine = killed(app, 4)
    app.engines.engine = lambda: Gone(engine)

    answer = app.answering.wait(answer_id)

    assert (answer.status, answer.error_type) == ("failed", "EngineUnavailableError")
    assert statuses(answer) == {"asked": 4, "failed": len(answer.shards) - 4}
    assert len(answer.citations) == 4
    assert {one.support for one in answer.citations} == {"exact"}
    assert answer.text.count("access code") == 4
    assert 0 < answer.coverage.passages_in_window < answer.coverage.passages


def test_what_was_asked_before_a_restart_stays_if_it_is_stopped_before_the_next_shard(
    one_at_once, monkeypatch
):
    app = one_at_once
    answer_id, _ = killed(app, 4)
    monkeypatch.setattr(JobContext, "cancelled", lambda context: True)

    answer = app.answering.wait(answer_id)

    assert answer.status == "stopped"
    assert statuses(answer) == {"asked": 4, "stopped": len(answer.shards) - 4}
    assert len(answer.citations) == 4


def test_what_was_asked_stays_if_it_is_stopped_while_it_waits_for_its_turn(one_at_once):
    app = one_at_once
    answer_id, _ = killed(app, 4)
    app.store.jobs.release_dead(lambda pid, started: False)

    app.answering.stop(answer_id)

    answer = app.answering.answer(answer_id)
    assert answer.status == "stopped"
    assert statuses(answer) == {"asked": 4, "stopped": len(answer.shards) - 4}
    assert len(answer.citations) == 4


def test_what_was_asked_stays_if_it_was_interrupted_again_and_again(one_at_once):
    app = one_at_once
    answer_id, _ = killed(app, 4)
    for _ in range(4):
        app.store.jobs.release_dead(lambda pid, started: False)
        app.store.jobs.claim("killed", 2**22 - 1, 0.0)

    answer = app.answering.wait(answer_id)

    assert (answer.status, answer.error_type) == ("failed", "InputError")
    assert statuses(answer) == {"asked": 4, "stopped": len(answer.shards) - 4}
    assert len(answer.citations) == 4


def test_a_failed_sweep_that_is_asked_again_goes_on_where_it_ended(one_at_once):
    app = one_at_once
    answer_id, engine = killed(app, 4)
    app.engines.engine = lambda: Gone(engine)
    failed = app.answering.wait(answer_id)
    app.engines.engine = lambda: engine
    before = sum(engine.asked.values())

    answer = app.answering.wait(app.answering.regenerate(answer_id))

    assert sum(engine.asked.values()) - before == len(answer.shards) - 4
    assert statuses(answer) == {"asked": len(answer.shards)}
    assert all(code_of(city)[:-1] in answer.text for city in CITIES)
    assert answer.usage.prompt_tokens < failed.usage.prompt_tokens * 2.5


def test_a_sweep_goes_on_only_with_the_same_turns_before_it(one_at_once):
    app = one_at_once
    answer_id, engine = killed(app, 4)
    app.engines.engine = lambda: Gone(engine)
    failed = app.answering.wait(answer_id)
    app.engines.engine = lambda: engine
    ask(app, "Which clerk signs list number 5?", conversation=failed.conversation_id)
    before = sum(engine.asked.values())

    answer = app.answering.wait(app.answering.regenerate(answer_id))

    assert sum(engine.asked.values()) - before == len(answer.shards)


def test_a_shard_whose_answer_was_erased_is_asked_again(one_at_once):
    app = one_at_once
    answer_id, engine = killed(app, 4)
    app.engines.engine = lambda: Gone(engine)
    app.answering.wait(answer_id)
    app.engines.engine = lambda: engine
    app.library.erase(documents(app)["04-oslo.md"].id)

    answer = app.answering.wait(app.answering.regenerate(answer_id))

    assert statuses(answer) == {"asked": len(answer.shards)}
    assert all(code_of(city)[:-1] in answer.text for city in CITIES if city != "Oslo")
    assert "Oslo" not in answer.text


NOTHING = Delta("The documents do not say.")


def said(delta, finish_reason="stop"):
    return iter((delta, Delta(usage=Usage(10, 0, 5), finish_reason=finish_reason)))


def test_where_hardly_anything_was_read_it_is_not_said_that_nothing_is_there(app):
    def act(number):
        if number == 1:
            return said(NOTHING)
        raise EngineResponseError("scripted", "the model crashed")

    Shards(app, act)

    answer = ask(app, QUESTION, mode="sweep")

    parts_ = len(answer.shards)
    assert (answer.status, answer.text) == ("failed", "")
    assert answer.error == f"1 of {parts_} parts were read; nothing was found in those"
    assert statuses(answer) == {"asked": 1, "failed": parts_ - 1}


def test_where_the_budget_ends_it_before_anything_was_found_it_is_stopped(app):
    Shards(app, lambda number: said(NOTHING))

    answer = ask(app, QUESTION, mode="sweep", budget=4_000)

    asked = statuses(answer)["asked"]
    assert (answer.status, answer.text) == ("stopped", "")
    assert 1 <= asked < len(answer.shards)
    assert answer.error == (
        f"{asked} of {len(answer.shards)} parts were read; nothing was found in those"
    )


def test_a_shard_that_the_engine_read_in_part_does_not_count_as_read(app):
    Shards(app, lambda number: said(NOTHING, PROMPT_TRUNCATED) if number == 1 else None)

    answer = ask(app, QUESTION, mode="sweep")

    (cut,) = [report for report in answer.shards if report.status == "failed"]
    assert "only in part" in cut.error
    assert answer.status == "truncated"
    assert answer.coverage.passages_in_window == answer.coverage.passages - cut.passages


def test_where_every_shard_was_read_in_part_nothing_is_said_of_the_documents(app):
    Shards(app, lambda number: said(NOTHING, PROMPT_TRUNCATED))

    answer = ask(app, QUESTION, mode="sweep")

    assert (answer.status, answer.text) == ("failed", "")
    assert answer.error.startswith("0 of ")
    assert answer.coverage.passages_in_window == 0


def test_an_answer_that_ends_early_is_truncated_and_its_shard_named(app):
    def cut(number):
        if number == 1:
            text = "The access code of the vault in"
            return iter((Delta(text), Delta(usage=Usage(10, 0, 5), finish_reason="length")))
        return None

    Shards(app, cut)

    answer = ask(app, QUESTION, mode="sweep")

    assert answer.status == "truncated"
    assert sum("ends early" in report.error for report in answer.shards) == 1


def test_a_document_larger_than_a_shard_is_cut_and_nothing_of_it_lost(open_app, empty_home):
    app = open_app(empty_home, context_length=WINDOW)
    text = "\n\n".join(text_of(city) for city in CITIES)
    parts.upload(app, "all.md", text.encode())
    engine = Shards(app)

    answer = ask(app, QUESTION, mode="sweep")

    assert len(answer.shards) >= 5
    assert all(code_of(city)[:-1] in answer.text for city in CITIES)
    swept = "".join("".join(p.prefix.read_text()) for p in engine.prompts)
    assert all(swept.count(code_of(city)) == 1 for city in CITIES)
    assert 'shown="in part"' in swept
    assert all(p.prefix.token_count <= WINDOW for p in engine.prompts)


def test_a_window_that_is_too_small_is_an_error_with_a_hint(open_app, home):
    app = open_app(home, context_length=600)

    answer = ask(app, QUESTION, mode="sweep")

    assert (answer.status, answer.error_type) == ("failed", "ContextOverflowError")
    assert answer.error_hint


def test_an_unsupported_sweep_stands_under_quotes_of_all_parts(app):
    said = "The documents mention a penalty of 9,731 euros, payable to Quux Holdings."
    ended = Delta(usage=Usage(10, 0, 5), finish_reason="stop")
    Shards(app, lambda number: iter((Delta(said), ended)))

    answer = ask(app, QUESTION, mode="sweep")

    assert answer.status == "unsupported"
    assert "9,731" in answer.draft
    assert all(code_of(city) in answer.text for city in CITIES)


def test_erasing_a_document_takes_what_a_shard_said_of_it(app):
    asked = ask(app, QUESTION, mode="sweep")
    oslo = documents(app)["04-oslo.md"]

    app.library.erase(oslo.id)

    answer = app.store.conversations.answer(asked.id)
    assert "Oslo" not in json.dumps([report.text for report in answer.shards])
    assert len(answer.shards) == len(asked.shards)


def test_asking_again_sweeps_again(app):
    first = ask(app, QUESTION, mode="sweep", budget=3_000)

    again = app.answering.wait(app.answering.regenerate(first.id))

    assert (again.mode, len(again.shards)) == ("sweep", len(first.shards))
    assert statuses(again) == statuses(first)
