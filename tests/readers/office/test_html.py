import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.office import building
from docqa.readers.office.building import Blocks
from docqa.readers.office.html import HtmlReader, add_html

PAGE = """<!doctype html>
<html><head><title>Terms &amp; conditions</title><style>p { color: red }</style></head>
<body><h1>Payment</h1>
<p>Within <b>30</b> days<sup>3</sup> of
the invoice.<br>Else interest.</p>
<ul><li>by wire<li>by cheque</ul>
<ol start="4"><li>no cash<li><p>no coins</p></ol>
<table><thead><tr><th>Region<th>Q1</thead><tr><td>North<td>12<tr><td>South<td></table>
<pre>if paid:

    close()</pre>
<h2>Term</h2><p>Two years.</p></body></html>"""


def blocks_of(page):
    blocks = Blocks("page.html")
    add_html(page, blocks, "page.html")
    return [(block.kind, block.text) for block in blocks.found]


def read(tmp_path, page, name="page.html"):
    path = tmp_path / "page"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return HtmlReader().read(path, name, ReaderOptions(), lambda done, total: None)


def test_a_page_is_headings_paragraphs_lists_tables_and_code():
    assert blocks_of(PAGE) == [
        ("heading", "Payment"),
        ("paragraph", "Within 30 days³ of the invoice.\nElse interest."),
        ("list", "- by wire"),
        ("list", "- by cheque"),
        ("list", "4. no cash"),
        ("list", "5. no coins"),
        ("table", "Region | Q1"),
        ("table", "North | 12"),
        ("table", "South"),
        ("code", "if paid:\n\n    close()"),
        ("heading", "Term"),
        ("paragraph", "Two years."),
    ]


def test_passages_have_their_headings_and_paragraphs(tmp_path):
    document = read(tmp_path, PAGE)

    assert [(str(p.locator), p.kind, p.heading) for p in document.passages] == [
        ("¶ 1", "heading", ""),
        ("¶ 2", "paragraph", "Payment"),
        ("¶ 3-6", "list", "Payment"),
        ("¶ 7-9", "table", "Payment"),
        ("¶ 10", "code", "Payment"),
        ("¶ 11", "heading", "Payment"),
        ("¶ 12", "paragraph", "Payment > Term"),
    ]
    assert (document.title, document.kind) == ("Terms & conditions", "document")
    assert document.reader == HtmlReader.name


def test_what_is_not_shown_is_not_read_and_said(tmp_path):
    page = """<p>Shown <script>alert("<p>no</p>")</script>too<style>no</style></p>
    <div hidden><p>no</p><p>no</p></div><p style="Display : none">no</p><template>no</template>
    <noscript>no</noscript><svg><text>no</text></svg><input type="hidden" value="no">
    <!-- no --><iframe src="https://example.com">no</iframe><object data="x">no</object>
    <img src="https://example.com/a.png"><img src="b.png" width="1">last"""

    document = read(tmp_path, page)

    assert [p.text for p in document.passages] == ["Shown too\nlast"]
    assert document.notes == (
        "1 picture was not read",
        "6 characters that are not shown were not read",
    )


def test_tables_of_a_layout_are_read_as_text():
    page = """<table><tr><td><h2>News</h2><p>One.</p><table><tr><td>a<td>b</table></td>
    <td>Aside</td></tr></table><table><tr><td>alone</table>"""

    assert blocks_of(page) == [
        ("heading", "News"),
        ("paragraph", "One."),
        ("table", "a | b"),
        ("paragraph", "Aside"),
        ("paragraph", "alone"),
    ]


def test_signs_of_a_financial_table_stand_with_their_amounts():
    page = """<table>
    <tr><td></td><td></td><td colspan=3>2023</td><td></td><td colspan=3>2022</td></tr>
    <tr><td>Loss</td><td></td><td>$</td><td>(10</td><td>)</td><td></td><td>$</td><td>9</td><td></td>
    <tr><td>Cost</td><td></td><td></td><td>4</td><td></td><td></td><td></td><td>(3</td><td>)</td>
    </table>"""

    assert [text for _, text in blocks_of(page)] == [
        "| 2023 | 2022",
        "Loss | $(10) | $9",
        "Cost | 4 | (3)",
    ]


def test_a_cell_over_several_rows_is_told_in_each():
    page = "<table><tr><td rowspan=2>North<td>Q1<td>1<tr><td>Q2<td>2</table>"

    assert [text for _, text in blocks_of(page)] == ["North | Q1 | 1", "North | Q2 | 2"]


def test_a_row_of_one_cell_stands_in_its_table():
    page = "<table><tr><td>a<td>b<tr><td>Total</table><table><tr><td>other</td></tr></table>"

    assert blocks_of(page) == [("table", "a | b"), ("table", "Total"), ("paragraph", "other")]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<meta charset='windows-1252'><p>Größe".encode("cp1252"), "Größe"),
        ("<meta charset=iso-8859-1><p>Preis “10 €”".encode("cp1252"), "Preis “10 €”"),
        ("<meta charset='iso-8859-1'><p>Größe".encode(), "Größe"),
        ("<meta charset=Shift_JIS><p>東京".encode("shift_jis"), "東京"),
        (b"<meta charset='unicode_escape'><p>\\x41", "\\x41"),
        ("<p>naïve".encode("utf-16"), "naïve"),
        (b"<meta charset='utf-8'>a\0b&#0;&#xD800;", "a\ufffdb\ufffd\ufffd"),
    ],
)
def test_the_encoding_is_found(tmp_path, page, text):
    assert read(tmp_path, page).passages[0].text == text


def test_empty_elements_of_xhtml_swallow_nothing():
    page = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>
    <script src="x.js"/></head><body><p>One<br/>two</p><div/><p>three</p></body></html>"""

    assert [text for _, text in blocks_of(page)] == ["One\ntwo", "three"]


def test_a_page_without_text_is_named_as_empty(tmp_path):
    with pytest.raises(EmptyFileError, match="no text in it; 1 picture was not read"):
        read(tmp_path, "<html><body><img src='scan.png'></body></html>")


def test_a_secret_in_a_page_is_masked(tmp_path):
    page = "<p>Key:</p><pre>aws_key = 'AKIAIOSFODNN7EXAMPL3'</pre>"

    document = read(tmp_path, page)

    assert "AKIA" not in "".join(p.text for p in document.passages)
    assert [secret.line for secret in document.secrets] == [2]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 20_000 + "deep" + "</div>" * 20_000,
        "<table><tr><td>" * 5_000 + "deep" + "</table>" * 5_000,
        "<ul><li>" * 20_000 + "deep",
        "<sup><b>" * 5_000 + "deep",
        "<p>deep" + "<a href=" * 20_000,
    ],
)
def test_hostile_nesting_costs_no_more_than_its_length(page):
    assert "deep" in "".join(text for _, text in blocks_of(page))


def test_cells_over_a_thousand_columns_and_rows_take_little():
    cell = "<td rowspan=9999 colspan=9999>wide</td>"
    page = f"<table><tr>{cell * 50}</tr>" + "<tr><td>x</td><td>y</td></tr>" * 3_000 + "</table>"

    texts = [text for _, text in blocks_of(page)]

    assert sum(map(len, texts)) < 200_000


def test_a_page_with_too_much_text_is_refused(monkeypatch):
    monkeypatch.setattr(building, "MOST_CHARACTERS", 1_000)

    with pytest.raises(ReadError, match="million characters"):
        blocks_of("<p>too much</p>" * 200)


TABLE_TAGS = ("table", "tr", "td", "th", "thead", "caption")
TAGS = st.sampled_from(
    (*TABLE_TAGS, "p", "div", "b", "h1", "ul", "ol", "li", "sup", "pre", "br", "title", "template")
)
PIECES = st.one_of(
    TAGS.map(lambda tag: f"<{tag}>"),
    TAGS.map(lambda tag: f"</{tag}>"),
    st.text(max_size=20),
)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=50, deadline=None)
def test_any_text_is_a_page(page):
    blocks_of(page)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=20), st.data())
@settings(max_examples=50, deadline=None)
def test_no_word_of_visible_elements_is_lost(words, data):
    tags = st.sampled_from(["p", "div", "b", "li", "td", "section", "dd", "h2", "span"])
    page = "".join(f"<{t}>{w}</{t}> " for w in words for t in [data.draw(tags)])

    told = " ".join(text for _, text in blocks_of(page)).split()

    assert [word for word in told if word not in ("-", "|")] == words


@pytest.mark.parametrize("masks", [True, False])
def test_secrets_in_the_title_are_masked_as_those_in_the_text(tmp_path, masks):
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    path = tmp_path / "page"
    path.write_text(f"<html><title>Use {key}</title><h1>With {key}</h1><p>Sign in.")
    options = ReaderOptions(mask_secrets=masks)

    document = HtmlReader().read(path, "page.html", options, lambda done, total: None)

    shown = "[masked: AWS access key]" if masks else key
    assert document.title == f"Use {shown}"
    assert [passage.heading for passage in document.passages] == ["", f"With {shown}"]
