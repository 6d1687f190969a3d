"""Duplicates in the Library: found, told with what they cost, excluded on demand."""

import pytest

from docqa.ui.state import Key
from tests.pages.test_pages import button, has_button, said

CLAUSES = "\n\n".join(f"Clause {n}: depot {n} takes freight of {n * 3} first." for n in range(60))


@pytest.fixture
def filled(app, workspace, tmp_path):
    for name, text in (("a.md", CLAUSES), ("b.md", CLAUSES), ("c.md", CLAUSES + "\n\nSigned.")):
        (tmp_path / name).write_text(text)
        job = app.ingestion.submit_paths(workspace.id, [tmp_path / name])
        assert app.ingestion.wait(job).status == "done"


def found(test, app):
    """The page once all documents have been compared."""
    app.jobs.wait(test.session_state[Key.DUPLICATES])
    return test.run()


def test_duplicates_are_found_and_excluded_when_the_user_says_so(
    open_page, app, workspace, document, filled
):
    test = open_page("library")
    button(test, "find-duplicates").click().run()
    test = found(test, app)

    assert "2 documents can be spared" in said(test)
    assert "the same file" in said(test)
    assert "% alike" in said(test)
    assert not any(each.excluded for each in app.library.documents(workspace.id))

    button(test, "exclude-group-0").click().run()

    states = {each.name: each.status for each in app.library.documents(workspace.id)}
    assert states == {
        "a.md": "ready",
        "b.md": "excluded",
        "c.md": "excluded",
        "holidays.md": "ready",
    }
    assert "No two documents say the same" in said(test)


def test_the_newest_is_kept_if_that_is_chosen_and_any_can_be_opened(
    open_page, app, workspace, filled
):
    test = open_page("library")
    button(test, "find-duplicates").click().run()
    test = found(test, app)
    number = app.library.by_name(workspace.id, "b.md").id

    button(test, f"open-duplicate-{number}").click().run()
    assert test.session_state[Key.DOCUMENT] == number

    test.selectbox(key="keep").select("The newest").run()
    button(test, "exclude-duplicates").click().run()

    states = {each.name: each.status for each in app.library.documents(workspace.id)}
    assert states == {"a.md": "excluded", "b.md": "excluded", "c.md": "ready"}
    button(test, "hide-duplicates").click().run()
    assert has_button(test, "find-duplicates")
