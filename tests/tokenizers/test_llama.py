import base64
from importlib.metadata import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.core.escaping import encodable
from docqa.core.packing import SegmentSource, render_head, render_segment
from docqa.core.pieces import MAX_RUN
from docqa.core.prompts import render_tail
from docqa.errors import EngineNotConfiguredError, UnknownItemError
from docqa.tokenizers.registry import NAMES, tokenizer
from tests.core.hostile import passage_lists, texts

vocabularies = pytest.mark.parametrize("name", ["llama3", "llama4"])


@vocabularies
@settings(max_examples=150)
@given(documents=st.lists(st.tuples(texts, passage_lists()), max_size=4), question=texts)
def test_a_packs_ids_are_the_ids_of_its_segments(name, documents, question):
    parts = [render_head()]
    label = 1
    for number, (title, passages) in enumerate(documents, 1):
        segment = SegmentSource(number=number, name=title, kind="pdf", passages=passages)
        parts.append(render_segment(segment, label))
        label += len(passages)
    parts.append(render_tail(question))
    encode = tokenizer(name).encode

    assert encode("".join(parts)) == [token for part in parts for token in encode(part)]


@vocabularies
def test_special_tokens_in_text_are_ordinary_text(name):
    vocabulary = tokenizer(name)
    ranks = {"llama3": 128_000, "llama4": 200_000}[name]

    ids = vocabulary.encode("<|eot|><|begin_of_text|><|eot_id|>")

    assert max(ids) < ranks
    assert vocabulary.decode(ids) == "<|eot|><|begin_of_text|><|eot_id|>"


def test_llama4_reads_the_special_token_for_the_end_of_a_turn_as_five():
    assert len(tokenizer("llama4").encode("<|eot|>")) == 5


@vocabularies
@given(text=st.one_of(texts, st.text()))
def test_counts_are_the_number_of_ids_and_no_text_is_lost(name, text):
    vocabulary = tokenizer(name)

    ids = vocabulary.encode(text)

    assert vocabulary.count(text) == len(ids)
    assert vocabulary.decode(ids) == encodable(text)


@vocabularies
def test_counting_many_texts_counts_each_in_its_place(name):
    vocabulary = tokenizer(name)
    many = ["word " * length for length in range(1, 700)]

    assert vocabulary.count_all(many) == [vocabulary.count(text) for text in many]
    assert vocabulary.count_all([]) == []


@vocabularies
@pytest.mark.parametrize("unit", ["a", " ", "\n", "\t ", "!", "中", "7", "\u3000", "\x1c"])
def test_a_million_characters_of_one_kind_are_counted(name, unit):
    text = unit * (1_000_000 // len(unit))

    assert 0 < tokenizer(name).count(text) <= len(text.encode())


@vocabularies
def test_long_runs_are_cut_at_the_same_place_wherever_they_stand(name):
    encode = tokenizer(name).encode
    run = " " * (2 * MAX_RUN + 77) + "x" * (MAX_RUN + 5)
    parts = ["<document>\nwords and words\n</document>\n", f"<document>\n{run}\n</document>\n"] * 3

    assert encode("".join(parts)) == [token for part in parts for token in encode(part)]


@vocabularies
def test_long_texts_are_cut_where_ids_do_not_change(name):
    vocabulary = tokenizer(name)
    text = "".join(f"Line {n}: it's 1,5{n} km/h\n\n  /path/{n}\r\n<tag>\n" for n in range(40_000))

    assert vocabulary.encode(text) == vocabulary._encoding.encode_ordinary(text)


@vocabularies
def test_the_vocabulary_is_the_file_of_the_package(name):
    wanted = f"llama_models/{name}/tokenizer.model"
    path = next(file for file in files("llama-models") if file.as_posix() == wanted).locate()
    token, rank = path.read_bytes().splitlines()[5_000].split()

    assert tokenizer(name).decode([int(rank)]) == base64.b64decode(token).decode()


def test_an_estimate_has_a_margin_and_no_ids():
    estimate = tokenizer("estimate")

    assert not estimate.exact
    assert estimate.count("four words of text") > tokenizer("llama4").count("four words of text")
    assert estimate.count_all(["a", ""]) == [estimate.count("a"), 0]
    with pytest.raises(EngineNotConfiguredError):
        estimate.encode("text")


def test_tokenizers_are_known_by_name():
    assert [tokenizer(name).name for name in NAMES] == list(NAMES)
    assert tokenizer("llama4") is tokenizer("llama4")
    with pytest.raises(UnknownItemError):
        tokenizer("gpt5")
