from docqa.core.answers import Usage


def answered(store, workspace_id, usage, *, mode="whole"):
    conversation = store.conversations.create(workspace_id)
    number = store.conversations.add_answer(conversation.id, "What?", mode=mode, engine="e")
    store.conversations.finish(number, status="answered", usage=usage, ttft_s=1.5)
    return number


def test_answers_are_measurements_newest_first(store):
    one, other = (store.workspaces.create(name).id for name in ("one", "other"))
    first = answered(store, one, Usage(100, 90, 5, 7, 30, 0.5, "restarted"))
    answered(store, one, Usage())  # a model gave nothing: no measurement
    second = answered(store, other, Usage(200, None, 5))

    costs = store.costs.recent()

    assert [cost.answer_id for cost in costs] == [second, first]
    assert [cost.answer_id for cost in store.costs.recent(one)] == [first]
    assert [cost.answer_id for cost in store.costs.recent(before=second)] == [first]
    assert store.costs.one(first) == costs[1]
    assert store.costs.one(999) is None
    assert (costs[1].workspace_id, costs[1].engine, costs[1].ttft_s) == (one, "e", 1.5)


def test_a_cause_makes_an_answer_not_hot_however_much_was_cached(store):
    workspace_id = store.workspaces.create("one").id
    for usage in (Usage(100, 90, 5), Usage(100, 90, 5, cache_miss="restarted"), Usage(100, 40, 5)):
        answered(store, workspace_id, usage)

    costs = store.costs.recent()

    assert [cost.hot for cost in costs] == [False, False, True]
    assert [cost.fresh_tokens for cost in costs] == [60, 10, 10]


def test_workspaces_asked_whole_since_a_time_are_told(store):
    one, other, old = (store.workspaces.create(name).id for name in ("one", "other", "old"))
    for workspace_id, mode in ((one, "whole"), (other, "select"), (old, "whole")):
        answered(store, workspace_id, Usage(100, 90, 5), mode=mode)
    with store.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE answers SET created_at = 5 WHERE conversation_id IN"
            " (SELECT id FROM conversations WHERE workspace_id = ?)",
            (old,),
        )

    assert list(store.costs.last_asked(6.0)) == [one]
    assert set(store.costs.last_asked(1.0)) == {one, old}
