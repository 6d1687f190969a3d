"""Code that an answer names, on the Ask page."""

from docqa.core.answers import Mention
from docqa.ui.mentions import in_code
from tests.pages.conftest import TEXT
from tests.pages.test_pages import said


def test_an_answer_that_names_code_is_shown(open_page, app, workspace, document):
    conversation = app.conversations.create(workspace.id)
    answer = app.store.conversations.add_answer(conversation.id, "Where is it?")
    found = Mention(4, 7, "symbol", "found", document.id, document.version_id, "a.py", (3, 3))
    unknown = Mention(15, 20, "symbol", "unknown")
    app.store.conversations.finish(
        answer, status="answered", text="See `run`, not `walk()`.", mentions=(found, unknown)
    )

    test = open_page(c=conversation.id)

    assert not test.exception
    assert not test.error


def test_an_address_restores_lines_in_the_version_that_they_were_found_in(
    open_page, app, workspace, document, tmp_path
):
    path = tmp_path / "holidays.md"
    path.write_text(TEXT.replace("30 days", "25 days"))
    job = app.ingestion.submit_paths(workspace.id, [path], on_conflict="replace")
    assert app.ingestion.wait(job).status == "done"
    place = in_code(document.id, (3, 3), version_id=document.version_id)

    test = open_page(**place)

    assert not test.exception
    assert "holidays.md</b>:L3 (version 1, superseded)" in said(test)
    assert list(test.query_params["r"]) == [str(document.version_id)]
