from types import SimpleNamespace

import pytest

from docqa.ui import sources
from docqa.ui.state import Key


def document(number: int, source: int, **changes):
    fields = {
        "id": number,
        "source_id": source,
        "status": "ready",
        "published": True,
        "excluded": False,
        "kind": "code",
    }
    return SimpleNamespace(**(fields | changes))


@pytest.fixture
def off(monkeypatch):
    """Switch rows of the list off."""

    def switch(*numbers: int) -> None:
        monkeypatch.setattr(sources.st, "session_state", {Key.OFF: frozenset(numbers)})

    switch()
    return switch


MANY = [document(n, 7) for n in range(1, sources.FOLDED + 2)]
FEW = [document(9_001, 8), document(9_002, 9)]


def test_a_source_of_many_files_is_switched_off_as_a_whole(off):
    off(-7, 9_002)

    assert sources.folded([*MANY, *FEW]) == {7}
    assert sources.scope([*MANY, *FEW]) == (9_001,)


def test_all_documents_are_in_scope_where_nothing_is_switched_off(off):
    assert sources.scope([*MANY, *FEW]) == ()
    assert not sources.none_chosen(FEW)


def test_a_few_documents_keep_a_row_each(off):
    off(9_001)

    assert sources.folded(FEW) == frozenset()
    assert sources.scope(FEW) == (9_002,)


def test_a_source_that_is_off_as_one_row_stays_off_while_an_update_stages_files(off):
    old = [document(n, 7) for n in range(1, sources.FOLDED)]
    new = [document(n, 7, status="staged") for n in range(1_001, 1_003)]
    documents = [*old, *new, *FEW]
    off(-7)

    assert sources.folded(sources.listed(documents)) == {7}
    assert sources.scope(documents) == (9_001, 9_002)
    assert sources.none_chosen([*old, *new])


def test_what_is_asked_about_is_what_the_one_row_of_a_source_shows(off):
    off(1)  # from when its source had a row for each document

    assert sources.scope([*MANY, *FEW]) == ()


def test_the_map_of_a_codebase_is_not_asked_about(off):
    listed = [*FEW, document(9_003, 8, kind="map")]

    assert sources.listed(listed) == FEW
