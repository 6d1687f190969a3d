import json

import pytest

from docqa.bench import meaning
from docqa.errors import EmbeddingError
from docqa.services.ranking import PassageRanker
from docqa.store.store import Store
from tests.services.meaning import FakeEmbedder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "nq_haystack"
    folder.mkdir()
    texts = ("Ravens build nests of sticks.", "Owls hunt mice at night.", "A ferry left the port.")
    parts = [f"## [{number:04}] title {number}\n\n{text}\n" for number, text in enumerate(texts, 1)]
    (folder / "haystack_60.md").write_text("# Passages\n\n" + "\n".join(parts))
    item = {"question": "Of what do ravens build nests?", "passage": 1, "answers": ["sticks"]}
    (folder / "items_60.json").write_text(json.dumps([item]))
    return tmp_path


def test_answers_by_words_and_by_meaning_are_told_side_by_side(data):
    lines = [meaning.measure(data, 60, each) for each in (None, FakeEmbedder())]

    assert [line.how for line in lines] == ["words", "words and meaning"]
    for line in lines:
        assert (line.right, line.shown, line.refused) == ([True], [True], [True])
        assert len(line.first_s) == len(line.again_s) == 1
    assert meaning.table(lines).row_count == 2


def test_the_ranking_bench_has_a_column_for_the_embedder_that_is_there(monkeypatch, tmp_path):
    monkeypatch.setattr(meaning, "create_embedder", lambda semantic: FakeEmbedder())
    with Store(tmp_path) as store:
        [(name, make)] = meaning.by_meaning().items()
        assert make(store).__self__.semantic
        assert isinstance(make(store).__self__, PassageRanker)
    assert name == "with meaning"

    monkeypatch.setattr(meaning, "create_embedder", lambda semantic: None)
    assert meaning.by_meaning() == {}


def test_without_the_extra_the_bench_says_what_to_type(monkeypatch, data):
    monkeypatch.setattr(meaning, "create_embedder", lambda semantic: None)

    with pytest.raises(EmbeddingError) as raised:
        meaning.main(data)

    assert "pip install torch" in raised.value.hint
