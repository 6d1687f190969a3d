import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.bench.prefix.corpus import build_corpus, read_documents
from docqa.bench.prefix.hints import PassageIndex
from docqa.core.packing import render_head
from docqa.errors import EmptyFileError, InputError
from docqa.tokenizers.registry import tokenizer

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture(scope="module")
def documents():
    return read_documents(SAMPLES)


def text_of(prefix):
    return "".join(prefix.read_text())


@given(tokens=st.integers(500, 30_000))
@settings(max_examples=15, deadline=None)
def test_a_corpus_has_the_tokens_asked_for_and_is_counted_exactly(tokens):
    llama4 = tokenizer("llama4")

    corpus = build_corpus(read_documents(SAMPLES), tokens, llama4)

    assert tokens - 40 <= corpus.token_count <= tokens
    assert corpus.token_count == llama4.count(text_of(corpus.salted()))


def test_two_salts_share_nothing_but_the_tag(documents):
    corpus = build_corpus(documents, 1_000, tokenizer("llama4"))

    one, other = corpus.salted(), corpus.salted()

    texts = text_of(one), text_of(other)
    assert texts[0] != texts[1]
    assert texts[0].split("\n", 1)[1] == texts[1].split("\n", 1)[1]
    assert texts[0].split("\n", 1)[1].startswith(render_head())
    assert one.family != other.family
    assert one.token_count == other.token_count
    assert set(one.piece_hashes()).isdisjoint(other.piece_hashes())


def test_the_text_is_the_same_every_time(documents):
    texts = [
        "".join(build_corpus(read_documents(SAMPLES), 5_000, tokenizer("llama4")).segments)
        for _ in range(2)
    ]

    assert texts[0] == texts[1]


def test_a_prefix_is_read_from_any_piece_on(documents):
    prefix = build_corpus(documents, 20_000, tokenizer("llama4")).salted()

    pieces = list(prefix.read_text())

    assert len(pieces) > 3
    assert len(prefix.piece_hashes()) == len(pieces)
    assert prefix.piece_hashes()[-1] == prefix.hash
    assert list(prefix.pieces(2)) == pieces[2:]


def test_every_piece_begins_and_ends_as_segments_do(documents):
    prefix = build_corpus(documents, 20_000, tokenizer("llama4")).salted()

    assert all(piece.startswith("<") and piece.endswith(">\n") for piece in prefix.read_text())


def test_more_tokens_than_the_folder_holds_are_made_of_changed_copies(documents):
    corpus = build_corpus(documents, 40_000, tokenizer("llama4"))

    assert len(corpus.segments) > len(documents)
    assert len(set(corpus.segments)) == len(corpus.segments)


def test_so_few_tokens_that_no_document_fits_are_refused(documents):
    with pytest.raises(InputError, match="holds no document"):
        build_corpus(documents, 200, tokenizer("llama4"))


def test_a_folder_without_documents_is_refused(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    with pytest.raises(EmptyFileError):
        read_documents(tmp_path)


def test_no_two_questions_are_alike_and_they_repeat_from_run_to_run(documents):
    corpus = build_corpus(documents, 2_000, tokenizer("llama4"))

    first, second = (list(itertools.islice(corpus.questions(), 100)) for _ in range(2))

    assert first == second
    assert len(set(first)) == 100
    tails = list(corpus.tails(first, hints=False))
    assert len(set(tails)) == 100
    assert all(tail.startswith("<task>") for tail in tails)


def test_hints_are_passages_that_have_the_questions_words(documents):
    corpus = build_corpus(documents, 20_000, tokenizer("llama4"))
    index = PassageIndex(corpus.passages)

    meant = max(corpus.passages[:30], key=lambda packed: len(packed.passage.text))
    best = index.best(" ".join(meant.passage.text.split()[-25:]))

    assert 0 < len(best) <= 5
    assert meant in best
    assert index.best("xyzzy quux") == []
    tail = next(corpus.tails(corpus.questions(), hints=True))
    assert tail.startswith("<hints>")
