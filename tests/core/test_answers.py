from dataclasses import replace

from docqa.core.answers import Answer, ShardReport, Usage, swept

EMPTY = Answer(
    *(1, 1, "q", "answered", "", "", (), (), 0, None, (), "sweep", "", "", "", "", "", {}),
    *(Usage(), None, None, "", "", "", 0.0),
)


def shard(number, status="asked", error=""):
    return ShardReport(number, 1, 4, 100, 1, 4, status, error=error)


def said(*shards):
    return swept(replace(EMPTY, shards=shards))


def test_a_sweep_says_how_many_parts_were_asked():
    assert said(shard(1), shard(2), shard(3, "skipped")) == ["Asked 2 of 2 parts."]
    assert said(shard(1)) == ["Asked 1 of 1 part."]


def test_parts_that_were_not_asked_are_named_with_the_reason():
    lines = said(
        shard(1), shard(2, "failed", "it crashed"), shard(3, "stopped"), shard(4, "stopped")
    )

    assert lines == ["Asked 1 of 4 parts.", "Part 2: it crashed", "Parts 3, 4: stopped"]


def test_many_parts_are_not_all_named():
    (_, line) = said(*(shard(number, "stopped") for number in range(1, 13)))

    assert line == "Parts 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …: stopped"


def test_other_modes_say_nothing():
    assert said() == []
