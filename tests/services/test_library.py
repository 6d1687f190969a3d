import pytest

from docqa.errors import UnknownItemError
from tests.services.parts import CODE, documents, upload, workspace


def test_the_text_of_a_file_is_as_it_was_read(app):
    retry = documents(app)["orbit/retry.py"]

    assert app.library.text(retry.version_id) == CODE
    assert app.library.original(retry.version_id).read_text("utf-8") == CODE


def test_text_in_an_old_encoding_is_decoded(empty):
    text = "Größe der Lieferung: fünf Kisten Äpfel für das Büro in Köln.\r\n" * 5

    upload(empty, "alt.txt", text.encode("cp1252"))

    document = documents(empty)["alt.txt"]
    assert empty.library.text(document.version_id) == text.replace("\r\n", "\n")


def test_documents_are_found_by_name_or_number(app):
    runbook = documents(app)["runbook.md"]

    assert app.library.by_name(workspace(app), "runbook.md") == runbook
    assert app.library.by_name(workspace(app), str(runbook.id)) == runbook
    with pytest.raises(UnknownItemError, match=r"there is no document 'nowhere\.md'"):
        app.library.by_name(workspace(app), "nowhere.md")
    with pytest.raises(UnknownItemError):
        app.library.document(999)


def test_questions_are_suggested_from_headings(app):
    questions = app.library.suggested_questions(workspace(app))

    assert all(question.endswith("?") for question in questions)
    assert any("Dispatcher" in question for question in questions)


def test_documents_of_one_workspace_are_not_seen_in_another(app):
    other = app.workspaces.create("other").id

    assert app.library.documents(other) == ()
    assert app.searching.search(other, "breach") == ()


def test_search_ranks_and_places_what_it_finds(app):
    found = app.searching.search(workspace(app), "personal data breach", k=3)

    assert [result.rank for result in found] == list(range(1, len(found) + 1))
    assert [result.score for result in found] == sorted(
        (result.score for result in found), reverse=True
    )
    assert (found[0].document, found[0].page, found[0].lines) == ("agreement.pdf", 1, None)
    assert found[0].rects


def test_search_takes_any_words(app):
    for query in ('"', "a AND (b OR", "NEAR(", "*", "col:x", "\x00", "-", "’", "x" * 30_000):
        app.searching.search(workspace(app), query)
