from hypothesis import given
from hypothesis import strategies as st

from docqa.core.escaping import encodable, escape
from docqa.engines.sglang.prefix_ids import PrefixIds
from docqa.tokenizers.registry import tokenizer
from tests.core.hostile import texts as hostile_texts
from tests.engines.sglang.conftest import Corpus, corpus


def stored(folder, asked):
    found = list(PrefixIds(folder, tokenizer("llama4")).stored(asked.prefix()))
    return found[-1]


def ids_of(kept):
    return [number for chunk in kept.read(0, kept.count) for number in chunk]


def test_the_ids_of_a_pack_are_those_of_its_text(tmp_path):
    asked = corpus(1, 2, 3)

    kept = stored(tmp_path, asked)

    assert ids_of(kept) == tokenizer("llama4").encode("".join(asked.texts))


def test_only_new_segments_are_ever_read_and_tokenized(tmp_path):
    stored(tmp_path, corpus(1, 2))
    grown = corpus(1, 2, 3)

    kept = stored(tmp_path, grown)

    assert grown.read == [3]
    assert ids_of(kept) == tokenizer("llama4").encode("".join(grown.texts))


def test_a_pack_that_is_there_is_not_read_at_all(tmp_path):
    stored(tmp_path, corpus(1, 2))
    again = corpus(1, 2)

    stored(tmp_path, again)

    assert again.read == []


def test_an_older_version_is_the_beginning_of_what_is_there(tmp_path):
    stored(tmp_path, corpus(1, 2, 3))

    kept = stored(tmp_path, corpus(1, 2))

    assert ids_of(kept) == tokenizer("llama4").encode("".join(corpus(1, 2).texts))


def test_what_was_cut_off_while_it_was_written_is_written_again(tmp_path):
    stored(tmp_path, corpus(1, 2))
    ids, index = next(tmp_path.glob("*.ids")), next(tmp_path.glob("*.index"))
    with ids.open("ab") as file:
        file.write(b"\1\2\3\4\5")
    with index.open("a") as file:
        file.write("0123456789abcdef 12")

    kept = stored(tmp_path, corpus(1, 2, 3))

    assert ids_of(kept) == tokenizer("llama4").encode("".join(corpus(1, 2, 3).texts))


def test_ids_of_another_pack_under_the_same_name_are_made_anew(tmp_path):
    stored(tmp_path, corpus(1, 2))

    kept = stored(tmp_path, corpus(1, 5))

    assert ids_of(kept) == tokenizer("llama4").encode("".join(corpus(1, 5).texts))


@given(st.lists(hostile_texts, max_size=4), st.integers(0, 4))
def test_whatever_the_segments_hold_their_ids_join_to_those_of_the_whole(
    tmp_path_factory, bodies, cut
):
    folder = tmp_path_factory.mktemp("ids")
    texts = ["<a>\n"]
    texts += [f"<document>\n{encodable(escape(body))}\n</document>\n" for body in bodies]
    stored(folder, Corpus(texts[: 1 + cut]))

    kept = stored(folder, Corpus(texts))

    assert ids_of(kept) == tokenizer("llama4").encode("".join(texts))


def test_a_part_of_the_ids_is_read_without_the_rest(tmp_path):
    kept = stored(tmp_path, corpus(1, 2))
    ids = ids_of(kept)

    part = [number for chunk in kept.read(7, 19) for number in chunk]

    assert part == ids[7:19]
