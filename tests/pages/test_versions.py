"""Versions of a document in the Library, and what changed between them."""

import pytest

from docqa.ui.state import Key
from tests.pages.test_pages import button, said

NEWER = """# Holiday policy

Employees have 28 days of paid leave in every year.

Unused days lapse on 31 March of the following year.

Sick days <b>never</b> count as leave.
"""


@pytest.fixture
def changed(app, workspace, document, tmp_path):
    """The document with a second version."""
    path = tmp_path / "holidays.md"
    path.write_text(NEWER)
    job = app.ingestion.submit_paths(workspace.id, [path], on_conflict="replace")
    assert app.ingestion.wait(job).status == "done"
    return app.library.document(document.id)


def words(test) -> str:
    """All text on the page, without Markdown's escapes."""
    return said(test).replace("\\", "")


def test_a_version_says_how_it_stands_to_the_pack(open_page, changed):
    test = open_page("library", d=changed.id, v=99, **{"from-to": "7-9"})
    assert not test.exception  # there are no such versions
    assert "it supersedes version 1 in the pack" in words(test)

    test.selectbox(key=f"version-{changed.id}").select(1).run()

    assert "superseded by version 2" in words(test)
    assert "stay in the pack until it is repacked" in words(test)
    assert test.query_params["v"] == "1"


def test_what_changed_is_listed_word_by_word_and_opens_where_it_is(open_page, changed):
    test = open_page("library", d=changed.id)

    button(test, f"compare-{changed.id}").click().run()

    assert "**1** changed, **1** added; 2 sentences stay as before." in said(test)
    assert "<del>30 </del><ins>28 </ins>" in said(test)
    assert "<ins>Sick days &lt;b&gt;never&lt;/b&gt; count as leave.</ins>" in said(test)
    assert test.query_params["from-to"] == "1-2"

    button(test, "change-0-before").click().run()
    assert test.session_state[Key.VERSION] == 1
    assert test.session_state[Key.CHANGE] == (0, "before")
    assert "superseded by version 2" in words(test)

    button(test, f"compare-{changed.id}").click().run()
    assert "<del>" not in said(test)
    assert not test.exception
