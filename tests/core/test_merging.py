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


def test_not_found_of_every_shard_is_not_found():
    merged = merge([NOT_FOUND_SENTENCE, "The documents do not mention it.", " "], SOURCE)

    assert merged.raw == NOT_FOUND_SENTENCE
    assert check_answer(merged.raw, SOURCE).status == "not_found"


def test_a_statement_that_rests_on_a_superseded_version_alone_is_left_out_and_counted():
    merged = merge([f"{NOTICE} [#1]", "Nightly backups are kept for 20 days [#5]."], SOURCE)

    assert merged.raw == f"{NOTICE} [#1]"
    assert (merged.brought, merged.outside) == ((1, 0), 1)


def test_courtesies_headings_and_not_found_sentences_go():
    said = f"## Deadlines\n\nHere are the deadlines:\n- {NOTICE} [#1]\n\nThe documents do not say."

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


@given(st.lists(st.text(max_size=60), max_size=6))
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
