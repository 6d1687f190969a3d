import pytest

from docqa.core.answers import Usage
from docqa.services.misses import CHANGED, FIRST, LOST, cause, explained, together
from docqa.store.costs import AnswerCost
from tests.services.keeping import KeepingEngine
from tests.services.parts import ask, upload, workspace


def cost(pack="p", engine="e", model="m", mode="whole"):
    return AnswerCost(1, 1, 0.0, engine, model, mode, pack, 100, 0, None, "", 1.0)


NOW = cost()


def test_the_first_question_is_said_to_be_the_first():
    assert cause(NOW, "p", [], []) == FIRST
    assert cause(NOW, "p", [cost(mode="select")], []) == FIRST


def test_documents_that_changed_are_said_to_have_changed():
    assert cause(NOW, "p", [cost("older"), cost("p", engine="another")], []) == CHANGED


def test_a_pack_that_was_read_before_was_lost():
    assert cause(NOW, "p", [cost("older"), cost("p")], []) == LOST


def test_another_engine_is_named():
    earlier = [cost("p", engine="another", model="llama")]

    assert cause(NOW, "p", earlier, []) == "another engine answered before (llama)"


def test_what_the_engine_says_comes_first_and_what_it_cannot_know_is_added():
    assert together("", FIRST) == FIRST
    assert together("not warmed yet", FIRST) == f"not warmed yet: {FIRST}"
    assert together("not warmed yet", CHANGED) == f"not warmed yet: {CHANGED}"
    assert together("not warmed yet", LOST) == "not warmed yet"
    assert together("the server was restarted", LOST) == "the server was restarted"
    assert together("new from segment 5 of 6", CHANGED) == "new from segment 5 of 6"


def test_a_miss_is_kept_with_the_answer_and_a_hit_has_no_cause(app):
    first = ask(app, "For how many days are backups kept?")
    second = ask(app, "Who restarts the dispatcher?")
    upload(app, "later.md", b"# Later\n\nThe ferry leaves on Tuesdays.\n" * 200)
    third = ask(app, "When does the ferry leave?")

    assert (first.usage.cache_miss, second.usage.cache_miss) == (FIRST, "")
    assert third.usage.cache_miss == CHANGED


def test_an_engine_that_reads_a_warmed_pack_again_has_lost_it(open_app, home):
    app = open_app(home, engine="sglang", model="scout")
    KeepingEngine(app)
    app.jobs.wait(app.warming.submit(workspace(app)))
    conversation = app.conversations.create(workspace(app)).id
    pack = app.library.pack(workspace(app))
    number = app.store.conversations.add_answer(
        conversation, "What?", mode="whole", engine="sglang", model="scout", pack=pack.hash
    )

    usage = explained(app.store, number, pack, Usage(1_000, 0, 5))

    assert usage.cache_miss == LOST


@pytest.mark.parametrize("usage", [Usage(), Usage(1_000, None, 5)])
def test_an_engine_that_does_not_tell_has_no_misses(app, usage):
    conversation = app.conversations.create(workspace(app)).id
    number = app.store.conversations.add_answer(conversation, "What?", mode="whole")

    assert explained(app.store, number, app.library.pack(workspace(app)), usage) == usage
