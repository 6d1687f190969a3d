from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.readers.blocks import PASSAGE_BYTES
from docqa.readers.placed import PlacedBlock, placed_passages

BLOCKS = st.lists(
    st.builds(
        PlacedBlock,
        st.text(max_size=3_000),
        st.just(1),
        st.sampled_from(("paragraph", "list", "table", "heading")),
        st.integers(1, 3),
        st.sampled_from(("", "a.docx")),
    ),
    max_size=20,
)


def numbered(blocks):
    return [
        PlacedBlock(b.text, n, b.kind, b.level if b.kind == "heading" else 0, b.part)
        for n, b in enumerate(blocks, 1)
    ]


@given(BLOCKS)
@settings(deadline=None)
def test_no_word_is_lost_and_no_passage_is_too_long(blocks):
    blocks = numbered(blocks)

    found = placed_passages(blocks, "paragraph")

    told = "".join("".join(p.text.split()) for p in found)
    assert told == "".join("".join(b.text.split()) for b in blocks)
    assert all(len(p.text.encode(errors="replace")) <= PASSAGE_BYTES for p in found)
    assert [p.ordinal for p in found] == list(range(len(found)))


@given(BLOCKS)
@settings(deadline=None)
def test_every_passage_stands_where_its_blocks_do(blocks):
    blocks = numbered(blocks)

    for passage in placed_passages(blocks, "paragraph"):
        at = passage.locator
        inside = [b for b in blocks if at.first <= b.number <= at.last]
        squeezed = "".join("".join(b.text.split()) for b in inside)
        assert "".join(passage.text.split()) in squeezed
        assert {b.part for b in inside if b.text.strip()} == {at.part}


def test_what_follows_a_heading_has_its_path_until_one_of_its_level():
    found = placed_passages(
        [
            PlacedBlock("Terms", 1, "heading", 1),
            PlacedBlock("Payment", 2, "heading", 2),
            PlacedBlock("Within 30 days.", 3),
            PlacedBlock("Term", 4, "heading", 2),
            PlacedBlock("Two years.", 5),
        ],
        "paragraph",
    )

    assert [(p.text, p.heading) for p in found] == [
        ("Terms", ""),
        ("Payment", "Terms"),
        ("Within 30 days.", "Terms > Payment"),
        ("Term", "Terms"),
        ("Two years.", "Terms > Term"),
    ]


def test_rows_of_a_table_stay_together_and_slides_apart():
    rows = [PlacedBlock(f"| {n} |", n, "table") for n in (1, 2, 3)]

    assert [str(p.locator) for p in placed_passages(rows, "paragraph")] == ["¶ 1-3"]
    assert [str(p.locator) for p in placed_passages(rows, "slide", apart=True)] == [
        "slide 1",
        "slide 2",
        "slide 3",
    ]


def test_a_passage_in_the_middle_of_a_table_begins_with_the_names_of_its_columns():
    rows = [PlacedBlock("Region | Revenue", 1, "table", header="Region | Revenue")]
    rows += [
        PlacedBlock(f"Region {n} | {'1' * 100}", n, "table", header="Region | Revenue")
        for n in range(2, 40)
    ]

    found = placed_passages(rows, "paragraph")

    assert len(found) > 3
    assert all(p.text.startswith("Region | Revenue\nRegion ") for p in found)
    assert all(p.text.count("Revenue") == 1 for p in found)


def test_two_tables_side_by_side_stay_apart():
    rows = [PlacedBlock("a | b", 1, "table", header="a | b"), PlacedBlock("x | y", 2, "table")]

    assert [p.text for p in placed_passages(rows, "paragraph")] == ["a | b", "x | y"]

    rows = [PlacedBlock("a | b", 1, "table", table=1), PlacedBlock("x | y", 2, "table", table=2)]

    assert [p.text for p in placed_passages(rows, "paragraph")] == ["a | b", "x | y"]


def test_a_long_block_is_cut_between_words():
    text = "The fee is $1,000,000.00 {each;year} " * 200

    found = placed_passages([PlacedBlock(text, 1)], "paragraph")

    assert len(found) > 3
    assert " ".join(passage.text for passage in found).split() == text.split()
