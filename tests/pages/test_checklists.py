"""The Checklists page: the list, the editor, files in and out."""

from dataclasses import replace

import pytest

from docqa.core.checklists import Checklist, Requirement
from docqa.services.checklist_files import csv_file

MINE = Checklist(
    "mine", "Our *rules*", "1", "", (Requirement("r1", "Is it encrypted?", look_for=("AES",)),)
)


def field(elements, key: str):
    return next(element for element in elements if str(element.key).startswith(key))


def press(test, key: str):
    return field(test.button, key).click().run()


def said(test) -> str:
    kinds = ("markdown", "caption", "error", "warning", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(test, kind))


@pytest.fixture
def page(open_page):
    return lambda **params: open_page("checklists", **params)


@pytest.fixture
def mine(app):
    return app.checklists.save(MINE, user="ada")


def test_built_in_checklists_are_listed_and_can_be_read(page):
    test = press(page(), "checklist-nda-rules")

    assert not test.exception
    assert [element.value for element in test.subheader] == [
        "Rules for non\\-disclosure agreements"
    ]
    assert len(test.dataframe[0].value) == 17
    assert not test.data_editor


def test_a_requirement_is_read_in_full_when_it_is_chosen(page):
    test = page(k="nda-rules")
    test.session_state["checklist-read-nda-rules"] = {"selection": {"rows": [8], "columns": []}}

    test.run()

    assert not test.exception
    assert "Met if reverse engineering or an equivalent" in said(test).replace("\\", "")


def test_a_review_can_be_begun_with_it(page, document):
    test = press(page(k="nda-rules"), "review-with")

    assert not test.exception
    assert field(test.selectbox, "review-checklist").value == "nda-rules"


def test_the_address_names_the_checklist(page, mine):
    test = page(k="mine")

    assert field(test.text_input, "checklist-title").value == "Our *rules*"
    assert "".join(test.query_params["k"]) == "mine"


def test_an_address_of_no_checklist_shows_another(page):
    test = page(k="../etc/passwd")

    assert not test.exception
    assert test.subheader


def test_saving_changes_the_fields_and_the_rows(page, mine, app):
    test = page(k="mine")
    field(test.text_input, "checklist-version").set_value("2")
    test.session_state["checklist-rows-mine-1"] = {
        "edited_rows": {0: {"text": "Is it encrypted at rest?", "kind": "text"}},
        "added_rows": [{"id": "r2", "text": "Who owns it?", "verdicts": ["met", "not_found"]}],
        "deleted_rows": [],
    }
    test.run()

    press(test, "save-checklist")

    assert not test.exception
    saved = app.checklists.get("mine")
    assert saved.version == "2"
    assert saved.requirements == (
        Requirement("r1", "Is it encrypted at rest?", kind="text", look_for=("AES",)),
        Requirement("r2", "Who owns it?", verdicts=("met", "not_found")),
    )


def test_bad_rows_are_named_and_nothing_is_saved(page, mine, app):
    test = page(k="mine")
    test.session_state["checklist-rows-mine-1"] = {
        "edited_rows": {},
        "added_rows": [{"id": "r1", "text": "Again?"}, {"id": "r3"}],
        "deleted_rows": [],
    }
    test.run()

    press(test, "save-checklist")

    shown = said(test).replace("\\", "")
    assert "row 2 (id 'r1'): row 1 has this id already" in shown
    assert "row 3 (id 'r3'): text is missing" in shown
    assert app.checklists.get("mine") == MINE


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(page, mine, app):
    test = page(k="mine")
    app.checklists.save(replace(MINE, title="Theirs"), user="bob", revision=1)
    field(test.text_input, "checklist-version").set_value("2").run()

    press(test, "save-checklist")

    assert app.checklists.get("mine").title == "Theirs"
    assert "since you opened it" in said(test)
    press(test, "reread-checklist")
    assert field(test.text_input, "checklist-title").value == "Theirs"


def test_a_new_checklist_begins_empty_and_is_kept_when_it_is_whole(page, app):
    test = press(page(), "new-checklist")
    assert field(test.button, "save-checklist").disabled
    field(test.text_input, "checklist-title").set_value("House rules")
    field(test.text_input, "checklist-id").set_value("house")
    test.session_state["checklist-rows-new-0"] = {
        "edited_rows": {0: {"id": "1", "text": "Is it signed?"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    test.run()

    press(test, "save-checklist")

    assert not test.exception
    assert app.checklists.get("house").requirements == (Requirement("1", "Is it signed?"),)
    assert "".join(test.query_params["k"]) == "house"


def test_a_built_in_checklist_is_duplicated_under_an_id_that_is_free(page, app):
    press(page(k="gdpr-art28"), "duplicate-now")

    assert len(app.checklists.get("gdpr-art28-copy").requirements) == 28


def test_deleting_asks_first(page, mine, app):
    test = page(k="mine")
    assert "Reviews that were made with it keep their copies" in said(test)

    press(test, "delete-checklist-now")

    assert not test.exception

    assert "mine" not in [info.id for info in app.checklists.all()]


def test_a_file_is_imported_under_an_id_of_choice(page, app):
    test = page()
    data = csv_file.csv_of(replace(MINE, id="theirs"))
    field(test.file_uploader, "checklist-file").upload("rules.csv", data, "text/csv").run()
    field(test.text_input, "import-id").set_value("ours").run()

    press(test, "add-checklist")

    assert not test.exception
    assert app.checklists.get("ours").requirements == MINE.requirements


def test_a_bad_file_is_told_row_by_row_and_its_words_are_shown_as_they_are(page):
    test = page()
    data = b"id,text\n1,\n1,[x](http://evil)\n=cmd,b\n"
    field(test.file_uploader, "checklist-file").upload("rules.csv", data, "text/csv").run()

    [error] = test.error
    assert "row 2 \\(id '1'\\)\\: text is missing" in error.value
    assert "\\=cmd" in error.value
    assert "](http" not in error.value


def test_checklists_can_be_exported_in_every_format(page):
    test = page(k="nda-rules")

    assert [button.label for button in test.download_button] == ["YAML", "CSV", "Excel (XLSX)"]
