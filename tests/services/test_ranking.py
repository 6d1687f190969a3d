import logging

import pytest

from docqa.errors import StorageFullError
from docqa.services.evidence import PackEvidence
from docqa.services.publishing import Publisher
from docqa.services.ranking import PassageRanker
from tests.services import parts
from tests.services.meaning import FakeEmbedder

QUESTION = "Within how many hours must the Supplier inform the Customer of an incident?"


@pytest.fixture
def embedder():
    return FakeEmbedder()


@pytest.fixture
def ranker(app, embedder):
    return PassageRanker(app.store, embedder)


def words(app, question, k=10):
    hits = app.store.search.search(parts.workspace(app), question, k=k)
    return [(hit.score, hit.passage_id) for hit in hits]


def test_without_an_embedder_passages_are_ranked_by_words(app):
    ranker = PassageRanker(app.store)

    found = ranker.rank(parts.workspace(app), QUESTION, 10)

    assert found == words(app, QUESTION)
    assert not ranker.semantic
    assert ranker.likeness(QUESTION, ()) is None


def test_with_one_the_same_passages_come_in_the_order_of_words_and_meaning(app, ranker):
    found = ranker.rank(parts.workspace(app), QUESTION, 10)

    assert {key for _, key in found} == {key for _, key in words(app, QUESTION)}
    assert [score for score, _ in found] != [score for score, _ in words(app, QUESTION)]
    assert parts.BREACH in app.store.documents.passage(found[0][1]).passage.text


def test_asked_for_one_passage_the_best_of_many_is_given(app, ranker):
    [first] = ranker.rank(parts.workspace(app), QUESTION, 1)

    assert first == ranker.rank(parts.workspace(app), QUESTION, 10)[0]


def test_a_passage_is_embedded_once_and_then_known(app, embedder):
    workspace_id = parts.workspace(app)
    first = PassageRanker(app.store, embedder).rank(workspace_id, QUESTION, 10)
    asked = len(embedder.asked)

    again = PassageRanker(app.store, embedder).rank(workspace_id, QUESTION, 10)

    assert asked > 1
    assert embedder.asked[asked:] == [QUESTION]
    assert [key for _, key in again] == [key for _, key in first]


def test_a_question_is_embedded_once(app, ranker, embedder):
    ranker.prepare()
    ranker.rank(parts.workspace(app), QUESTION, 10)
    ranker.rank(parts.workspace(app), QUESTION, 10)

    assert embedder.asked.count(QUESTION) == 1


def test_documents_in_a_language_it_does_not_know_are_ranked_by_words(app, ranker, embedder):
    with app.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE versions SET language = 'fi' WHERE kind != 'code'")

    found = ranker.rank(parts.workspace(app), QUESTION, 10)

    assert found == words(app, QUESTION)
    assert embedder.asked == [QUESTION]
    passages = [app.store.documents.passage(found[0][1])]
    assert ranker.likeness(QUESTION, passages) is None


def test_an_embedder_that_fails_is_not_asked_again_and_words_go_on(app, ranker, embedder, caplog):
    embedder.broken = True

    with caplog.at_level(logging.WARNING):
        found = [ranker.rank(parts.workspace(app), QUESTION, 10) for _ in range(2)]

    assert found == [words(app, QUESTION)] * 2
    assert ranker.trouble == "re-ranking by meaning does not work: out of memory"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_one_that_fails_in_the_middle_of_an_answer_leaves_it_to_the_words(app, ranker, embedder):
    [(_, key)] = ranker.rank(parts.workspace(app), QUESTION, 1)
    likeness = ranker.likeness(QUESTION, [app.store.documents.passage(key)])
    assert likeness is not None

    embedder.broken = True

    assert likeness(["a sentence"]) == ()
    assert not ranker.semantic


def test_a_full_disk_does_not_keep_anyone_from_an_answer(app, ranker, monkeypatch):
    def full(model, vectors):
        raise StorageFullError(app.settings.home)

    monkeypatch.setattr(app.store.vectors, "save", full)

    assert len(ranker.rank(parts.workspace(app), QUESTION, 10)) == len(words(app, QUESTION))


def test_evidence_is_ranked_by_meaning_and_claims_are_held_to_the_words(app, ranker, embedder):
    pack = Publisher(app.store).pack(parts.workspace(app))
    evidence = PackEvidence(app.store, pack, ranker=ranker)

    by_words = evidence.search(QUESTION, 3)
    assert embedder.asked == []
    ranked = evidence.rank(QUESTION, 3)

    assert [each.passage_id for each in by_words] == [key for _, key in words(app, QUESTION, 3)]
    assert parts.BREACH in ranked[0].passage.passage.text
    assert evidence.likeness(QUESTION, ranked) is not None


def test_an_app_with_an_embedder_asks_it_in_search_and_in_quotes(home, open_app, monkeypatch):
    embedder = FakeEmbedder()
    monkeypatch.setattr("docqa.bootstrap.create_embedder", lambda semantic: embedder)
    app = open_app(home, engine="extractive")
    workspace_id = parts.workspace(app)

    [first, *_] = app.searching.search(workspace_id, QUESTION)
    assert parts.BREACH in first.text
    assert QUESTION in embedder.asked

    embedder.asked.clear()
    answer = parts.ask(app, QUESTION)
    assert "72 hours" in answer.text
    assert any("72 hours" in text for text in embedder.asked)


def test_setting_semantic_to_off_leaves_everything_to_the_words(home, open_app):
    app = open_app(home, semantic="off")

    assert app.searching.search(parts.workspace(app), QUESTION)
    assert [routine.name for routine in app.jobs._routines if routine.name == "embedder"] == []
