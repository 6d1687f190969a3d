from dataclasses import replace

import pytest

from docqa.core.checklists import Checklist, Requirement
from docqa.errors import (
    BuiltInChecklistError,
    ChecklistError,
    NameTakenError,
    StaleError,
    UnknownItemError,
)
from docqa.services.builtin_checklists import builtin
from docqa.services.checklists import FORMATS, MAX_BYTES, ChecklistService
from docqa.store.store import Store

MINE = Checklist("mine", "Mine", "1", "", (Requirement("r1", "Is it encrypted?"),))


@pytest.fixture
def service(tmp_path):
    with Store(tmp_path) as store:
        yield ChecklistService(store, "ada")


def test_built_in_checklists_stand_before_ones_own(service):
    service.save(MINE)

    listed = service.all()

    assert [info.id for info in listed if info.builtin] == list(builtin())
    assert listed[-1].id == "mine"
    assert (listed[-1].requirements, listed[-1].updated_by) == (1, "ada")


def test_both_kinds_are_found_by_their_ids(service):
    service.save(MINE)

    assert service.get("mine") == MINE
    assert service.get("nda-rules") is builtin()["nda-rules"]
    assert service.info("nda-rules").builtin
    with pytest.raises(UnknownItemError):
        service.get("nothing")


def test_a_save_names_the_revision_it_changes(service):
    saved = service.save(MINE)
    service.save(replace(MINE, title="Changed"), revision=saved.revision)

    with pytest.raises(StaleError, match="ada"):
        service.save(replace(MINE, title="Late"), revision=saved.revision)
    with pytest.raises(NameTakenError):
        service.save(MINE)

    assert service.get("mine").title == "Changed"


@pytest.mark.parametrize("identity", ["nda-rules", "NDA-Rules"])
def test_the_ids_of_built_in_checklists_are_theirs(service, identity: str):
    with pytest.raises(BuiltInChecklistError):
        service.save(replace(MINE, id=identity))
    with pytest.raises(BuiltInChecklistError):
        service.delete(identity)


def test_what_breaks_the_rules_is_not_saved(service):
    with pytest.raises(ChecklistError, match="row 2"):
        service.save(replace(MINE, requirements=MINE.requirements * 2))

    assert [info for info in service.all() if not info.builtin] == []


def test_a_copy_of_a_built_in_checklist_can_be_changed_and_deleted(service):
    copy = service.duplicate("nda-rules", "our-rules", "Our rules").checklist

    assert copy == replace(builtin()["nda-rules"], id="our-rules", title="Our rules")
    service.delete("our-rules")
    with pytest.raises(UnknownItemError):
        service.get("our-rules")


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_exported_can_be_imported(service, kind):
    data = service.export(builtin()["nda-rules"], kind)

    assert service.import_bytes(f"Rules.{kind.upper()}", data) == builtin()["nda-rules"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rules.xls", b"x"),
        ("rules", b"x"),
        ("big.yaml", b"#" * (MAX_BYTES + 1)),
        ("empty.yaml", b""),
        ("empty.csv", b""),
        ("empty.xlsx", b""),
        ("picture.csv", bytes(range(256)) * 40),
        ("picture.yaml", bytes(range(256)) * 40),
        ("picture.xlsx", b"PK\x03\x04" + bytes(range(256))),
    ],
)
def test_files_that_are_no_checklists_are_refused_in_words(service, name: str, data: bytes):
    with pytest.raises(ChecklistError) as caught:
        service.import_bytes(name, data)

    assert caught.value.problems
