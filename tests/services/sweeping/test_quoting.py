from tests.services import parts
from tests.services.parts import ask, documents, workspace
from tests.services.sweeping.conftest import CITIES, QUESTION, code_of


def test_a_sweep_without_a_model_quotes_the_best_sentences_of_every_part(open_app, home):
    app = open_app(home, engine="extractive")

    answer = ask(app, QUESTION, mode="sweep")

    assert (answer.status, answer.mode, answer.engine) == ("quoted", "sweep", "extractive")
    assert all(code_of(city) in answer.text for city in CITIES)
    assert len({one.document_id for one in answer.citations}) == len(CITIES)
    assert {report.status for report in answer.shards} == {"asked"}
    assert sum(report.citations for report in answer.shards) == len(answer.citations)
    assert answer.coverage.complete
    assert "no model" in answer.mode_reason


def test_quotes_of_a_large_document_come_from_the_part_they_stand_in(open_app, home, monkeypatch):
    monkeypatch.setattr("docqa.services.sweeping.quoting.SHARD_TOKENS", 600)
    app = open_app(home, engine="extractive")

    answer = ask(app, QUESTION, mode="sweep")

    assert len(answer.shards) > len(CITIES)
    assert all(answer.text.count(code_of(city)) == 1 for city in CITIES)
    for citation in answer.citations:
        holding = [r for r in answer.shards if r.first_label <= citation.label <= r.last_label]
        assert [report.citations for report in holding] != [0]


def test_only_documents_in_scope_are_quoted(open_app, home):
    app = open_app(home, engine="extractive")
    rome = documents(app)["03-rome.md"]

    answer = ask(app, QUESTION, mode="sweep", scope=[rome.id])

    assert {one.document for one in answer.citations} == {"03-rome.md"}


def test_nothing_that_meets_the_question_is_not_found(open_app, home):
    app = open_app(home, engine="extractive")

    answer = ask(app, "Zirconium dosimeters?", mode="sweep")

    assert (answer.status, answer.text) == ("not_found", "")
    assert answer.coverage.complete


def test_a_sweep_in_quotes_can_be_stopped(open_app, home, monkeypatch):
    monkeypatch.setattr("docqa.services.sweeping.quoting.SHARD_TOKENS", 600)
    monkeypatch.setattr("docqa.services.sweeping.quoting.SAVE_S", 0.0)
    app = open_app(home, engine="extractive")
    search = app.store.search.search
    searched = []

    def stopping(*given, **facts):
        searched.append(given)
        if len(searched) == 3:
            app.answering.stop(app.conversations.running(workspace(app))[0].id)
        return search(*given, **facts)

    monkeypatch.setattr(app.store.search, "search", stopping)

    answer = ask(app, QUESTION, mode="sweep")

    assert answer.status == "stopped"
    assert [report.status for report in answer.shards].count("asked") == 3
    assert not answer.coverage.complete
    parts.close(app)
