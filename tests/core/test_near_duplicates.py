import random
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.near_duplicates import FEWEST, HASHES, Sketch, groups

WORDS = ("freight", "rail", "notice", "breach", "invoice", "Zürich", "72", "hours", "Vertrag", "的")
texts = st.lists(st.sampled_from(WORDS), min_size=0, max_size=80).map(" ".join)


def prose(seed, words=1_000, vocabulary=3_000):
    numbers = random.Random(seed)
    return [f"w{numbers.randrange(vocabulary)}" for _ in range(words)]


def altered(words, share, seed=1):
    numbers = random.Random(seed)
    return [f"new{n}" if numbers.random() < share else word for n, word in enumerate(words)]


def sketch(words):
    return Sketch.of([" ".join(words)])


def exact(one, other):
    """The share of three-word sequences in common, without any estimate."""
    first = set(zip(one, one[1:], one[2:], strict=False))
    second = set(zip(other, other[1:], other[2:], strict=False))
    return len(first & second) / len(first | second)


@given(texts, texts)
def test_similarity_is_the_same_both_ways_and_a_share(one, other):
    first, second = Sketch.of([one]), Sketch.of([other])

    assert first.similarity(second) == second.similarity(first)
    assert 0.0 <= first.similarity(second) <= 1.0
    assert first.is_duplicate(second) == second.is_duplicate(first)


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_the_same_words_are_always_found_wherever_a_text_is_cut(parts, others):
    whole = " ".join(parts)
    documents = [*others, whole, *reversed(others)]
    sketches = {n: Sketch.of([text]) for n, text in enumerate(documents)}
    sketches[len(documents)] = Sketch.of(parts)

    found = groups(sketches)

    if any(part.strip() for part in parts):
        assert any({len(others), len(documents)} <= set(group) for group in found)
    for group in found:
        assert all(sketches[group[0]].is_duplicate(sketches[each]) for each in group[1:])
    members = [number for group in found for number in group]
    assert len(members) == len(set(members))


@given(texts)
def test_a_sketch_is_kept_as_bytes(text):
    kept = Sketch.of([text])

    assert Sketch.from_bytes(kept.to_bytes()) == kept


def test_a_sketch_made_by_another_python_is_made_anew():
    assert Sketch.from_bytes(b"") is None
    assert Sketch.from_bytes(b"\0\0\0\1" + b"12345678") is None


def test_a_sketch_is_the_same_in_any_process():
    asking = "from docqa.core.near_duplicates import Sketch; print(Sketch.of(['a b c d']).hashes)"

    said = subprocess.run(
        [sys.executable, "-c", asking], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == str(Sketch.of(["a b c d"]).hashes)


def test_the_estimate_is_near_the_share_it_stands_for():
    words = prose(1)
    for share in (0.002, 0.01, 0.02, 0.05, 0.1, 0.3):
        changed = altered(words, share)

        estimate = sketch(words).similarity(sketch(changed))

        assert abs(estimate - exact(words, changed)) < 0.1


def test_a_text_of_few_sequences_is_a_duplicate_only_if_all_is_the_same():
    few = [f"w{n}" for n in range(FEWEST)]
    one_more = [*few, "more"]
    assert sketch(few).similarity(sketch(one_more)) > 0.8

    assert not sketch(few).is_duplicate(sketch(one_more))
    assert sketch(few).is_duplicate(sketch(few))


def test_unrelated_texts_are_never_together():
    sketches = {n: sketch(prose(n)) for n in range(50)}

    assert groups(sketches) == []


def test_altered_copies_are_found_among_many():
    sketches = {n: sketch(prose(n)) for n in range(50)}
    for n in range(20):
        sketches[50 + n] = sketch(altered(prose(n), 0.01, seed=n))

    assert groups(sketches) == [(n, 50 + n) for n in range(20)]


def test_case_punctuation_and_white_space_make_no_difference():
    one = "The Supplier, within 72 hours,\n  must notify. " * 10
    other = "the supplier within 72 HOURS must   notify " * 10

    assert Sketch.of([one]) == Sketch.of([other])


def test_scripts_without_spaces_are_compared_by_letters():
    words = "本协议自双方签字之日起生效供应商应在七十二小时内通知客户任何数据泄露事件并提供详细报告"

    changed = words.replace("七十二", "四十八")

    assert 0.5 < Sketch.of([words]).similarity(Sketch.of([changed])) < 1.0


def test_a_text_of_any_length_is_kept_in_little():
    assert len(Sketch.of(["rail freight"] * 200_000).to_bytes()) <= 4 + 8 * HASHES
