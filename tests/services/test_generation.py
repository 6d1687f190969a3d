"""What asking costs docqa before the request is sent, and what is stored while the engine works."""

import pytest
from sqlalchemy import event

from docqa.core.answers import Usage
from docqa.engines.base import Delta
from docqa.errors import EngineUnavailableError
from docqa.tokenizers.registry import tokenizer
from tests.services.parts import Recorder, ask, documents, ingest, upload, workspace

QUESTION = "For how many days are nightly backups kept?"
ENDED = Delta(usage=Usage(10, 0, 5), finish_reason="stop")
DELTAS = (Delta("Hello."), ENDED)


class Watching(Recorder):
    """An engine that does something before and after its first delta."""

    def __init__(self, app, begun, deltas=DELTAS):
        super().__init__(app)
        self._begun = begun
        self._deltas = deltas

    def stream(self, prompt, params):
        self._begun()
        yield from self._deltas


class Steps:
    """How many steps SQLite's machine takes."""

    def __init__(self, app):
        self.count = 0
        event.listen(app.store.database._engine, "checkout", self._watch)

    def _watch(self, connection, *_):
        connection.set_progress_handler(self._step, 1)

    def _step(self):
        self.count += 1


def running(app):
    """The answer that is being written."""
    (answer,) = app.store.conversations.running(workspace(app))
    return answer


def fail(*args, **kwargs):
    raise AssertionError("this must not be asked for")


def test_no_documents_are_listed_when_all_are_in_scope(app):
    app.store.documents.all = fail
    app.store.documents.in_scope = fail

    assert ask(app, QUESTION).status == "answered"


def test_nothing_is_ranked_before_the_request_when_there_are_no_hints(open_app, home):
    app = open_app(home, hints=False)
    search = app.store.search.search
    app.store.search.search = fail

    def begun():
        app.store.search.search = search

    Watching(app, begun)

    assert ask(app, QUESTION).params["hints"] == []


@pytest.mark.parametrize("scoped", [False, True])
def test_what_the_database_does_for_a_question_does_not_grow_with_the_corpus(
    open_app, home, tmp_path, scoped
):
    app = open_app(home, hints=False)
    scope = [documents(app)["agreement.pdf"].id] if scoped else []
    steps = Steps(app)
    until_sent = []
    engine = Watching(app, lambda: until_sent.append(steps.count))
    engine.context_length = 1_000_000

    def measured():
        steps.count = 0
        ask(app, QUESTION, scope=scope)
        return until_sent[-1]

    few = measured()
    (tmp_path / "notes").mkdir()
    for number in range(30):
        (tmp_path / "notes" / f"note-{number}.txt").write_text(f"Note {number} is of no use here.")
    ingest(app, tmp_path / "notes")
    many = measured()

    assert len(documents(app)) == 34
    assert many < few * 1.3  # a few jobs more to choose from; listing 30 documents doubles it


def test_a_pack_is_counted_once_for_an_engine_with_another_vocabulary(open_app, home):
    tokens = open_app(home).library.pack(1).token_count
    app = open_app(home, hints=False, whole_limit=round(1.5 * tokens))
    engine = Watching(app, lambda: None)
    engine.tokenizer = tokenizer("llama3")
    counted = []
    token_counts = app.store.packs.token_counts
    app.store.packs.token_counts = lambda *given: counted.append(given) or token_counts(*given)

    for _ in range(3):
        assert ask(app, QUESTION).mode == "whole"
    upload(app, "late.txt", b"A note that came late.")
    assert ask(app, QUESTION).mode == "whole"

    assert [name for _, name in counted] == ["llama3", "llama3"]


def test_coverage_is_stored_when_the_engine_is_at_work_and_not_before(app):
    seen = []

    def stream():
        seen.append(running(app).coverage)
        yield Delta("Hello.")
        yield Delta()
        seen.append(running(app).coverage)
        yield ENDED

    Watching(app, lambda: None, stream())

    answer = ask(app, QUESTION)

    assert seen == [None, answer.coverage]
    assert answer.coverage.sentence() == "In the window: 4 of 4 documents, 2 of 2 pages."


def failing(error):
    def begun():
        raise error

    return begun


@pytest.mark.parametrize("error", [EngineUnavailableError("scripted", "gone"), ValueError("a bug")])
def test_coverage_is_stored_when_the_engine_fails_at_once(app, error):
    Watching(app, failing(error))

    answer = ask(app, QUESTION)

    assert answer.status == "failed"
    assert answer.coverage.documents_in_window == 4
    assert (answer.mode, answer.engine) == ("whole", "scripted")


def test_coverage_is_stored_when_the_answer_is_stopped_before_its_first_word(app):
    def begun():
        app.answering.stop(running(app).id)

    Watching(app, begun, (ENDED,))

    answer = ask(app, QUESTION)

    assert (answer.status, answer.text) == ("stopped", "")
    assert answer.coverage.complete


def test_coverage_is_of_the_documents_in_scope(app):
    answer = ask(app, QUESTION, scope=[documents(app)["agreement.pdf"].id])

    assert answer.coverage.sentence() == "In the window: 1 of 1 documents, 2 of 2 pages."


def test_a_document_that_is_added_while_the_engine_is_asked_was_not_in_the_window(app):
    Watching(app, lambda: upload(app, "late.txt", b"A note that came late."))

    answer = ask(app, QUESTION)

    assert (answer.coverage.documents_in_window, answer.coverage.documents) == (4, 5)
    assert not answer.coverage.complete


def test_select_covers_what_was_shown(open_app, home):
    app = open_app(home, whole_limit=300)

    answer = ask(app, QUESTION)

    assert answer.mode == "select"
    assert answer.coverage.documents == 4
    assert 0 < answer.coverage.passages_in_window < answer.coverage.passages
    assert 0 < answer.coverage.tokens_in_window <= 300


def test_the_title_of_a_conversation_stays_when_it_is_asked_again(app):
    where = app.conversations.create(workspace(app), "Backups").id

    ask(app, QUESTION, conversation=where)

    assert app.conversations.get(where).title == "Backups"


def test_turns_beyond_the_last_twelve_are_counted_as_left_out(app):
    engine = Recorder(app)
    where = app.conversations.create(workspace(app)).id
    for _ in range(14):
        assert ask(app, QUESTION, conversation=where).status == "answered"

    answer = ask(app, QUESTION, conversation=where)

    assert len(engine.prompts[-1].turns) == 24
    assert answer.coverage.dropped_turns == 2
    assert "2 earlier turns of this conversation were left out" in engine.tail
