import pytest

from docqa.core.vectors import cosine
from tests.store.samples import bytes_under, code, pdf, publish, stage

MODEL = "small/1"
VECTOR = (0.6, 0.8)
SECRET_VECTOR = (0.28, 0.96)


def ids_of(store, version_id):
    passages = {
        (row.version_id, row.passage.ordinal): key
        for key, row in store.documents.passage_rows(range(1, 50)).items()
    }
    return [key for (version, _), key in sorted(passages.items()) if version == version_id]


@pytest.fixture
def passages(store):
    _, version_id = stage(store, "a.pdf", pdf("One text.", "Another text."))
    publish(store)
    return ids_of(store, version_id)


def test_a_vector_is_computed_once_and_then_there(store, passages):
    first, second = passages
    store.vectors.save(MODEL, {first: VECTOR})

    found = store.vectors.embeddable(MODEL, [first, second, 999])

    assert set(found) == {first, second}
    assert cosine(found[first].vector, VECTOR) == pytest.approx(1, abs=0.001)
    assert found[second].vector is None
    assert (found[second].heading, found[second].text) == ("Terms", "Another text.")


def test_a_passage_says_what_kind_and_language_its_document_has(store):
    _, version_id = stage(store, "a.py", code("def a(): ..."))

    [found] = store.vectors.embeddable(MODEL, ids_of(store, version_id)).values()

    assert (found.kind, found.language) == ("code", "python")


def test_another_models_vector_is_not_taken_for_this_ones_and_is_replaced(store, passages):
    first, _ = passages
    store.vectors.save("older/1", {first: VECTOR})

    assert store.vectors.embeddable(MODEL, [first])[first].vector is None

    store.vectors.save(MODEL, {first: VECTOR})

    assert store.vectors.embeddable(MODEL, [first])[first].vector is not None
    assert store.vectors.embeddable("older/1", [first])[first].vector is None


def test_a_passage_that_is_gone_meanwhile_is_passed_over(store, passages):
    first, _ = passages

    store.vectors.save(MODEL, {first: VECTOR, 999: VECTOR})
    store.vectors.save(MODEL, {})

    assert set(store.vectors.embeddable(MODEL, [first, 999])) == {first}


def test_erasing_a_document_erases_the_vectors_of_its_passages(store):
    from docqa.core.vectors import vector_bytes

    document_id, version_id = stage(store, "a.pdf", pdf("One text."))
    _, other_id = stage(store, "b.pdf", pdf("Another text."), content_hash="b" * 64)
    publish(store)
    [gone], [kept] = ids_of(store, version_id), ids_of(store, other_id)
    store.vectors.save(MODEL, {gone: SECRET_VECTOR * 50, kept: VECTOR})

    store.documents.erase(document_id)
    store.scrub()

    assert set(store.vectors.embeddable(MODEL, [gone, kept])) == {kept}
    assert vector_bytes(SECRET_VECTOR * 50) not in bytes_under(store.home)
