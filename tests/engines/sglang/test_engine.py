import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from docqa.bench.fake.sglang import FakeSGLang
from docqa.engines.base import PROMPT_TRUNCATED, Prefix, Prompt, SamplingParams
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.engines.sglang.trees import FORGET_AFTER
from docqa.errors import (
    ContextOverflowError,
    EngineKeyRefusedError,
    EngineLoadingError,
    EngineMemoryError,
    EngineResponseError,
    EngineUnavailableError,
)
from docqa.tokenizers.registry import tokenizer
from tests.engines.sglang.conftest import ask, corpus, text_of, usage_of


def generated(fake):
    return fake.sent_to("/generate")


def test_the_second_question_sends_its_own_ids_only(engine, fake):
    pack = corpus(1, 2, 3)
    ask(engine, pack)

    deltas = ask(engine, pack, "What is paid?")

    sent = generated(fake)[-1]
    assert text_of(deltas) == "The sea is wide and blue."
    assert sent.id_count == usage_of(deltas).sent_tokens < 40
    assert usage_of(deltas).sent_bytes == sent.byte_count
    assert usage_of(deltas).cached_tokens >= usage_of(deltas).prompt_tokens - sent.id_count
    assert usage_of(deltas).cache_miss == ""


def test_what_the_model_reads_is_opening_pack_tail_and_closing(engine, fake):
    pack = corpus(1, 2)
    read = []
    fake.scheduler.answer = lambda asked: read.append(asked.prompt) or "Yes."

    ask(engine, pack)

    from array import array

    ids = list(array("I", read[-1]))
    llama4 = tokenizer("llama4")
    begin, end, eot = 200_005, 200_006, 200_008
    tail = "<question>\nHow many days?\n</question>\n"
    assert ids == [
        200_000,
        *(begin, *llama4.encode("user"), end, *llama4.encode("\n\n")),
        *llama4.encode("".join(pack.texts)),
        *llama4.encode(tail),
        eot,
        *(begin, *llama4.encode("assistant"), end, *llama4.encode("\n\n")),
    ]


def test_a_first_question_says_why_it_had_to_wait_and_shows_progress(engine):
    deltas = ask(engine, corpus(1, 2))

    progress = [delta.progress for delta in deltas if delta.progress]
    assert usage_of(deltas).cache_miss == "not warmed yet"
    assert usage_of(deltas).cached_tokens == 0
    assert usage_of(deltas).sent_tokens == usage_of(deltas).prompt_tokens
    assert progress[0].done == 0
    assert progress[-1].done == progress[-1].total > 100


def test_an_added_document_sends_its_own_tokens_only(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    grown = pack.with_segments(3)

    deltas = ask(engine, grown)

    appended, question = generated(fake)[-2:]
    assert appended.id_count == tokenizer("llama4").count(grown.texts[-1])
    assert appended.id_count + question.id_count == usage_of(deltas).sent_tokens
    assert appended.byte_count + question.byte_count == usage_of(deltas).sent_bytes
    assert usage_of(deltas).cache_miss == "the pack changed: new from segment 3 of 3"
    assert grown.read == [3]


def test_an_older_version_of_the_pack_can_still_be_asked(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    ask(engine, pack.with_segments(3))

    deltas = ask(engine, pack)

    assert usage_of(deltas).cache_miss == ""
    assert generated(fake)[-1].id_count < 40


def test_a_version_that_was_never_read_before_a_newer_one_is_asked_without_a_root(engine, fake):
    newest = corpus(1, 2, 3)
    ask(engine, newest)

    deltas = ask(engine, corpus(1, 2))

    assert text_of(deltas) == "The sea is wide and blue."
    assert generated(fake)[-1].body.get("session_params") is None
    assert engine.prefix_state(newest.prefix()).state == "hot"


def test_another_process_goes_on_in_the_session_that_is_there(engines, fake):
    pack = corpus(1, 2)
    ask(engines(), pack)

    deltas = ask(engines(), pack)

    assert usage_of(deltas).cache_miss == ""
    assert generated(fake)[-1].id_count < 40
    assert len(fake.sessions) == 1


def test_a_restarted_server_costs_time_and_nothing_else(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    fake.restart()

    deltas = ask(engine, pack)

    assert text_of(deltas) == "The sea is wide and blue."
    assert usage_of(deltas).cache_miss == "the server was restarted"
    assert usage_of(ask(engine, pack)).cache_miss == ""


def test_a_session_that_the_server_dropped_is_opened_again(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    for session in fake.sessions:
        fake.scheduler.close(session)

    deltas = ask(engine, pack)

    assert text_of(deltas) == "The sea is wide and blue."
    assert usage_of(deltas).cache_miss == "the server has dropped the session"


def test_after_a_restart_the_state_is_cold_as_soon_as_the_server_was_asked(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    fake.restart()

    engine.health()

    state = engine.prefix_state(pack.prefix())
    assert (state.state, state.detail) == ("cold", "the server was restarted")


def test_a_restart_with_another_model_is_asked_with_that_models_ids(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    fake.restart()
    fake.model, fake.model_path = "llama-3.1-8b", "another-model"

    deltas = ask(engine, pack)

    assert text_of(deltas) == "The sea is wide and blue."
    assert generated(fake)[-1].ids[-5:][0] != 200_008
    assert engine.tokenizer.name == "llama3"


def test_an_evicted_prefix_is_named_as_one(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    fake.scheduler.flush()

    deltas = ask(engine, pack)

    assert usage_of(deltas).cached_tokens == 0
    assert usage_of(deltas).cache_miss == "evicted from the server's cache"


def test_behind_a_router_the_question_goes_over_v1(engine, fake):
    fake.native = False

    deltas = ask(engine, corpus(1))

    assert text_of(deltas) == "The sea is wide and blue."
    assert [request.path for request in fake.requests if request.method == "POST"] == [
        "/v1/chat/completions"
    ]


def test_a_server_that_loses_its_native_endpoints_is_asked_over_v1(engine, fake):
    ask(engine, corpus(1))
    fake.native = False

    deltas = ask(engine, corpus(1))

    assert text_of(deltas) == "The sea is wide and blue."
    assert fake.sent_to("/v1/chat/completions")


def test_a_model_whose_template_is_unknown_goes_over_v1_and_says_so(tmp_path):
    with FakeSGLang(model="granite-4") as fake:
        engine = SGLangEngine(EngineConfig("sglang", tmp_path, base_url=fake.base_url), tokenizer)

        health = engine.health()
        deltas = ask(engine, corpus(1))

        engine.close()
    assert "template is not known" in health.hint
    assert text_of(deltas) == "The sea is wide and blue."


def test_stop_ends_the_generation_on_the_server(engine, fake):
    pack = corpus(1)
    ask(engine, pack)
    going = threading.Event()
    fake.scheduler.before_token = lambda asked, number: number < 2 or asked.aborted.wait(30)
    prompt = Prompt(pack.prefix(), "<question>\nWhy?\n</question>\n")
    deltas = engine.stream(prompt, SamplingParams(max_tokens=100))

    for delta in deltas:
        if delta.text:
            going.set()
            break
    deltas.close()

    assert going.is_set()
    assert fake.aborted == [generated(fake)[-1].body["rid"]]


def test_every_request_has_a_name_of_its_own(engine, fake):
    pack = corpus(1)
    for _ in range(3):
        ask(engine, pack)

    names = [request.body["rid"] for request in generated(fake)]
    assert len(set(names)) == len(names) == 4


DAYS = {"type": "object", "properties": {"days": {"type": "integer"}}}
BOUNDED_DAYS = {
    "type": "object",
    "properties": {"days": {"type": "integer", "minimum": 0, "maximum": 365}},
    "required": ["days"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(("schema", "sent_as"), [(DAYS, "json_schema"), (BOUNDED_DAYS, "regex")])
def test_a_schema_is_sent_as_an_expression_where_there_is_one(engine, fake, schema, sent_as):
    deltas = ask(engine, corpus(1), params=SamplingParams(max_tokens=8, json_schema=schema))

    sampling = generated(fake)[-1].body["sampling_params"]
    assert '"days"' in sampling[sent_as]
    assert len({"json_schema", "regex"} & sampling.keys()) == 1
    assert json.loads("".join(delta.text for delta in deltas)) == {"days": 0}


def test_the_salt_is_sent_with_root_and_branch(engine, fake):
    ask(engine, corpus(1, salt="apart"))

    assert [request.body["cache_salt"] for request in generated(fake)] == ["apart", "apart"]


def test_prefixes_with_different_salts_have_sessions_of_their_own(engine, fake):
    ask(engine, corpus(1, salt="a"))
    ask(engine, corpus(1, salt="b"))

    assert len(fake.sessions) == 2


def test_a_prefix_that_is_made_for_one_question_is_sent_whole(engine, fake):
    prefix = Prefix("0" * 64, 40, "llama4", lambda: iter(("<a>\nselected passages\n</a>\n",)))

    deltas = list(engine.stream(Prompt(prefix, "<question>\nq\n</question>\n"), SamplingParams()))

    assert fake.sessions == ()
    assert usage_of(deltas).sent_tokens == generated(fake)[-1].id_count


def test_warming_goes_in_steps_and_ends_in_one_root(engine, fake):
    engine.step_tokens = 200
    pack = corpus(*range(1, 9))
    total = pack.prefix().token_count

    steps = list(engine.prefill(pack.prefix()))

    sent = [request.id_count for request in generated(fake)]
    assert 4 <= len(sent) <= 17
    assert sent[-1] >= total
    assert sum(sent[:-1]) == sent[-1]
    assert steps[-1].done == steps[-1].total == sent[-1]
    assert len({step.done for step in steps}) >= 4
    engine.close()
    assert len(fake.sessions) == 1


def test_warming_that_was_stopped_goes_on_where_it_was(engines, fake):
    pack = corpus(*range(1, 9))
    engine = engines()
    engine.step_tokens = 200
    steps = engine.prefill(pack.prefix())
    for step in steps:
        if step.done >= 400:
            break
    steps.close()
    before = len(generated(fake))
    again = engines()
    again.step_tokens = 200

    state = again.prefix_state(pack.prefix())
    list(again.prefill(pack.prefix()))

    first = generated(fake)[before]
    assert state.state == "cold"
    assert state.done >= 400
    assert first.body["session_params"]["rid"] == generated(fake)[before - 1].body["rid"]


def test_the_state_of_a_prefix_is_told_without_asking_the_server(engine, fake):
    pack = corpus(1, 2)
    grown = pack.with_segments(3)
    assert engine.prefix_state(pack.prefix()).state == "cold"
    ask(engine, pack)
    before = len(fake.requests)

    states = [engine.prefix_state(each.prefix()) for each in (pack, grown)]

    assert [state.state for state in states] == ["hot", "cold"]
    assert 0 < states[1].done < states[1].total
    assert len(fake.requests) == before


def test_many_questions_at_once_share_one_root(engine, fake):
    pack = corpus(1, 2)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: ask(engine, pack, f"Question {n}?"), range(32)))

    roots = [each for each in generated(fake) if "rid" not in each.body["session_params"]]
    assert len(roots) == 1
    assert {text_of(answer) for answer in answers} == {"The sea is wide and blue."}


def test_of_many_cold_questions_at_once_one_has_read_the_pack(engine, fake):
    pack = corpus(1, 2)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: ask(engine, pack, f"Question {n}?"), range(16)))

    size = pack.prefix().token_count
    usages = [usage_of(answer) for answer in answers]
    assert sum(usage.cached_tokens < size for usage in usages) == 1
    assert sum(usage.prompt_tokens - usage.cached_tokens for usage in usages) < 2 * size


def test_after_a_restart_many_questions_at_once_build_one_new_root(engine, fake):
    pack = corpus(1, 2)
    ask(engine, pack)
    fake.restart()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: ask(engine, pack, f"Question {n}?"), range(16)))

    assert {text_of(answer) for answer in answers} == {"The sea is wide and blue."}
    assert len(fake.sessions) == 1


def test_one_failing_question_does_not_harm_the_others(engine, fake):
    pack = corpus(1)
    ask(engine, pack)
    too_long = SamplingParams(max_tokens=100_000)

    with ThreadPoolExecutor(8) as pool:
        good = [pool.submit(ask, engine, pack, f"Question {n}?") for n in range(7)]
        bad = pool.submit(ask, engine, pack, "Too long?", too_long)

    assert isinstance(bad.exception(), ContextOverflowError)
    assert {text_of(each.result()) for each in good} == {"The sea is wide and blue."}


def test_branches_are_forgotten_once_none_is_in_flight(engine, fake):
    pack = corpus(1)
    for number in range(9):
        ask(engine, pack, f"Question {number}?")
    engine.close()

    replaced = [each for each in generated(fake) if each.body["session_params"].get("replace")]
    assert replaced


def test_branches_are_not_forgotten_while_the_pack_grows(engine, fake):
    pack = corpus(1)
    ask(engine, pack)
    tree = engine._tree(pack.prefix())
    for _ in range(FORGET_AFTER):
        tree._branches.add()
    begun = []

    def tidy_meanwhile(asked, number):
        if not begun:
            begun.append(asked.rid)
            tree.tidy()
            tree._tidying.submit(int).result()

    fake.scheduler.before_token = tidy_meanwhile
    deltas = ask(engine, pack.with_segments(2))

    assert begun
    assert text_of(deltas) == text_of(ask(engine, pack.with_segments(2)))


def test_branches_of_many_short_processes_are_forgotten_too(engines, fake):
    pack = corpus(1)
    for number in range(9):
        engine = engines()
        ask(engine, pack, f"Question {number}?")
        engine.close()

    replaced = [each for each in generated(fake) if each.body["session_params"].get("replace")]
    assert replaced


def test_after_sixteen_appended_roots_the_pack_gets_a_session_with_one(engine, fake):
    pack = corpus(1)
    for number in range(2, 22):
        pack = pack.with_segments(number)
        ask(engine, pack)
    engine.close()

    whole = [each for each in generated(fake) if "rid" not in each.body["session_params"]]
    assert len(whole) == 2
    assert len(fake.sessions) == 1


def test_forgetting_a_family_closes_its_sessions_and_deletes_its_ids(engine, fake, tmp_path):
    ask(engine, corpus(1, family="7"))
    ask(engine, corpus(1, family="8"))

    engine.forget("7")

    assert len(fake.sessions) == 1
    assert {path.name.split("-")[0] for path in (tmp_path / "cache/sglang").iterdir()} == {"8"}


def test_the_window_is_as_large_as_the_kv_memory_allows(tmp_path):
    with FakeSGLang(model="llama-4-scout", context_length=8_192, max_total_tokens=5_000) as fake:
        config = EngineConfig("sglang", tmp_path, base_url=fake.base_url)
        engine = SGLangEngine(config, tokenizer)

        window = engine.context_length

        engine.close()
    assert window == 5_000


def test_a_prompt_beyond_the_window_is_told_from_one_beyond_the_memory(tmp_path):
    with FakeSGLang(model="llama-4-scout", context_length=8_192, max_total_tokens=2_000) as fake:
        engine = SGLangEngine(EngineConfig("sglang", tmp_path, base_url=fake.base_url), tokenizer)
        pack = corpus(1)

        with pytest.raises(ContextOverflowError):
            ask(engine, pack, params=SamplingParams(max_tokens=9_000))
        with pytest.raises(EngineMemoryError) as memory:
            ask(engine, pack, params=SamplingParams(max_tokens=4_000))

        engine.close()
    assert "holds 2,000 tokens" in str(memory.value)
    assert "docqa plan" in memory.value.hint


def test_a_wrong_key_is_told_from_a_server_that_loads_and_from_none(engines, fake, tmp_path):
    fake.api_key = "right"
    with pytest.raises(EngineKeyRefusedError):
        ask(engines(api_key="wrong"), corpus(1))

    fake.api_key, fake.loading = "", True
    with pytest.raises(EngineLoadingError):
        ask(engines(), corpus(1))

    with pytest.raises(EngineUnavailableError) as down:
        ask(engines(base_url="http://127.0.0.1:9"), corpus(1))
    assert not isinstance(down.value, EngineLoadingError)


def test_a_server_of_docqas_own_that_does_not_listen_yet_is_loading(tmp_path):
    engine = SGLangEngine(
        EngineConfig("sglang", tmp_path, base_url="http://127.0.0.1:9"),
        tokenizer,
        loading=lambda: "the server is loading: weights 3 of 12",
    )

    health = engine.health()

    engine.close()
    assert "weights 3 of 12" in health.detail


def test_a_server_that_dies_in_mid_answer_is_an_error_after_what_had_come(engine, fake):
    pack = corpus(1)
    ask(engine, pack)
    fake.die_after_tokens = 3
    prompt = Prompt(pack.prefix(), "<question>\nWhy?\n</question>\n")
    seen = []

    with pytest.raises(EngineResponseError):
        seen.extend(delta.text for delta in engine.stream(prompt, SamplingParams(max_tokens=16)))

    fake.die_after_tokens = None
    assert text_of(ask(engine, pack)) == "The sea is wide and blue."


def test_what_a_refusal_brings_as_text_is_no_part_of_the_answer(engine, fake):
    pack = corpus(1)
    ask(engine, pack)
    fake.restart()

    deltas = ask(engine, pack)

    assert text_of(deltas) == "The sea is wide and blue."
    assert deltas[-1].finish_reason not in ("abort", PROMPT_TRUNCATED)


def test_warming_what_is_warm_reads_again_what_the_server_let_go_of(engine, fake):
    pack = corpus(1, 2)
    list(engine.prefill(pack.prefix()))
    fake.scheduler.flush()

    again = list(engine.prefill(pack.prefix()))

    assert again[-1].cached == 0
    assert usage_of(ask(engine, pack)).cache_miss == ""


def test_warming_what_is_warm_sends_one_token(engine, fake):
    pack = corpus(1, 2)
    list(engine.prefill(pack.prefix()))

    again = list(engine.prefill(pack.prefix()))

    assert generated(fake)[-1].id_count == 1
    assert again[-1].cached == again[-1].total


def test_warming_after_a_restart_opens_a_new_session(engine, fake):
    pack = corpus(1, 2)
    list(engine.prefill(pack.prefix()))
    fake.restart()

    list(engine.prefill(pack.prefix()))

    assert usage_of(ask(engine, pack)).cache_miss == ""
    assert len(fake.sessions) == 1
