from docqa.core.documents import (
    LineLocator,
    PageLocator,
    ParsedDocument,
    Passage,
    PlaceLocator,
)
from docqa.core.indexing import document_fields, index_fields


def filing(company, passages=40, kind="pdf"):
    texts = ["QUARTERLY REPORT", company, *(f"Results of part {n}." for n in range(passages))]
    made = tuple(
        Passage(n, text, PageLocator(1 + n // 8, 1 + n // 8), "heading" if n < 2 else "paragraph")
        for n, text in enumerate(texts)
    )
    return ParsedDocument(kind, made, language="en")


def test_every_passage_of_a_long_document_tells_what_it_opens_with():
    fields = document_fields("q3.pdf", filing("Umbrella Holdings"))

    assert all("~umbrella" in each.name.split() for each in fields)
    assert all("~q3" in each.name.split() for each in fields)
    assert "umbrella" not in fields[30].body.split()


def test_short_documents_and_code_tell_only_their_names():
    short = document_fields("q3.pdf", filing("Umbrella Holdings", passages=4))
    code = document_fields("q3.py", filing("Umbrella Holdings", kind="code"))

    assert "~" not in "".join(each.name for each in (*short, *code))


def test_the_beginning_of_a_document_is_told_in_bounds():
    passages = tuple(
        Passage(n, " ".join(f"word{n}x{m}" for m in range(200)), LineLocator(n + 1, n + 1))
        for n in range(30)
    )

    fields = document_fields("a.txt", ParsedDocument("text", passages))

    assert len(fields[0].name.split()) <= 48 + 4


def test_a_sheet_s_name_and_a_slide_s_title_count_as_headings():
    rows = Passage(0, "Rent | 12,000", PlaceLocator("rows", 2, 9, "Budget 2024", "A:B"))
    slide = Passage(0, "We grow.", PlaceLocator("slide", 3, 3), heading="Outlook")

    assert index_fields("plan.xlsx", rows, "sheet").heading == "budget 2024"
    assert index_fields("talk.pptx", slide, "slides").heading == "outlook"


def test_a_document_without_passages_has_no_fields():
    assert document_fields("a.pdf", ParsedDocument("pdf", ())) == []
