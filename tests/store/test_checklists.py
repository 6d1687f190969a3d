from dataclasses import replace

import pytest

from docqa.errors import NameTakenError, StaleError, UnknownItemError
from tests.store.reviewed import CHECKLIST


def test_a_checklist_is_kept_as_it_is(store):
    saved = store.checklists.save(CHECKLIST, user="anna", revision=None)

    assert saved.checklist == CHECKLIST
    assert (saved.revision, saved.updated_by) == (1, "anna")
    assert store.checklists.get("dpa") == saved
    assert store.checklists.all() == (saved,)


def test_a_new_checklist_does_not_take_the_place_of_another(store):
    saved = store.checklists.save(CHECKLIST, user="anna", revision=None)

    with pytest.raises(NameTakenError, match="there is already a checklist 'dpa'"):
        store.checklists.save(replace(CHECKLIST, title="Mine"), user="bert", revision=None)

    assert store.checklists.all() == (saved,)


def test_two_people_do_not_overwrite_each_others_checklist(store):
    store.checklists.save(CHECKLIST, user="anna", revision=None)
    store.checklists.save(replace(CHECKLIST, title="Of Bert"), user="bert", revision=1)

    with pytest.raises(StaleError, match="'bert' saved the checklist"):
        store.checklists.save(replace(CHECKLIST, title="Of Anna"), user="anna", revision=1)

    assert store.checklists.get("dpa").checklist.title == "Of Bert"
    assert store.checklists.get("dpa").revision == 2


def test_a_deleted_checklist_is_gone_and_cannot_be_saved_over(store):
    store.checklists.save(CHECKLIST, user="anna", revision=None)

    store.checklists.delete("dpa", user="bert")

    with pytest.raises(UnknownItemError):
        store.checklists.get("dpa")
    with pytest.raises(UnknownItemError):
        store.checklists.delete("dpa", user="bert")
    with pytest.raises(StaleError, match="was deleted"):
        store.checklists.save(CHECKLIST, user="anna", revision=1)


def test_saving_and_deleting_are_on_record_without_words(store):
    store.checklists.save(CHECKLIST, user="anna", revision=None)
    store.checklists.delete("dpa", user="bert")

    saved, deleted = store.audit.entries()
    assert [(entry.user, entry.action) for entry in (saved, deleted)] == [
        ("anna", "checklist.saved"),
        ("bert", "checklist.deleted"),
    ]
    assert saved.detail["requirements"] == 3
    assert saved.detail["sha256"] == deleted.detail["before_sha256"]
    assert "dpa" not in str(store.audit.entries())
