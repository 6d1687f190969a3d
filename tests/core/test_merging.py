import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checking import check_answer
from docqa.core.merging import complete_sentences, merge
from docqa.core.prompts import NOT_FOUND_SENTENCE
from tests.core.passages import Passages, packed

NOTICE = "The Supplier must notify the Customer within 72 hours."
TERM = "The agreement ends on 31 December 2027 unless it is renewed."
BACKUPS = "Nightly backups are kept for 35 days in two data centres."
SOURCE = Passages(
    [
        packed(NOTICE, 1, document="a.txt", document_id=1),
        packed(TERM, 2, document="a.txt", document_id=1),
        packed(NOTICE, 3, document="b.txt", document_id=2),
        packed(BACKUPS, 4, document="c.txt", document_id=3),
        packed("Nightly backups are kept for 20 days.", 5, document="old.txt", document_id=9),
    ],
    excluded=[9],
)


def labels(raw):
    return [int(label) for label in re.findall(r"\[#(\d+)\]", raw)]


def test_statements_of_all_shards_stand_one_a_line_in_the_order_of_the_pack():
    merged = merge([f"{BACKUPS} [#4]", f"{TERM} [#2]\n{NOTICE} [#1]"], SOURCE)

    assert merged.raw.splitlines() == [f"- {NOTICE} [#1]", f"- {TERM} [#2]", f"- {BACKUPS} [#4]"]
    assert merged.brought == (1, 2)


def test_the_answer_of_the_only_shard_that_found_something_stays_as_it_is():
    said = f"Here is what I found:\n\n1. {NOTICE} [#1]\n2. {TERM} [#2]"

    merged = merge([NOT_FOUND_SENTENCE, said, "The documents do not say."], SOURCE)

    assert merged.raw == said
    assert merged.brought == (0, 2, 0)


def test_the_same_fact_from_two_places_stands_once_and_cites_both():
    merged = merge(
        [f"{NOTICE} [#1]", "The Supplier must notify the Customer in 72 hours [#3]."], SOURCE
    )

    assert merged.raw == f"- {NOTICE} [#1][#3]"
    assert merged.brought == (1, 1)


def test_facts_that_differ_in_a_number_or_a_negation_stay_apart():
    source = Passages([packed(NOTICE, 1), packed(NOTICE, 2, document_id=2)])
    for other in ("within 48 hours", "within 72 hours, never later"):
        said = NOTICE.replace("within 72 hours", other)

        merged = merge([f"{NOTICE} [#1]", f"{said} [#2]"], source)

        assert labels(merged.raw) == [1, 2]
        assert len(merged.raw.splitlines()) == 2


BOILERPLATE = "The party shall pay all invoices within 30 days of receipt, or at 5 percent."
ALIKE = Passages(
    [
        packed(BOILERPLATE, label, document=f"{label // 100}.txt", document_id=label // 100)
        for label in (101, 102, 501, 502)
    ]
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The operating margin was -5%", "The operating margin was 5%"),
        ("The operating margin was (5)%", "The operating margin was 5%"),
        ("The operating margin was −5%", "The operating margin was 5%"),
        ("The fee is $5 million", "The fee is €5 million"),
        ("The fee is 5 USD", "The fee is 5 EUR"),
        ("The limit is > 5 GB", "The limit is < 5 GB"),
        ("The limit is 5 GB", "The limit is 5 Gb"),
        ("The limit is more than 5 GB", "The limit is less than 5 GB"),
        ("Version 1.5 is supported", "Version 1-5 is supported"),
        ("Acme must pay within 30 days", "Globex must pay within 30 days"),
        ("Acme sued Beta", "Beta sued Acme"),
        ("The customer may end it", "The customer can't end it"),
        ("The customer will end it", "The customer won’t end it"),
        ("The plan includes dental care", "The plan doesn't include dental care"),
        ("The insurer pays the costs", "The insured pays the costs"),
        ("The notice is due before the end", "The notice is due after the end"),
        ("Payment is due in 30 days", "Payment is due in 45 days"),
        ("Hepatitis A is covered", "Hepatitis B is covered"),
        ("The patent covers vitamin A", "The patent covers vitamin"),
        ("The area is 10² m", "The area is 102 m"),
        ("It pays $5", "It pays $5"),
        ("This agreement ends in 2027", "This agreement ends in 2027"),
        ("In addition, they pay $5", "In addition, they pay $5"),
        ("期限は30日", "期限は60日"),
    ],
)
def test_facts_that_differ_or_may_differ_stand_both(one, other):
    merged = merge([f"{one} [#101].", f"{other} [#501]."], ALIKE)

    assert merged.raw.splitlines() == [f"- {one} [#101].", f"- {other} [#501]."]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme sued Beta for $5", "Acme sued Beta for $5"),
        ("The fee is -5%", "the **fee** is -5%"),
        ("The supplier must answer within 5 days", "The supplier must answer in 5 days"),
    ],
)
def test_one_fact_of_two_documents_stands_once(one, other):
    merged = merge([f"{one} [#101].", f"{other} [#501]."], ALIKE)

    assert merged.raw == f"- {one} [#101]. [#501]"


def test_a_pronoun_means_the_same_within_a_document():
    merged = merge(["It pays $5 [#101].", "It pays $5 [#102].", "It pays $5."], ALIKE)

    assert merged.raw.splitlines() == ["- It pays $5.", "- It pays $5 [#101]. [#102]"]


@pytest.mark.parametrize(
    "said",
    [
        "The documents do not state the fee for Acme, but Beta pays $5,000 [#103].",
        "Personal data are not stored in the documents [#103].",
        "The agreement ends, and no information about customers may be kept in the files [#103].",
    ],
)
def test_a_statement_with_a_citation_is_kept_though_it_sounds_like_not_found(said):
    source = Passages([packed(NOTICE, 103), packed(TERM, 2)])

    alone = merge([said, NOT_FOUND_SENTENCE], source)
    both = merge([said, f"{TERM} [#2]"], source)

    assert (alone.raw, alone.brought) == (said, (1, 0))
    assert both.raw.splitlines() == [f"- {TERM} [#2]", f"- {said}"]


def test_what_is_dropped_as_not_found_brings_nothing():
    merged = merge([f"{NOT_FOUND_SENTENCE} [#2]", f"{NOT_FOUND_SENTENCE} [#5]", TERM], SOURCE)

    assert (merged.raw, merged.brought, merged.outside) == (TERM, (0, 0, 0), 0)


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("**Acme Corp**\n- Cap: $5 [#101]", ["- Acme Corp: Cap: $5 [#101]"]),
        ("**Acme:**\n\nThe cap is $5 [#101].", ["- Acme: The cap is $5 [#101]."]),
        ("# Acme\n## Fees\n- Cap: $5 [#101]", ["- Acme: Fees: Cap: $5 [#101]"]),
        (
            "Acme's terms are:\n- cap $5 [#101]\n- notice 3 days [#102]",
            [
                "- Acme's terms are: cap $5 [#101]",
                "- Acme's terms are: notice 3 days [#102]",
            ],
        ),
        ("Here are Acme's terms:\n- cap $5 [#101]", ["- Here are Acme's terms: cap $5 [#101]"]),
        ("Not covered:\n- dental care [#101]", ["- Not covered: dental care [#101]"]),
        (
            "- Acme\n  - cap $5 [#101]\n- In all $9 [#102]",
            ["- Acme: cap $5 [#101]", "- In all $9 [#102]"],
        ),
        (
            "1. **Acme**\n- cap $5 [#101]\n- notice 3 days [#102]\n2. Beta\n- cap $6 [#102]",
            [
                "- Acme: cap $5 [#101]",
                "- Acme: notice 3 days [#102]",
                "- Beta: cap $6 [#102]",
            ],
        ),
        (
            "- **Acme**: The cap is $5 [#101]. Notice is 3 days [#102].",
            ["- **Acme**: The cap is $5 [#101].", "- Acme: Notice is 3 days [#102]."],
        ),
        (
            "- Acme pays $9 [#101].\n  - Of it for Mars: $5 [#102].",
            ["- Acme pays $9 [#101].", "- Acme pays $9 [#101]: Of it for Mars: $5 [#102]."],
        ),
        (
            "Acme:\n- cap $5 [#101]\n\nBeta pays $6 [#102].",
            ["- Acme: cap $5 [#101]", "- Beta pays $6 [#102]."],
        ),
        (
            "**1. Acme**\n- cap $5 [#101]\n**2. Beta**\n- cap $6 [#102]",
            ["- Acme: cap $5 [#101]", "- Beta: cap $6 [#102]"],
        ),
        ("## 1. Acme\nThe cap is $5 [#101].", ["- Acme: The cap is $5 [#101]."]),
        ("Acme Inc.\n- cap $5 [#101]", ["- Acme Inc: cap $5 [#101]"]),
        (
            "**Acme:** The cap is $5 [#101]. It ends [#102].",
            ["- **Acme:** The cap is $5 [#101].", "- Acme: It ends [#102]."],
        ),
        ("The cap - so they say - is $5 [#101].", ["- The cap - so they say - is $5 [#101]."]),
        ("**Acme**\n- Acme pays $5 [#101]", ["- Acme pays $5 [#101]"]),
    ],
)
def test_a_statement_says_under_what_it_stood(said, lines):
    merged = merge([said, "The end [#502]."], ALIKE)

    assert merged.raw.splitlines() == [*lines, "- The end [#502]."]


def test_the_same_item_under_two_headings_is_two_facts_and_under_one_is_one():
    acme, beta = "**Acme:**\n- Notice: 30 days [#101]", "**Beta:**\n- Notice: 30 days [#501]"
    again = "## Acme\n1. Notice: 30 days [#502]"

    merged = merge([acme, beta, again], ALIKE)

    assert merged.raw.splitlines() == [
        "- Acme: Notice: 30 days [#101][#502]",
        "- Beta: Notice: 30 days [#501]",
    ]


def test_what_an_item_stood_under_is_verified_with_it():
    source = Passages([packed("Acme Corp's cap is $5.", 1), packed("Beta's cap is $6.", 2)])

    merged = merge(["**Acme Corp**\n- Cap: $5 [#1]", "**Acme Corp**\n- Cap: $6 [#2]"], source)

    right, wrong = check_answer(merged.raw, source).citations
    assert right.missing == ()
    assert wrong.missing == ("Acme Corp",)


def test_not_found_of_every_shard_is_not_found():
    merged = merge([NOT_FOUND_SENTENCE, "The documents do not mention it.", " "], SOURCE)

    assert merged.raw == NOT_FOUND_SENTENCE
    assert check_answer(merged.raw, SOURCE).status == "not_found"


def test_a_statement_that_rests_on_a_superseded_version_alone_is_left_out_and_counted():
    merged = merge([f"{NOTICE} [#1]", "Nightly backups are kept for 20 days [#5]."], SOURCE)

    assert merged.raw == f"{NOTICE} [#1]"
    assert (merged.brought, merged.outside) == ((1, 0), 1)


def test_courtesies_headings_and_not_found_sentences_go():
    said = f"## Answer\n\nHere are the deadlines:\n- {NOTICE} [#1]\n\nThe documents do not say."

    merged = merge([said, f"{BACKUPS} [#4]"], SOURCE)

    assert merged.raw.splitlines() == [f"- {NOTICE} [#1]", f"- {BACKUPS} [#4]"]


def test_a_table_or_a_block_of_code_is_kept_in_one_piece():
    table = "| what | when |\n|---|---|\n| notice | 72 hours [#1] |"

    merged = merge([table, f"{BACKUPS} [#4]"], SOURCE)

    assert merged.raw == f"{table}\n\n- {BACKUPS} [#4]"


def test_a_statement_without_a_label_stays_beside_what_stood_before_it():
    said = f"{TERM} [#2] Renewal takes a written notice."

    merged = merge([f"{BACKUPS} [#4]", said], SOURCE)

    assert merged.raw.splitlines()[:2] == [f"- {TERM} [#2]", "- Renewal takes a written notice."]


def test_what_is_merged_is_verified_at_both_places():
    merged = merge([f"{NOTICE} [#1] {TERM} [#2]", f"{NOTICE} [#3]"], SOURCE)

    checked = check_answer(merged.raw, SOURCE)

    assert checked.status == "answered"
    assert [one.document for one in checked.citations] == ["a.txt", "b.txt", "a.txt"]
    assert {one.support for one in checked.citations} == {"exact"}
    assert checked.text.splitlines()[0] == f"- {NOTICE} [1][2]"


facts = st.lists(st.sampled_from([(NOTICE, 1), (NOTICE, 3), (TERM, 2), (BACKUPS, 4)]), max_size=5)


@given(st.lists(facts, min_size=1, max_size=5))
def test_no_place_that_was_cited_is_lost_and_none_is_cited_twice_for_a_fact(shards):
    merged = merge(
        [" ".join(f"{text} [#{label}]" for text, label in one) for one in shards], SOURCE
    )

    cited = {label for one in shards for _, label in one}
    assert set(labels(merged.raw)) == cited
    if sum(map(bool, shards)) > 1:
        assert len(labels(merged.raw)) == len(cited)
        assert len(merged.raw.splitlines()) == len({t for one in shards for t, _ in one})


marked_up = st.lists(
    st.sampled_from(
        [
            "# A\n",
            "**B**\n",
            "C:\n",
            "- d",
            "  - e",
            "1. f",
            " [#1]",
            ". ",
            "\n",
            "\n\n",
            "$5",
            "The fee",
        ]
    ),
    max_size=20,
).map("".join)


@given(st.lists(st.one_of(st.text(max_size=60), marked_up), max_size=6))
def test_any_text_can_be_merged_and_checked(answers):
    merged = merge(answers, SOURCE)

    assert len(merged.brought) == len(answers)
    check_answer(merged.raw, SOURCE)


@pytest.mark.parametrize(
    ("cut_off", "whole"),
    [
        (f"{NOTICE} [#1] The agreement ends on", f"{NOTICE} [#1]"),
        (f"{NOTICE} [#1]", f"{NOTICE} [#1]"),
        (f"- {NOTICE} [#1]\n- {TERM}", f"- {NOTICE} [#1]\n- {TERM}"),
        ("The agreement ends on", ""),
        ("", ""),
    ],
)
def test_of_an_answer_that_was_cut_off_whole_sentences_stay(cut_off, whole):
    assert complete_sentences(cut_off) == whole
