import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checking import check_answer
from docqa.core.citations import chips
from docqa.core.claims import says_not_found
from docqa.core.prompts import NOT_FOUND_SENTENCE
from tests.core.hostile import texts
from tests.core.passages import Passages, packed
from tests.core.test_verification import BACKUP, BATTERY, BREACH, PAYMENT, SECRECY, TERM

SOURCE = Passages(
    [
        packed(BREACH, 41),
        packed(PAYMENT, 42),
        packed(TERM, 43),
        packed(SECRECY, 57, document_id=2),
        packed(BACKUP, 58, document="policy.md", document_id=3),
        packed(BATTERY, 90, document_id=9),
    ],
    excluded=[9],
)


def checked(raw, **arguments):
    return check_answer(raw, SOURCE, **arguments)


def test_a_cited_answer_is_answered_with_its_quote():
    answer = checked("The processor notifies the controller within 72 hours [#41].")

    (citation,) = answer.citations
    assert answer.status == "answered"
    assert answer.text == "The processor notifies the controller within 72 hours [1]."
    assert citation.label == 41
    assert citation.lines == (10, 10)
    assert citation.page is None
    assert "seventy-two (72) hours" in citation.quote
    assert citation.support == "weak"
    assert citation.missing == ()
    assert answer.text[citation.start : citation.end] == answer.text
    assert [check.mark for check in answer.sentences] == ["supported"]
    assert answer.sentences[0].markers == (1,)


@pytest.mark.parametrize(
    "raw",
    [
        "Interest is 1.5% per month.[#42] Backups are taken every night.[#58]",
        "Interest is 1.5% per month [#42]. Backups are taken every night [#58].",
        "Interest is 1.5% per month. [#42] Backups are taken every night. [#58]",
        "- Interest is 1.5% per month [#42]\n- Backups are taken every night [#58]\n",
        "- [#42] Interest is 1.5% per month\n- [#58] Backups are taken every night",
        "[#42] Interest is 1.5% per month.\n[#58] Backups are taken every night.",
        "| Interest is 1.5% per month | [#42] |\n| Backups are taken every night | [#58] |",
        "Interest is 1.5% per month [#42] and backups are taken every night [#58].",
    ],
)
def test_a_marker_stands_for_the_claim_beside_it(raw):
    answer = checked(raw)

    assert [citation.label for citation in answer.citations] == [42, 58]
    for citation, said in zip(answer.citations, ("Interest", "ackups"), strict=True):
        assert said in answer.text[citation.start : citation.end]
        assert citation.missing == ()
        assert citation.support != "unsupported"
    assert answer.status == "answered"


def test_a_label_out_of_scope_or_out_of_the_pack_is_not_cited():
    answer = checked("A complete charge takes about four hours [#90]. It is green [#12345].")

    assert answer.unresolved == 2
    assert all(citation.label not in (90, 12345) for citation in answer.citations)
    assert "[" not in answer.text
    assert answer.status == "unsupported"


def test_a_claim_that_cites_nothing_is_attributed_by_docqa():
    answer = checked("Overdue amounts bear interest at 1.5% per month. They taste of strawberries.")

    (citation,) = answer.citations
    assert citation.origin == "docqa"
    assert citation.label == 42
    assert answer.text == (
        "Overdue amounts bear interest at 1.5% per month.[1] They taste of strawberries."
    )
    assert [check.mark for check in answer.sentences] == ["attributed", "unsupported"]
    first, second = answer.sentences
    assert answer.text[first.start : first.end].endswith("per month.")
    assert answer.text[second.start : second.end] == "They taste of strawberries."
    assert answer.status == "answered"


def test_a_citation_of_the_wrong_passage_names_the_better_one():
    answer = checked("Backups are taken every night and kept for 35 days [#42].")

    (citation,) = answer.citations
    assert citation.label == 42
    assert citation.support == "unsupported"
    assert citation.missing == ("35",)
    assert citation.misattributed == 58
    assert answer.status == "unsupported"


def test_a_number_that_is_missing_makes_the_answer_unsupported():
    answer = checked("The processor must notify the controller of a breach within 48 hours [#41].")

    assert answer.citations[0].missing == ("48",)
    assert answer.sentences[0].mark == "unsupported"
    assert answer.status == "unsupported"


def test_the_sentence_for_not_found_is_understood():
    assert checked(NOT_FOUND_SENTENCE).status == "not_found"
    assert checked(f"**{NOT_FOUND_SENTENCE}**").status == "not_found"
    assert checked(NOT_FOUND_SENTENCE).sentences[0].mark == "no_claim"


def test_an_answer_with_a_supported_citation_is_not_not_found():
    raw = f"Backups are taken every night [#58]. As to prices: {NOT_FOUND_SENTENCE}"

    assert checked(raw).status == "answered"


@pytest.mark.parametrize(
    "text",
    [
        "The provided documents do not mention a refund policy.",
        "The documents don't say.",
        "There is no information about refunds in the documents.",
        "A refund policy is not described in the document.",
        "Die Dokumente sagen dazu nichts.",
        "the documents do not say",
    ],
)
def test_other_ways_to_say_not_found(text):
    assert says_not_found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The document says that the Recipient may not disclose it.",
        "The processor does not delete data.",
        "Backups are not stored in the office.",
    ],
)
def test_a_statement_with_a_negation_is_not_not_found(text):
    assert not says_not_found(text)


@pytest.mark.parametrize(
    "raw",
    [
        "## Notification of breaches",
        "Here is what the documents say:",
        "Would you like to know more about invoices and interest?",
        "Let me know if you need more on invoices and payments.",
        "```python\nopen_session(request, secret_key)\n```",
        "|---|---|",
    ],
)
def test_headings_code_and_courtesies_make_no_claim(raw):
    assert [check.mark for check in checked(raw).sentences if check.mark != "no_claim"] == []


def test_a_bare_answer_finds_its_place_by_the_question():
    answer = checked("Yes [#42].", question="Do overdue amounts bear interest per month?")

    assert "overdue bear interest" in answer.citations[0].quote
    assert answer.status == "answered"


def test_a_marker_alone_is_cited_for_the_question():
    answer = checked("[#42]", question="Do overdue amounts bear interest per month?")

    assert answer.text == "[1]"
    assert "overdue bear interest" in answer.citations[0].quote


@pytest.mark.parametrize("ended", ["truncated", "stopped", "failed"])
def test_how_an_answer_ended_is_its_status(ended):
    answer = checked("Backups are taken every night [#58]. And the [#4", ended=ended)

    assert answer.status == ended
    assert answer.text == "Backups are taken every night [1]. And the"


def test_an_empty_answer_supports_nothing():
    answer = checked("")

    assert answer.text == ""
    assert answer.status == "unsupported"


PIECES = (
    *(
        "[#41]",
        "[#42, #58]",
        "[#57][#43]",
        "[#90]",
        "[#7]",
        "[#4",
        "[1]",
        "`",
        "```\n",
        "\n",
        "\n\n",
    ),
    *(" ", "- ", "| ", "|", "## ", "**", ". ", ".", "? ", "。", "Yes", NOT_FOUND_SENTENCE),
    *("Backups are taken every night", "Overdue amounts bear interest at 1.5% per month."),
    *("The Recipient shall disclose Confidential Information", "It is 48 hours", "`x = [#41]`"),
    *("A complete charge takes about four hours.", "\ud800", "\x00", "\u2028", "通知"),
)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=14).map("".join))
def test_every_citation_is_a_quote_of_a_passage_in_scope(raw):
    answer = checked(raw, question="What about interest?")

    for citation in answer.citations:
        passage = SOURCE.by_label(citation.label)
        assert passage is not None
        assert SOURCE.in_scope(citation.label)
        assert passage.passage.text[citation.quote_start : citation.quote_end] == citation.quote
        assert citation.document_id == passage.document_id
        assert citation.quote or citation.support == "unsupported"
        assert 0 <= citation.start <= citation.end <= len(answer.text)
        if citation.misattributed is not None:
            assert SOURCE.in_scope(citation.misattributed)
    shown = [marker for _, _, marker in chips(answer.text)]
    assert set(shown) == {citation.marker for citation in answer.citations}
    assert len({(c.marker, c.label) for c in answer.citations}) == len(set(shown))
    ends = [(check.start, check.end) for check in answer.sentences]
    assert ends == sorted(ends)
    assert all(
        0 <= start < end <= len(answer.text) and before_end <= start
        for (_, before_end), (start, end) in zip([(0, 0), *ends], ends, strict=False)
    )


@given(texts, st.lists(texts, max_size=3))
def test_hostile_passages_and_answers_are_checked_all_the_same(raw, passages):
    source = Passages([packed(text, label) for label, text in enumerate(passages, 1)])

    answer = check_answer(f"{raw} [#1][#2]", source, question=raw)

    for citation in answer.citations:
        text = passages[citation.label - 1]
        assert text[citation.quote_start : citation.quote_end] == citation.quote
