import pytest

from docqa.core.answers import Citation, Coverage, SentenceCheck, Usage
from docqa.core.documents import Rect
from docqa.errors import UnknownItemError

CITATIONS = (
    Citation(
        1, 41, 3, 4, "dpa.pdf", 2, None, "within 72 hours", 10, 25,
        (Rect(2, 0.1, 0.2, 0.3, 0.4), Rect(3, 0.0, 0.0, 1.0, 0.5)),
        "exact", ("72",), 57, "docqa", 0, 20,
    ),
    Citation(2, 43, 5, 6, "src/app.py", None, (10, 24), "def f()", 0, 7, (), "weak"),
)  # fmt: skip
COVERAGE = Coverage(2, 1, 24, 20, 99, 98, 9_000, 8_000, (("scan.pdf", 3, "only a picture"),), 4, 1)


@pytest.fixture
def workspace_id(store):
    return store.workspaces.create("default").id


@pytest.fixture
def conversation(store, workspace_id):
    return store.conversations.create(workspace_id, "Contracts")


def test_an_answer_comes_back_as_it_was_stored(store, conversation):
    answer_id = store.conversations.add_answer(
        conversation.id, "When?", scope=(3, 5), mode="whole", params={"temperature": 0.0}, job_id=7
    )
    sentences = (SentenceCheck(0, 20, "supported", (1, 2)), SentenceCheck(21, 30, "unsupported"))
    fields = {
        "text": "Within 72 hours [1].",
        "draft": "A draft",
        "citations": CITATIONS,
        "sentences": sentences,
        "coverage": COVERAGE,
        "usage": Usage(1_000, 990, 12),
        "unresolved": 2,
        "mode": "select",
        "mode_reason": "does not fit",
        "engine": "scripted",
        "model": "none",
        "pack": "a" * 64,
        "prompt_version": "1",
        "ttft_s": 0.5,
        "total_s": 1.5,
        "suggested": ("And then?",),
    }

    ended = store.conversations.finish(
        answer_id, status="answered", raw_text="Within 72 hours [#41].", **fields
    )

    answer = store.conversations.answer(answer_id)
    assert ended
    assert {name: getattr(answer, name) for name in fields} == fields
    assert (answer.question, answer.scope, answer.status) == ("When?", (3, 5), "answered")
    assert answer.params == {"temperature": 0.0}
    assert store.conversations.raw_text(answer_id) == "Within 72 hours [#41]."
    assert store.conversations.job_of(answer_id) == 7


def test_an_answer_grows_until_it_is_final(store, conversation):
    answer_id = store.conversations.add_answer(conversation.id, "When?")
    queued = store.conversations.answer(answer_id)

    store.conversations.set_progress(answer_id, "reading", 3, 10)
    reading = store.conversations.answer(answer_id)
    store.conversations.save_text(answer_id, "Within [#4", "Within", 0.25)
    store.conversations.save_text(answer_id, "Within [#41] 72", "Within [1] 72")
    growing = store.conversations.answer(answer_id)
    first = store.conversations.finish(answer_id, status="stopped")
    second = store.conversations.finish(answer_id, status="answered", text="late")
    late = store.conversations.save_text(answer_id, "late", "late")

    assert (queued.status, queued.running, queued.coverage) == ("queued", True, None)
    assert (reading.status, reading.progress, reading.progress_done) == ("running", "reading", 3)
    assert (growing.text, growing.ttft_s) == ("Within [1] 72", 0.25)
    assert (first, second, late) == (True, False, False)
    stopped = store.conversations.answer(answer_id)
    assert (stopped.status, stopped.text, stopped.progress) == ("stopped", "Within [1] 72", "")


def test_an_answer_that_is_asked_again_begins_anew(store, conversation):
    answer_id = store.conversations.add_answer(conversation.id, "When?", scope=(3,))
    store.conversations.finish(answer_id, status="failed", text="half", citations=CITATIONS)
    store.conversations.set_feedback(answer_id, "bad", "it is wrong")
    told = store.conversations.answer(answer_id).feedback

    store.conversations.reopen(answer_id)

    answer = store.conversations.answer(answer_id)
    assert told == "bad"
    assert (answer.status, answer.text, answer.citations) == ("queued", "", ())
    assert (answer.question, answer.scope, answer.feedback) == ("When?", (3,), "")
    assert store.conversations.feedback_reason(answer_id) == ""


def test_fields_that_an_answer_does_not_have_are_refused(store, conversation):
    answer_id = store.conversations.add_answer(conversation.id, "When?")

    with pytest.raises(TypeError, match="no field 'colour'"):
        store.conversations.update(answer_id, colour="red")
    with pytest.raises(ValueError, match="does not end an answer"):
        store.conversations.finish(answer_id, status="running")


def test_conversations_are_listed_by_their_last_word(store, workspace_id):
    first = store.conversations.create(workspace_id, "Contracts")
    second = store.conversations.create(workspace_id, "Code")
    empty = store.conversations.latest(store.workspaces.create("other").id)

    store.conversations.add_answer(first.id, "When is 100% due?")

    assert [found.id for found in store.conversations.all(workspace_id)] == [first.id, second.id]
    assert store.conversations.latest(workspace_id).id == first.id
    assert store.conversations.latest(workspace_id).answers == 1
    assert empty is None


def test_conversations_are_found_by_all_words(store, workspace_id):
    first = store.conversations.create(workspace_id, "Contracts")
    second = store.conversations.create(workspace_id, "Code")
    answer_id = store.conversations.add_answer(first.id, "When is 100% due?")
    store.conversations.finish(answer_id, status="answered", text="In December")

    def found(words):
        return [conversation.id for conversation in store.conversations.all(workspace_id, words)]

    assert found("contracts december") == [first.id]
    assert found("100%") == [first.id]
    assert found("CODE") == [second.id]
    assert found("code december") == []


def test_a_conversation_can_be_renamed_and_deleted(store, conversation):
    answer_id = store.conversations.add_answer(conversation.id, "When?")

    renamed = store.conversations.rename(conversation.id, "Deadlines")
    store.conversations.delete(conversation.id)

    assert renamed.title == "Deadlines"
    for missing in (
        lambda: store.conversations.get(conversation.id),
        lambda: store.conversations.answer(answer_id),
        lambda: store.conversations.raw_text(answer_id),
        lambda: store.conversations.delete(conversation.id),
        lambda: store.conversations.rename(conversation.id, "x"),
        lambda: store.conversations.add_answer(conversation.id, "x"),
        lambda: store.conversations.reopen(answer_id),
        lambda: store.conversations.set_feedback(answer_id, "good"),
    ):
        with pytest.raises(UnknownItemError):
            missing()
    assert store.conversations.finish(answer_id, status="answered") is False


def test_recent_and_running_answers_are_by_workspace(store, workspace_id, conversation):
    other = store.conversations.create(store.workspaces.create("other").id)
    ids = [store.conversations.add_answer(conversation.id, f"{n}?") for n in range(3)]
    elsewhere = store.conversations.add_answer(other.id, "else?")
    store.conversations.finish(ids[0], status="answered")

    assert [found.id for found in store.conversations.recent(None, 2)] == [elsewhere, ids[2]]
    assert [found.id for found in store.conversations.recent(workspace_id)] == ids[::-1]
    assert [found.id for found in store.conversations.running(workspace_id)] == ids[1:]
    assert [found.id for found in store.conversations.answers(conversation.id)] == ids
    store.conversations.set_job(ids[1], 12)
    assert store.conversations.job_of(ids[1]) == 12


def test_earlier_answers_are_the_last_ones_in_order_and_all_are_counted(store, conversation):
    other = store.conversations.create(conversation.workspace_id)
    ids = [store.conversations.add_answer(conversation.id, f"q{number}") for number in range(6)]
    store.conversations.finish(store.conversations.add_answer(other.id, "x"), status="answered")
    for answer_id in ids[:4]:
        store.conversations.finish(answer_id, status="answered")
    store.conversations.finish(ids[4], status="failed")
    asked = store.conversations.answer(ids[5])

    last, count = store.conversations.earlier(asked, 2)

    assert [answer.question for answer in last] == ["q2", "q3"]
    assert count == 4
    assert store.conversations.earlier(store.conversations.answer(ids[0]), 2) == ((), 0)


def test_a_conversation_takes_the_title_that_comes_with_a_question(store, conversation):
    store.conversations.add_answer(conversation.id, "When?", title="Notices")
    store.conversations.add_answer(conversation.id, "And then?")

    assert store.conversations.get(conversation.id).title == "Notices"
