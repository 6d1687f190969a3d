import pytest

from docqa.services.sweeping import quoting
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


def vault_list(first, count=60):
    """A document whose passages all meet the question, better than any other."""
    sections = (
        f"## Vault {n}\n\nThe access code of the vault is {first + n}." for n in range(count)
    )
    return ("# Keys\n\n" + "\n\n".join(sections) + "\n").encode()


ROME = "The access code of the vault in Rome, kept by the clerk, is 77777."


@pytest.mark.parametrize("tokens", [2_000, 4_200, 8_192, 16_384])
def test_a_replaced_document_hides_nothing_of_others_in_its_part(
    open_app, empty_home, tmp_path, monkeypatch, tokens
):
    monkeypatch.setattr(quoting, "SHARD_TOKENS", tokens)
    app = open_app(empty_home, engine="extractive")
    days = (f"## Day {n}\n\nPallets are counted on day {n} by a clerk." for n in range(40))
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "a.md").write_bytes(vault_list(1_000))
    (folder / "b.md").write_text("\n\n".join(("# Rome", ROME, *days)))
    parts.ingest(app, folder)
    (folder / "a.md").write_bytes(vault_list(5_000))
    parts.ingest(app, folder)

    answer = ask(app, "What is the access code of the vault?", mode="sweep")

    assert ROME in answer.text
    assert "is 5000." in answer.text
    assert "is 1000." not in answer.text


def test_every_part_of_one_large_document_is_read(open_app, empty_home, monkeypatch):
    monkeypatch.setattr(quoting, "SHARD_TOKENS", 500)
    app = open_app(empty_home, engine="extractive")
    parts.upload(app, "a.md", vault_list(5_000, 90) + f"\n\n## Rome\n\n{ROME}\n".encode())
    searched = []
    search = app.store.search.search

    def counting(*given, **facts):
        searched.append(facts["k"])
        return search(*given, **facts)

    monkeypatch.setattr(app.store.search, "search", counting)

    answer = ask(app, "What is the access code of the vault?", mode="sweep")

    assert len(answer.shards) > 5
    assert all(report.citations for report in answer.shards)
    assert "77777" in answer.text
    assert len(searched) <= 2


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
    best_sentences = quoting.best_sentences
    read = []

    def stopping(question, lot, *given, **facts):
        read.append(lot)
        if len(read) == 3:
            app.answering.stop(app.conversations.running(workspace(app))[0].id)
        return best_sentences(question, lot, *given, **facts)

    monkeypatch.setattr(quoting, "best_sentences", stopping)

    answer = ask(app, QUESTION, mode="sweep")

    assert answer.status == "stopped"
    asked = [report.status == "asked" for report in answer.shards]
    assert asked[0]
    assert not all(asked)
    assert not answer.coverage.complete
    parts.close(app)
