import pytest

from docqa.core.left_out import LeftOut
from docqa.ui.state import Key
from tests.services import placed


@pytest.fixture
def covered(app):
    """Ids of a scan, of slides that are excluded, and of their source."""
    scan, _ = placed.add(app, "scan.pdf", placed.scan())
    slides, _ = placed.add(app, "harbour.pptx", placed.slides())
    app.library.exclude(slides)
    source = app.library.document(scan).source_id
    app.store.left_out.replace(source, [LeftOut("old.zip", "an archive", "binary")])
    return scan, slides, source


def tables(page):
    """The sources, the documents and the pages that are listed."""
    return [element.value for element in page.dataframe]


def progress(page):
    return " ".join(each.proto.text for each in page.get("progress"))


def test_every_page_is_counted_and_the_last_row_is_the_sum(covered, open_page):
    page = open_page("coverage")

    sources, documents, pages = tables(page)
    assert list(sources["Pages"]) == [9, 9]
    assert sources["Excluded"].iloc[-1] == 3
    assert sum(documents["Pages"]) == len(pages) == 9
    assert not page.exception


def test_the_address_restores_class_document_and_words(covered, open_page):
    scan, _, source = covered

    page = open_page("coverage", s=source, f="ocr", q="SCAN", d=scan)

    _, documents, pages = tables(page)
    assert list(documents["Name"]) == ["scan.pdf"]
    assert list(pages["Page"]) == ["p. 2", "p. 3"]
    assert list(pages["Reason"]) == ["91 % sure of the words", "62 % sure of the words"]
    assert page.query_params["f"] == "ocr"
    assert page.query_params["d"] == str(scan)


def test_choosing_a_class_lists_its_pages_alone(covered, open_page):
    page = open_page("coverage")

    page.button_group(key=Key.COVERAGE_CLASS).set_value("unreadable").run()

    _, documents, pages = tables(page)
    assert list(pages["Reason"]) == ["a scanned page without text"]
    assert list(documents["Pages"]) == [1]


def test_words_narrow_the_list(covered, open_page):
    page = open_page("coverage")

    page.text_input(key=Key.COVERAGE_TEXT).set_value("zip").run()

    _, documents, pages = tables(page)
    assert list(documents["Name"]) == ["old.zip"]
    assert list(pages["Class"]) == ["file left out"]
    assert page.query_params["q"] == "zip"


def test_an_empty_workspace_says_so(app, open_page):
    page = open_page("coverage")

    said = " ".join(each.proto.body for each in page.get("html"))
    assert "There are no documents." in said
    assert not page.dataframe


def test_what_is_being_added_is_told_and_counted_when_it_is_there(
    app, workspace, covered, open_page, tmp_path
):
    path = tmp_path / "notes.txt"
    path.write_text("The crane is rented.\n")
    app.jobs.close()  # so that it waits
    job = app.ingestion.submit_paths(workspace.id, [path])

    page = open_page("coverage")

    assert "Documents are being added" in progress(page)
    assert list(tables(page)[0]["Pages"])[-1] == 9

    app.jobs.run(job)
    page.run()

    assert progress(page) == ""
    assert list(tables(page)[0]["Pages"])[-1] == 10
    assert not page.exception


@pytest.mark.parametrize("address", [{"f": "purple", "d": "x", "s": "9999"}, {"n": "77", "q": "%"}])
def test_an_address_of_nothing_shows_nothing_and_breaks_nothing(covered, open_page, address):
    page = open_page("coverage", **address)

    assert not page.exception
    assert not page.error
