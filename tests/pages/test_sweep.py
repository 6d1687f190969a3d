"""Looking through everything on the Ask page; starting it is proved in a browser."""

from dataclasses import replace

import pytest

from docqa.core.answers import ShardReport
from docqa.ui import messages, sweep
from docqa.ui.state import Key
from tests.pages.test_pages import button, has_button, said

QUESTION = "How many days of paid leave do employees have?"


@pytest.fixture
def answered(app, workspace):
    """Asks, and gives the conversation and the final answer."""

    def ask(question=QUESTION, mode="auto"):
        conversation = app.conversations.create(workspace.id)
        answer_id = app.answering.submit(conversation.id, question, mode=mode)
        return conversation, app.answering.wait(answer_id)

    return ask


def test_a_question_to_sweep_shows_its_price_before_it_is_asked(
    open_page, app, workspace, document
):
    test = open_page()
    test.session_state[Key.MODE] = "sweep"

    test.chat_input[0].set_value(QUESTION).run()

    assert not test.exception
    assert "1 part, " in said(test)
    assert "tokens to read; no model, a few seconds" in said(test)
    assert has_button(test, "sweep-start")
    assert app.conversations.all(workspace.id) == ()


def test_a_swept_answer_says_which_parts_were_asked(open_page, document, answered):
    conversation, answer = answered(mode="sweep")

    test = open_page(c=conversation.id)

    assert not test.exception
    assert (answer.status, len(answer.shards)) == ("quoted", 1)
    assert [expander.label for expander in test.expander] == ["Asked 1 of 1 part\\."]
    assert 'aria-label="Parts: 1 asked"' in said(test)


def test_where_the_best_passages_do_not_say_everything_can_be_looked_through(
    open_page, app, document, answered
):
    conversation, answer = answered("Which zirconium dosimeters are calibrated?")
    test = open_page(c=conversation.id)

    button(test, f"sweep-{answer.id}").click().run()

    assert answer.status == "not_found"
    assert not test.exception
    assert has_button(test, "sweep-start")
    assert "Which zirconium dosimeters" in said(test)


def test_an_answer_that_had_everything_offers_no_sweep(open_page, document, answered):
    conversation, answer = answered()

    test = open_page(c=conversation.id)

    assert not has_button(test, f"sweep-{answer.id}")


def test_parts_that_failed_are_named_above_the_list(open_page, app, document, answered):
    conversation, answer = answered(mode="sweep")
    failed = replace(answer.shards[0], number=2, status="failed", error="<b>it</b> crashed")
    app.store.conversations.answers, real = (
        lambda number: tuple(replace(each, shards=(*each.shards, failed)) for each in real(number)),
        app.store.conversations.answers,
    )

    test = open_page(c=conversation.id)

    assert messages.plain("Part 2: <b>it</b> crashed") in said(test)
    assert "failed: &lt;b&gt;it&lt;/b&gt; crashed" in said(test)


def test_the_strip_and_the_table_stay_small_for_a_thousand_parts():
    shards = [
        ShardReport(n, 1, 3, 900, n, n, "asked", prompt_tokens=1_000, cached_tokens=900, seconds=2)
        for n in range(1, 1_001)
    ]

    assert sweep.strip(shards).count("<i ") == sweep.SHOWN
    assert "Parts: 1,000 asked" in sweep.strip(shards)
    assert sweep.table(shards).count("<tr>") == sweep.SHOWN + 1
    assert "800 more parts are not listed" in sweep.table(shards)
    assert "<td>90%</td>" in sweep.table(shards)
