import pytest

from docqa.core.packing import head_chain
from docqa.services.sweeping import shards as sharding
from docqa.services.sweeping.scope import relevant_first
from docqa.services.sweeping.shards import ShardPlanner, within
from docqa.tokenizers.registry import tokenizer
from tests.services import parts
from tests.services.parts import workspace
from tests.services.sweeping.conftest import CITIES, text_of

LLAMA4 = tokenizer("llama4")


@pytest.fixture
def planner(app):
    return ShardPlanner(app.store, lambda workspace_id: "salt")


def plan_of(app, planner, limit):
    return planner.plan(app.library.pack(workspace(app)), LLAMA4, limit)


def text(planner, plan, shard):
    return "".join(planner.prefix(plan, shard).read_text())


@pytest.mark.parametrize("limit", [600, 1_200, 3_000])
def test_a_shards_text_has_as_many_tokens_as_it_was_planned_to_have(app, planner, limit):
    plan = plan_of(app, planner, limit)

    for shard in plan.shards:
        tokens = LLAMA4.count(text(planner, plan, shard))
        assert tokens <= shard.tokens <= limit
        assert tokens >= shard.tokens - 60 * len(shard.pieces)


def test_uncut_shards_joined_are_the_pack(app, planner):
    plan = plan_of(app, planner, 3_000)
    head = len(text(planner, plan, plan.shards[0])) - sum(
        len(app.store.packs.segment_text(plan.segments[piece.position].id))
        for piece in plan.shards[0].pieces
    )

    joined = "".join(text(planner, plan, shard)[head:] for shard in plan.shards)

    assert joined == parts.pack_text(app)


def test_a_prefix_can_be_read_from_any_of_its_pieces(app, planner):
    plan = plan_of(app, planner, 3_000)
    shard = next(each for each in plan.shards if len(each.pieces) > 2)
    prefix = planner.prefix(plan, shard)
    pieces = list(prefix.pieces(0))

    assert len(prefix.piece_hashes()) == len(pieces) == len(shard.pieces) + 1
    assert prefix.piece_hashes()[0] == head_chain()
    assert prefix.piece_hashes()[-1] == prefix.hash == shard.hash
    for first in range(len(pieces) + 1):
        assert list(prefix.pieces(first)) == pieces[first:]


def test_another_process_cuts_and_renders_the_same(app, planner, open_app, home):
    other = ShardPlanner(app.store, lambda workspace_id: "salt")
    one, two = plan_of(app, planner, 600), plan_of(app, other, 600)

    assert one.shards == two.shards
    assert [text(planner, one, s) for s in one.shards] == [text(other, two, s) for s in two.shards]


def test_large_shards_are_filed_under_the_pack_and_small_ones_sent(app, planner, monkeypatch):
    plan = plan_of(app, planner, 3_000)
    pack = app.library.pack(workspace(app))

    small = planner.prefix(plan, plan.shards[1])
    monkeypatch.setattr(sharding, "SESSION_TOKENS", 1_000)
    large = planner.prefix(plan, plan.shards[1])

    assert (small.family, small.salt) == ("", "salt")
    assert large.family == f"{pack.id}-shard2"


def test_a_superseded_version_stays_in_its_shard_and_is_in_no_scope(app, planner):
    before = plan_of(app, planner, 3_000)
    parts.upload(app, "zz.md", b"# One\n\nThe first of two.")
    parts.upload(app, "zz.md", b"# Two\n\nThe second of two.", on_conflict="replace")

    plan = plan_of(app, planner, 3_000)

    assert plan.shards[: len(before.shards) - 1] == before.shards[:-1]
    old, new = (segment for segment in plan.segments if segment.name == "zz.md")
    live = app.store.documents.versions_in_scope([old.version_id, new.version_id])
    assert live == {new.version_id}
    assert [shard.number for shard in within(plan, live)] == [len(plan.shards)]


def test_shards_with_the_best_passages_come_first(app, planner):
    plan = plan_of(app, planner, 1_500)
    found = app.store.search.search(workspace(app), "the vault in Turin", k=1)
    label = app.store.packs.labels(plan.pack.id, [found[0].passage_id])[found[0].passage_id]
    packed = app.store.packs.passage(plan.pack.id, label)
    ranked = [type("Item", (), {"passage": packed})]

    order = relevant_first(plan.shards, ranked)

    assert label in order[0].labels
    others = [shard.number for shard in order[1:]]
    assert others == sorted(others)


def test_a_pack_of_one_long_document_is_cut_between_passages(open_app, empty_home):
    app = open_app(empty_home)
    parts.upload(app, "all.md", "\n\n".join(map(text_of, CITIES)).encode())
    planner = ShardPlanner(app.store, lambda workspace_id: "")

    plan = plan_of(app, planner, 900)

    assert len(plan.shards) > 8
    assert all('shown="in part"' in text(planner, plan, shard) for shard in plan.shards)
    labels = [label for s in plan.shards for piece in s.pieces for label in piece.labels]
    assert labels == list(range(1, plan.pack.next_label))
