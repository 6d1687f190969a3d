import json

import pytest

from tests.services import placed


@pytest.fixture
def versions(app):
    return placed.add_all(app)


def viewer_data(page):
    """What the viewer of places was told."""
    found = [e for e in page.get("bidi_component") if "place_viewer" in e.proto.component_name]
    assert found
    return json.loads(found[0].proto.json)


def asked(app, workspace, question):
    conversation = app.conversations.create(workspace.id).id
    return app.answering.wait(app.answering.submit(conversation, question)), conversation


def test_a_citation_of_a_place_opens_its_document_there(app, workspace, versions, open_page):
    answer, conversation = asked(app, workspace, "How much is paid for hotels a night?")

    page = open_page(c=conversation, a=answer.id, n=1)

    [citation] = answer.citations
    assert (citation.place, citation.ordinal) == ("¶ 4", 3)
    data = viewer_data(page)
    assert data["base"] == f"/doc/{versions['travel.docx']}"
    assert data["current"] == data["marks"][0]["id"] == f"{answer.id}:0"
    assert (data["marks"][0]["n"], data["position"]) == (3, 4)
    quote = placed.document().passages[3].text
    assert quote[data["marks"][0]["start"] : data["marks"][0]["end"]] == citation.quote
    assert not page.exception


def test_little_sure_ocr_is_said_beside_the_quote(app, workspace, versions, open_page):
    answer, conversation = asked(app, workspace, "What does the crane cost in euros?")

    page = open_page(c=conversation, a=answer.id, n=1)

    assert answer.citations[0].confidence == 0.62
    said = " ".join(html.proto.body for html in page.get("html"))
    assert "Read by OCR, 62 % sure of the words" in said
    assert "offer.pdf, p. 2" in said


def test_the_library_opens_a_file_of_places_and_names_what_it_lacks(app, versions, open_page):
    document = app.library.version(versions["harbour.pptx"]).document_id

    page = open_page("library", d=document, p=3)

    data = viewer_data(page)
    assert data["position"] == 3
    assert data["unreadable"] == ["slide 3: the slide has a picture and no text"]
    table = page.dataframe[0].value
    sizes = dict(zip(table["Name"], table["Size"], strict=True))
    assert set(table["Kind"]) == {"slides", "spreadsheet", "document", "notebook", "e-mail"}
    assert sizes["harbour.pptx"] == "3 slides"
    assert sizes["budget.xlsx"] == "3 sheets"
    assert sizes["travel.docx"] == "37 passages"
    told = dict(zip(table["Name"], table["Status"], strict=True))
    assert told["harbour.pptx"] == "1 slide unreadable"
    assert told["budget.xlsx"] == "1 sheet empty"
    said = " ".join(each.value for each in page.markdown)
    assert "the slide has a picture and no text" in said
    assert "the sheet has no cells" not in said
    assert [each.label for each in page.expander] == ["1 page could not be read"]


def test_what_is_only_empty_alarms_nobody_among_the_sources(app, workspace, versions, open_page):
    placed.add(app, "scan.pdf", placed.scan())

    page = open_page("ask")

    [listed] = [e for e in page.get("bidi_component") if "source_list" in e.proto.component_name]
    rows = {row["name"]: row for row in json.loads(listed.proto.json)["documents"]}
    assert rows["budget.xlsx"]["warning"] == ""
    assert rows["budget.xlsx"]["facts"].endswith(" · 1 sheet empty")
    assert rows["scan.pdf"]["warning"] == "1 page unreadable"
    assert rows["scan.pdf"]["facts"].endswith(" · 1 page blank")
    assert rows["travel.docx"]["facts"].startswith("37 passages")


def test_the_library_says_how_much_of_a_document_was_read_by_ocr(app, open_page):
    document, _ = placed.add(app, "scan.pdf", placed.scan())

    page = open_page("library", d=document)

    said = [each.value for each in page.caption]
    assert "2 of 5 pages read by OCR, 76 % sure of the words on average." in said
