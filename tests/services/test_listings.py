import pytest

from tests.services.parts import CODE, upload, workspace


@pytest.fixture
def listed(app):
    """The documents of the workspace, as pages ask for them."""
    return lambda: app.library.documents(workspace(app))


def test_the_same_list_is_handed_out_while_nothing_changes(listed):
    assert listed() is listed()


def test_excluding_one_document_as_another_comes_back_is_seen(app, listed):
    first, second = listed()[:2]
    app.library.exclude(first.id)
    before = listed()

    app.library.exclude(second.id)
    app.library.include(first.id)

    assert [d.excluded for d in before[:2]] == [True, False]
    assert [d.excluded for d in listed()[:2]] == [False, True]


def test_a_new_version_is_seen(app, listed):
    before = listed()

    changed = CODE + "\n\nMOST = 3\n"
    upload(app, "retries.py", changed.encode(), on_conflict="replace")

    after = listed()
    assert after != before
    assert after == app.store.documents.all(workspace(app))


def test_what_a_repacking_takes_out_of_the_pack_is_seen(app, listed):
    gone = listed()[0]
    app.library.exclude(gone.id)
    assert listed()[0].published

    app.library.repack(workspace(app))

    assert not listed()[0].published
