import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import BrokenFileError, DocumentBombError, EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.office import zipped
from docqa.readers.office.odt import OdtReader

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw", "style", "meta")
)
SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
SPACES += ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
STYLES = """<office:styles>
<text:outline-style><text:outline-level-style text:level="1" style:num-format="1"
 style:num-suffix="."/><text:outline-level-style text:level="2" style:num-format="1"
 text:display-levels="2"/></text:outline-style>
<text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1"/>
</text:list-style></office:styles>
<office:master-styles><style:master-page><style:header><text:p>Acme</text:p></style:header>
<style:header-first><text:p>Acme</text:p></style:header-first>
<style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>
</style:master-page></office:master-styles>"""
AUTOMATIC = """<office:automatic-styles>
<style:style style:name="P1" style:parent-style-name="Title"/>
<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="T2"><style:text-properties text:display="none"/></style:style>
<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="a"
 style:num-prefix="(" style:num-suffix=")"/><text:list-level-style-number text:level="2"
 style:num-format="i" style:num-suffix="." text:start-value="4"/></text:list-style>
</office:automatic-styles>"""


def make_odt(path, body, styles=STYLES, **parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        made.writestr(
            "styles.xml", f"<office:document-styles {SPACES}>{styles}</office:document-styles>"
        )
        made.writestr(
            "content.xml",
            f"<office:document-content {SPACES}>{AUTOMATIC}<office:body><office:text>{body}"
            "</office:text></office:body></office:document-content>",
        )
        for name, data in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", data)
    return path


def read(path):
    return OdtReader().read(path, "file.odt", ReaderOptions(), lambda done, total: None)


def told(tmp_path, body, styles=""):
    document = read(make_odt(tmp_path / "file.odt", body, styles))
    return [(str(p.locator), p.kind, p.heading, p.text) for p in document.passages]


def test_a_text_is_read_in_order(tmp_path):
    body = """<text:p text:style-name="P1">Agreement</text:p>
    <text:h text:outline-level="1">Payment</text:h>
    <text:h text:outline-level="2">Fees</text:h>
    <text:p>Due<text:s text:c="2"/>in 30 days<text:span text:style-name="T1">2</text:span>
    of<text:tab/>invoice.<text:line-break/>Else interest.</text:p>
    <table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Region</text:p>
    </table:table-cell><table:table-cell><text:p>Q1</text:p></table:table-cell></table:table-row>
    </table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2">
    <text:p>North</text:p></table:table-cell><table:covered-table-cell><text:p>no</text:p>
    </table:covered-table-cell></table:table-row></table:table>
    <text:h text:outline-level="1">Term</text:h>"""

    document = read(make_odt(tmp_path / "file.odt", body))

    assert [(str(p.locator), p.kind, p.heading, p.text) for p in document.passages] == [
        ("¶ 1", "heading", "", "Agreement"),
        ("¶ 2", "heading", "", "1. Payment"),
        ("¶ 3", "heading", "1. Payment", "1.1 Fees"),
        (
            "¶ 4",
            "paragraph",
            "1. Payment > 1.1 Fees",
            "Due in 30 days² of invoice.\nElse interest.",
        ),
        ("¶ 5-6", "table", "1. Payment > 1.1 Fees", "Region | Q1\nNorth"),
        ("¶ 7", "heading", "", "2. Term"),
        ("Headers and footers, ¶ 1-2", "paragraph", "", "Acme\nPage 1"),
    ]
    assert (document.title, document.kind) == ("Agreement", "document")
    assert document.reader == OdtReader.name


def test_lists_count_as_their_styles_say(tmp_path):
    def item(text, inner=""):
        return f"<text:list-item><text:p>{text}</text:p>{inner}</text:list-item>"

    nested = f"<text:list>{item('x')}{item('y')}</text:list>"
    body = (
        f'<text:list text:style-name="L1">{item("one", nested)}{item("two")}</text:list>'
        '<text:list text:style-name="L1" text:continue-numbering="true">'
        f'{item("three")}</text:list><text:list text:style-name="L1">'
        f"<text:list-header><text:p>head</text:p></text:list-header>{item('again')}"
        '<text:list-item text:start-value="7"><text:p>seventh</text:p>'
        "<text:p>more</text:p></text:list-item></text:list>"
        f'<text:list text:style-name="Bullets">{item("dot")}</text:list>'
    )

    [(_, kind, _, text)] = told(tmp_path, body)

    assert kind == "list"
    assert text.split("\n") == [
        *("(a) one", "iv. x", "v. y", "(b) two", "(c) three", "head", "(a) again", "(g) seventh"),
        *("more", "- dot"),
    ]


def test_a_list_without_a_style_has_bullets_and_headings_count_on(tmp_path):
    body = """<text:h text:outline-level="1">A</text:h><text:list><text:list-item><text:p>x</text:p>
    </text:list-item></text:list><text:h text:outline-level="1">B</text:h>"""

    assert [text for _, _, _, text in told(tmp_path, body, STYLES)][:3] == ["1. A", "- x", "2. B"]


def test_notes_and_comments_stand_behind_the_text(tmp_path):
    body = """<text:p>One<text:note text:note-class="footnote"><text:note-citation>1
    </text:note-citation><text:note-body><text:p>a note</text:p><text:p>more</text:p>
    </text:note-body></text:note> two<office:annotation><dc:creator>Ann</dc:creator>
    <dc:date>2024</dc:date><text:p>check</text:p></office:annotation><text:note
    text:note-class="endnote"><text:note-body><text:p>end</text:p></text:note-body></text:note>.
    </text:p>"""

    assert [(place, text) for place, _, _, text in told(tmp_path, body)] == [
        ("¶ 1", "One[1] two[i]."),
        ("Footnotes, ¶ 1", "[1] a note\nmore"),
        ("Endnotes, ¶ 1", "[i] end"),
        ("Comments, ¶ 1", "Ann: check"),
    ]


def test_what_is_not_shown_is_not_read(tmp_path):
    body = """<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>
    <text:p><text:change text:change-id="1"/><draw:frame><draw:image><office:binary-data>AAAA
    </office:binary-data></draw:image><svg:title>no</svg:title></draw:frame>Shown<text:span
    text:style-name="T2">hidden</text:span><draw:frame><draw:text-box><text:p>boxed</text:p>
    </draw:text-box></draw:frame></text:p>"""

    document = read(make_odt(tmp_path / "file.odt", body, styles=""))

    assert [p.text for p in document.passages] == ["boxed\nShown"]
    assert document.notes == (
        "1 picture was not read",
        "changes are tracked in it: it was read as if all were accepted",
        "6 characters that are formatted as hidden were not read",
    )


def test_a_protected_text_is_named_as_such(tmp_path):
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"

    with pytest.raises(ReadError, match="protected by a password"):
        read(make_odt(tmp_path / "file.odt", "", **{"META-INF__manifest": manifest}))


def test_what_is_no_text_is_named(tmp_path):
    with pytest.raises(EmptyFileError):
        read(make_odt(tmp_path / "empty.odt", "<text:p> </text:p>", styles=""))
    with pytest.raises(BrokenFileError, match="XML that cannot be read"):
        read(make_odt(tmp_path / "torn.odt", "<text:p>"))
    path = tmp_path / "sheet.odt"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("content.xml", "<office/>")
    with pytest.raises(BrokenFileError, match="no OpenDocument text"):
        read(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "SMALL_BYTES", 100_000)

    with pytest.raises(DocumentBombError):
        read(make_odt(tmp_path / "file.odt", "<text:p>" + "0" * 1_000_000 + "</text:p>"))


def test_repeated_cells_and_spaces_take_no_more_than_they_show(tmp_path):
    body = (
        '<text:p>a<text:s text:c="999999"/>b</text:p><table:table><table:table-row>'
        '<table:table-cell table:number-columns-repeated="999999"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )

    assert [text for _, _, _, text in told(tmp_path, body)] == ["a b", "x"]


WORDS = st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)
PARAGRAPHS = WORDS.map(lambda text: f"<text:p>{text}</text:p>")
BODIES = st.recursive(
    PARAGRAPHS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | inner.map(lambda x: f"<text:list><text:list-item>{x}</text:list-item></text:list>")
        | inner.map(lambda x: f"<text:section>{x}</text:section>")
        | inner.map(
            lambda x: (
                "<table:table><table:table-row><table:table-cell>"
                f"{x}</table:table-cell></table:table-row></table:table>"
            )
        )
    ),
    max_leaves=8,
)


@given(BODIES)
@settings(max_examples=30, deadline=None)
def test_every_word_of_a_text_is_read_once_and_in_order(tmp_path_factory, body):
    path = make_odt(tmp_path_factory.mktemp("odt") / "file.odt", body, styles="")

    words = " ".join(passage.text for passage in read(path).passages).split()

    said = body.replace("<", " <").replace(">", "> ").split(" ")
    assert [word for word in words if word not in ("-", "|")] == [
        word for word in said if word and not word.startswith("<")
    ]
