import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.documents import LineLocator
from docqa.errors import EmptyFileError
from docqa.readers.blocks import PASSAGE_BYTES
from docqa.readers.encoding import decode, lines_of
from docqa.readers.text import read_text

MARKDOWN = """---
title: Notes
---
# Handbook

Introduction to the handbook.

## Leave

- thirty days a year
- more with seniority

| Kind | Days |
|------|------|
| Paid | 30 |

```python
# not a heading

print("x")
```

Setext title
------------
The end.
"""


def read(text, name="notes.md"):
    return read_text(decode(text.encode()), name)


def assert_verbatim(text, document):
    lines = lines_of(decode(text.encode()).text)
    for passage in document.passages:
        first, last = passage.locator.first_line, passage.locator.last_line
        whole = "\n".join(lines[first - 1 : last])
        assert passage.text == whole or (first == last and passage.text in whole)


def test_markdown_is_cut_by_heading_list_table_and_code():
    document = read(MARKDOWN)

    assert [(p.kind, p.heading, str(p.locator)) for p in document.passages] == [
        ("code", "", "L1-L3"),
        ("heading", "", "L4"),
        ("paragraph", "Handbook", "L6"),
        ("heading", "Handbook", "L8"),
        ("paragraph", "Handbook > Leave", "L10-L15"),
        ("code", "Handbook > Leave", "L17-L21"),
        ("heading", "Handbook", "L23-L24"),
        ("paragraph", "Handbook > Setext title", "L25"),
    ]
    assert document.kind == "markdown"
    assert document.title == "Handbook"
    assert document.line_count == 25
    assert_verbatim(MARKDOWN, document)


def test_restructured_text_headings_nest_in_the_order_of_their_underlines():
    text = "Guide\n=====\n\nHello there.\n\nSetup\n-----\n\nRun it.\n\nUsage\n-----\n\nUse it.\n"

    document = read(text, "guide.rst")

    assert [p.heading for p in document.passages if p.kind == "paragraph"] == [
        "Guide",
        "Guide > Setup",
        "Guide > Usage",
    ]
    assert document.kind == "text"


def test_a_line_in_capitals_that_stands_alone_is_a_heading():
    document = read("TERMINATION\n\nEither party may end this.\n", "terms.txt")

    assert [(p.kind, p.heading) for p in document.passages] == [
        ("heading", ""),
        ("paragraph", "TERMINATION"),
    ]


def test_small_paragraphs_are_put_together():
    document = read("One.\n\nTwo.\n\nThree.\n", "a.txt")

    assert [(p.text, p.locator) for p in document.passages] == [
        ("One.\n\nTwo.\n\nThree.", LineLocator(1, 5))
    ]


def test_a_line_that_is_too_long_becomes_slices_with_the_same_number():
    text = "short\n\n" + "A sentence of some length stands here. " * 200 + "\n"

    document = read(text, "long.txt")

    slices = [p for p in document.passages if p.locator == LineLocator(3, 3)]
    assert len(slices) > 5
    assert all(len(p.text.encode()) <= PASSAGE_BYTES for p in slices)
    assert " ".join(p.text for p in slices) == lines_of(text)[2]
    assert_verbatim(text, document)


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        (codecs.BOM_UTF8 + "Größe\n".encode(), "utf-8-sig"),
        ("Größe und Maß\n".encode("utf-16"), "utf-16"),
        ("Size and measure\n".encode("utf-16-le"), "utf-16-le"),
        ("Size and measure\n".encode("utf-16-be"), "utf-16-be"),
        (b"plain\n", "utf-8"),
    ],
)
def test_marked_encodings_are_read(encoded, encoding):
    decoded = decode(encoded)

    assert decoded.encoding == encoding
    assert decoded.text == encoded.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp1252", "cp1251", "shift_jis", "gb18030"])
def test_other_encodings_are_found_out(encoding):
    text = {
        "cp1252": "Die Größe der Straße beträgt fünf Meter, überall außer in München. ",
        "cp1251": "Договор вступает в силу с момента подписания обеими сторонами. ",
        "shift_jis": "この契約は両当事者が署名した日に発効するものとします。",
        "gb18030": "本合同自双方签字之日起生效，有效期为三年，期满后自动续约。",
    }[encoding] * 5

    assert decode(text.encode(encoding)).text == text


def test_line_ends_of_all_systems_count_the_same():
    assert lines_of(decode(b"a\r\nb\rc\n\nd").text) == ["a", "b", "c", "", "d"]


def test_white_space_alone_is_an_empty_file():
    with pytest.raises(EmptyFileError):
        read(" \n\t\n", "blank.txt")


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
            st.sampled_from(
                ["", "# head", "- item", "```", "---", "    code", "| a | b |", "x" * 1500]
            ),
        ),
        max_size=40,
    ),
    st.sampled_from(["a.md", "a.txt", "a.rst", "a.csv"]),
)
def test_passages_are_verbatim_in_order_and_miss_nothing(lines, name):
    text = "\n".join(lines)
    if not text.strip():
        return

    document = read(text, name)

    normal = decode(text.encode()).text
    assert_verbatim(text, document)
    joined = "".join("".join(p.text.split()) for p in document.passages)
    assert joined == "".join(normal.split())
    numbers = [p.locator.first_line for p in document.passages]
    assert numbers == sorted(numbers)
    assert all(len(p.text.encode()) <= PASSAGE_BYTES + 1 for p in document.passages)
    assert [p.ordinal for p in document.passages] == list(range(len(document.passages)))
