from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import BrokenFileError, EmptyFileError
from docqa.readers.base import ReaderOptions
from docqa.readers.office.rtf import RtfReader

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Times;}{\f1\fcharset204 Arial Cyr;}"
    r"{\f2\fcharset128 MS Mincho;}{\f3\fcharset2 Symbol;}}{\colortbl;\red0\green0\blue0;}"
    r"{\stylesheet{\ql \s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s2 heading 2;}{\s9 Title;}}"
    r"{\info{\title From the file}{\author Bob}}"
)


def read(tmp_path, body, head=HEAD):
    path = tmp_path / "file.rtf"
    path.write_bytes(body if isinstance(body, bytes) else f"{head}{body}}}".encode("latin-1"))
    return RtfReader().read(path, "file.rtf", ReaderOptions(), lambda done, total: None)


def told(tmp_path, body):
    return [(str(p.locator), p.text) for p in read(tmp_path, body).passages]


def test_a_rich_text_is_read_in_order(tmp_path):
    body = r"""\pard\plain\s9 Agreement\par
\pard\plain\s1 Payment\par
\pard\plain Due in 30\~days{\super 2} of {\field{\*\fldinst HYPERLINK "x"}{\fldrslt invoice}}.\line
Else interest.\par
{\pntext\f3\'B7\tab}by wire\par
{\listtext\f0 1.\tab}first\par
\trowd\trhdr\cellx1\cellx2\pard\intbl Region\cell Q1\cell\row
\trowd\clvmgf\cellx1\cellx2\pard\intbl North\cell 12\cell\row
\trowd\clvmrg\cellx1\cellx2\pard\intbl\cell 13\cell\row
\pard\s2 Term\par
\pard Two years.\par"""

    document = read(tmp_path, body)

    assert [(str(p.locator), p.kind, p.heading, p.text) for p in document.passages] == [
        ("¶ 1", "heading", "", "Agreement"),
        ("¶ 2", "heading", "", "Payment"),
        ("¶ 3", "paragraph", "Payment", "Due in 30 days² of invoice.\nElse interest."),
        ("¶ 4-5", "list", "Payment", "- by wire\n1. first"),
        ("¶ 6-8", "table", "Payment", "Region | Q1\nNorth | 12\nNorth | 13"),
        ("¶ 9", "heading", "Payment", "Term"),
        ("¶ 10", "paragraph", "Payment > Term", "Two years."),
    ]
    assert (document.title, document.kind) == ("Agreement", "document")
    assert document.reader == RtfReader.name


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"na\'efve \'80", "naïve €"),
        ("na\xefve", "naïve"),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (r"{\f2 \'93\'8c\'8b\'9e\'83A}", "東京ア"),
        (r"na\u239?ve", "naïve"),
        (r"\uc2 \u8364\'80\'80.", "€."),
        (r"\uc0\u8364 5", "€5"),
        (r"\u-10179?\u-8704?", "\U0001f600"),
        (r"\u-8704?x", "\ufffdx"),
        (r"\{a\}\\b\_c\-d", r"{a}\b-cd"),
        (r"\ldblquote a\rdblquote\endash b\emdash", "“a”–b—"),
        (r"\ansicpg1251 \'cf", "П"),
        (r"\ansicpg99999 \'e9", "é"),
    ],
)
def test_characters_are_read_in_the_encoding_of_their_font(tmp_path, body, text):
    assert told(tmp_path, body) == [("¶ 1", text)]


def test_notes_comments_and_headers_stand_behind_the_text(tmp_path):
    body = r"""{\header\pard Acme\par}{\footerl Page {\chpgn}\par}{\headerf Acme\par}
One{\footnote\pard{\super\chftn} a note\par more} two{\footnote\ftnalt\pard at the end}.
{\*\atnid A}{\*\atnauthor Ann}{\*\annotation{\*\atnref 1}\pard check}\par"""

    assert told(tmp_path, body) == [
        ("¶ 1", "One[1] two[i]."),
        ("Footnotes, ¶ 1", "[1] a note\nmore"),
        ("Endnotes, ¶ 1", "[i] at the end"),
        ("Comments, ¶ 1", "Ann: check"),
        ("Headers and footers, ¶ 1-2", "Acme\nPage"),
    ]


def test_rows_of_a_table_in_a_cell_stay_rows(tmp_path):
    row = r"{0}\nestcell{{\nonesttables\par}}{1}\nestcell{{\*\nesttableprops\trowd\cellx9\nestrow}}"
    row += r"{{\nonesttables\par}}"
    body = r"\trowd\cellx1\cellx2\pard\intbl Scores\par\itap2 "
    body += row.format("Artery", "Score") + row.format("RCA", "0") + r"\cell side\cell\row"

    assert [text for _, text in told(tmp_path, body)] == [
        "Scores",
        "Artery | Score\nRCA | 0",
        "side",
    ]


def test_what_is_not_shown_is_not_read(tmp_path):
    body = (
        r"Shown {\v hidden}{\deleted gone}{\revised new} {\*\unknown no {\b no}}{\xe\v no}"
        r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict 00}}{\pict\bin4 {{}}}text\par"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt boxed\par}}{\shprslt{\*\do{\dptxbxtext no}}}}"
    )

    document = read(tmp_path, body)

    assert [p.text for p in document.passages] == ["Shown new text\nboxed"]
    assert document.notes == (
        "2 pictures were not read",
        "changes are tracked in it: it was read as if all were accepted",
        "6 characters that are formatted as hidden were not read",
    )


def test_a_rich_text_without_text_is_named_as_empty(tmp_path):
    with pytest.raises(EmptyFileError, match="1 picture was not read"):
        read(tmp_path, r"{\pict 00}\par")


def test_groups_nested_without_end_are_refused(tmp_path):
    with pytest.raises(BrokenFileError, match="nested without end"):
        read(tmp_path, "{" * 100_000)


def test_what_is_left_open_is_read_to_the_end(tmp_path):
    assert told(tmp_path, r"\trowd\cellx1\pard\intbl cut {\b off") == [("¶ 1", "cut off")]
    assert told(tmp_path, r"}}}} behind \bin99999999 the end") == [("¶ 1", "behind")]


SIGNS = ("{", "}", "\\", r"\*", r"\par ", r"\cell ", r"\row ", r"\trowd", r"\intbl", r"\pard")
GROUPS = (r"\footnote ", r"\header ", r"\pict ", r"\shptxt ", r"\stylesheet ", r"\info ", r"\v ")
CHARACTERS = (r"\u-55?", r"\'93", r"\f2 ", r"\uc3 ", r"\s1 ", r"\bin3 ", r"\title ", r"\u9")
PIECES = st.sampled_from((*SIGNS, *GROUPS, *CHARACTERS)) | st.text("ab{}\\'\xe9 1", max_size=8)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=50, deadline=None)
def test_any_rich_text_is_read_or_named(tmp_path_factory, body):
    with suppress(EmptyFileError):
        read(tmp_path_factory.mktemp("rtf"), body)


WORDS = st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=5)
PARAGRAPHS = WORDS.map(lambda words: "".join(rf"{{\b {word}}} " for word in words) + r"\par ")
ROWS = st.lists(WORDS, min_size=1, max_size=4).map(
    lambda row: (
        r"\trowd\pard\intbl " + "".join(f"{' '.join(w)}\\cell " for w in row) + r"\row\pard "
    )
)


@given(st.lists(PARAGRAPHS | ROWS, min_size=1, max_size=10))
@settings(max_examples=50, deadline=None)
def test_every_word_is_read_once_and_in_order(tmp_path_factory, parts):
    body = "".join(parts)

    words = " ".join(text for _, text in told(tmp_path_factory.mktemp("rtf"), body)).split()

    for mark in ("\\trowd\\pard\\intbl ", "\\cell", "\\row\\pard", "\\par", "{\\b ", "}"):
        body = body.replace(mark, " ")
    assert [word for word in words if word != "|"] == body.split()
