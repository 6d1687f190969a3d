from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.packing import Pack, head_chain
from docqa.core.sharding import PassageTokens, cut

HEAD = 10
FRAME = 3
LIMIT = 60


def pack_of(documents):
    """A pack whose documents have passages of so many tokens."""
    pack = Pack(HEAD)
    for number, passages in enumerate(documents):
        tokens = FRAME + sum(passages)
        pack = pack.append(f"<document {number} {passages}>\n", len(passages), tokens)
    return pack


def shards_of(documents, limit=LIMIT):
    pack = pack_of(documents)
    costs = [PassageTokens(FRAME, passages) for passages in documents]
    return cut(HEAD, pack.segments, limit, lambda segment: costs[segment.position])


documents = st.lists(st.lists(st.integers(1, 45), max_size=12), max_size=12)


@given(documents)
def test_every_passage_is_in_exactly_one_shard_and_in_order(some):
    labels = [
        label for shard in shards_of(some) for piece in shard.pieces for label in piece.labels
    ]

    assert labels == list(range(1, 1 + sum(map(len, some))))


@given(documents)
def test_no_shard_is_larger_than_the_limit(some):
    assert all(shard.tokens <= LIMIT for shard in shards_of(some))


@given(documents, documents)
def test_what_is_appended_changes_the_last_shard_at_most_and_that_by_appending(before, added):
    earlier = shards_of(before)

    later = shards_of(before + added)

    assert later[: max(0, len(earlier) - 1)] == earlier[:-1]
    if earlier:
        *begun, last = earlier[-1].pieces
        now = later[len(earlier) - 1].pieces
        assert now[: len(begun)] == tuple(begun)
        assert now[len(begun)] == last
        assert later[len(earlier) - 1].hashes[: len(begun) + 2] == earlier[-1].hashes


@given(documents)
def test_the_same_pack_is_cut_alike_and_shards_have_names_of_their_own(some):
    shards = shards_of(some)

    assert shards == shards_of(some)
    assert len({shard.hash for shard in shards}) == len(shards)
    assert [shard.number for shard in shards] == list(range(1, len(shards) + 1))


@given(documents)
def test_no_shard_could_take_what_the_next_one_begins_with(some):
    shards = shards_of(some)

    for shard, following in pairwise(shards):
        first = following.pieces[0]
        least = first.tokens if first.whole else FRAME + some[first.position][first.first_ordinal]
        assert shard.tokens + least > LIMIT


def test_a_pack_that_fits_is_one_shard_with_the_packs_own_name():
    pack = pack_of([[5, 5], [7]])

    (shard,) = shards_of([[5, 5], [7]])

    assert shard.hash == pack.hash
    assert shard.tokens == pack.token_count
    assert (shard.passages, shard.labels) == (3, range(1, 4))
    assert shard.hashes[0] == head_chain()


def test_a_long_document_begins_in_what_the_shard_before_has_left():
    first, second, third = shards_of([[20], [20, 20, 20, 20], [5]])

    assert [piece.whole for piece in first.pieces] == [True, False]
    assert [(piece.first_ordinal, piece.passage_count) for piece in second.pieces] == [(1, 2)]
    assert [piece.position for piece in third.pieces] == [1, 2]


def test_a_passage_that_is_larger_than_a_shard_has_one_of_its_own():
    shards = shards_of([[5, 90, 5]])

    assert [shard.tokens for shard in shards] == [18, 103, 18]


def test_a_map_that_is_larger_than_a_shard_is_left_out():
    pack = Pack(HEAD).append("<document map>\n", 0, 500).append("<document a>\n", 1, 20)

    (shard,) = cut(HEAD, pack.segments, LIMIT, lambda segment: PassageTokens(FRAME, ()))

    assert [piece.position for piece in shard.pieces] == [1]


def test_an_empty_pack_has_no_shards():
    assert shards_of([]) == ()
