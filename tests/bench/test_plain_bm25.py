from docqa.bench.plain_bm25 import PlainBM25


def test_texts_are_ranked_by_their_words_each_key_once():
    index = PlainBM25(
        [
            ("a", "the cat sat on the mat"),
            ("b", "a cat, a CAT and a dog"),
            ("a", "dog"),
            ("c", "nothing of it"),
        ]
    )

    assert index.ranked("cat") == ["b", "a"]
    assert index.ranked("zebra") == []
