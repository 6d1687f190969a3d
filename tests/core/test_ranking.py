import pytest

from docqa.core.documents import LineLocator, ParsedDocument, Passage
from docqa.core.indexing import document_fields, index_fields
from docqa.core.ranking import (
    Candidate,
    Statistics,
    match_expression,
    parse_query,
    rank,
    rarest_terms,
)


def candidate(number, text, *, heading="", path="a.pdf", kind="pdf", passage_kind="paragraph"):
    passage = Passage(0, text, LineLocator(1, 1), heading=heading)
    fields = index_fields(path, passage, kind)
    return Candidate(number, fields, kind, path, passage_kind, heading=heading)


def statistics(*candidates):
    frequency: dict[str, int] = {}
    for each in candidates:
        for term in {term for field in each.fields for term in field.split()}:
            frequency[term] = frequency.get(term, 0) + 1
    return Statistics(100, 5.0, frequency)


def order(question, *candidates):
    ranked = rank(parse_query(question), candidates, statistics(*candidates))
    return [each.passage_id for _, each in ranked]


def test_a_passage_with_more_of_the_question_comes_first():
    assert order(
        "notice period for termination",
        candidate(1, "The termination fee is due."),
        candidate(2, "The notice period for termination is thirty days."),
    ) == [2, 1]


def test_neighbouring_words_count_more_than_scattered_ones():
    assert order(
        "limitation of liability",
        candidate(1, "Liability without any limitation is borne"),
        candidate(2, "The limitation of liability is waived"),
    ) == [2, 1]


def test_a_heading_says_what_its_passages_are_about():
    assert order(
        "governing law",
        candidate(1, "The parties submit to the courts of Nevada.", heading="12 Governing Law"),
        candidate(2, "The courts of law are closed."),
    ) == [1, 2]


def test_a_passage_that_is_only_a_heading_counts_less():
    assert order(
        "governing law",
        candidate(1, "Governing law", passage_kind="heading"),
        candidate(2, "Governing law is that of Nevada."),
    ) == [2, 1]


def test_tests_and_documentation_count_less_than_code():
    found = [
        candidate(1, "session cookie name", path="tests/test_sessions.py", kind="code"),
        candidate(2, "session cookie name", path="docs/sessions.md", kind="markdown"),
        candidate(3, "session cookie name", path="src/sessions.py", kind="code"),
    ]

    assert order("session cookie name", *found)[0] == 3
    assert order("test of the session cookie name", *found)[0] == 1


def test_what_a_change_is_about_stands_in_its_first_sentence():
    found = [
        candidate(1, "flush the buffer", path="a.py", kind="code"),
        candidate(2, "close the stream", path="b.py", kind="code"),
    ]

    assert order("Close the stream. Also flush.", *found) == [2, 1]
    assert order("Flush the buffer\n\nand close", *found) == [1, 2]
    assert parse_query("Close it. Then flush").first == {"close"}


def test_of_two_passages_alike_the_one_in_the_file_with_more_comes_first():
    found = [
        candidate(1, "session cookie", path="a.py", kind="code"),
        candidate(2, "session cookie", path="b.py", kind="code"),
        candidate(3, "the cookie", path="b.py", kind="code"),
    ]

    assert order("session cookie", *found)[0] == 2


def test_documentation_counts_fully_where_there_is_no_code():
    ranked = rank(
        parse_query("cookie"),
        [candidate(1, "cookie", path="docs/a.md", kind="markdown")],
        Statistics(10, 1.0, {"cooki": 1}),
    )
    plain = rank(
        parse_query("cookie"),
        [candidate(1, "cookie", path="a.md", kind="markdown")],
        Statistics(10, 1.0, {"cooki": 1}),
    )

    assert ranked[0][0] == plain[0][0]


def test_a_symbols_name_is_found_by_its_parts():
    fields = index_fields(
        "adapters.py",
        Passage(0, "pass", LineLocator(1, 1), "code", "class HTTPAdapter > def cert_verify"),
        "code",
    )

    assert fields.heading == "httpadapter http adapt cert_verify cert verifi"
    assert fields.name == "adapt py"


def test_a_definition_whose_name_the_question_says_in_full_comes_first():
    found = [
        candidate(1, "x cookie domain", heading="def other", path="a.py", kind="code"),
        candidate(
            2, "x cookie domain", heading="class Cookie > def lifetime_of_domain", kind="code"
        ),
        candidate(3, "x cookie domain", heading="class Cookie > def get_domain", kind="code"),
    ]

    assert order("Get the domain of a cookie.", *found)[0] == 3


@pytest.mark.parametrize(
    ("heading", "terms"),
    [
        ("namespace ns > struct Walker > f", "ns walker f"),
        ("interface Type > async function type", "type type"),
        ("mod inner > impl Tree > fn walk", "inner tree walk"),
        ("enum Color", "color"),
    ],
)
def test_only_the_names_of_a_symbols_path_are_indexed(heading, terms):
    passage = Passage(0, "pass", LineLocator(1, 1), "code", heading)

    assert index_fields("a.ts", passage, "code").heading == terms


def test_function_words_of_all_languages_at_hand_are_left_out_of_a_question():
    query = parse_query("What is the liability of the Käufer?", ["en", "de"])

    assert set(query.terms) == {"liabil", "liability", "kauf"} | {"kaufer"}
    assert not parse_query("what is it?")


def test_files_do_not_count_as_a_whole_where_nothing_is_code():
    alike = [candidate(1, "session cookie", path="a.md"), candidate(2, "session cookie")]
    ranked = rank(
        parse_query("session cookie"),
        [*alike, candidate(3, "a cookie", path="a.pdf")],
        statistics(*alike),
    )

    assert ranked[0][0] == ranked[1][0]


def test_a_very_long_question_is_cut():
    assert (
        len(parse_query(" ".join(f"word{chr(97 + n % 26)}{n}" for n in range(5_000))).terms) <= 200
    )


def test_the_rarest_terms_are_looked_up_within_the_bounds():
    frequency = {"rare": 2, "some": 50, "common": 900}

    assert rarest_terms(frequency, frequency, most=2, rows=1_000) == ("rare", "some")
    assert rarest_terms(frequency, frequency, most=9, rows=100) == ("rare", "some")
    assert rarest_terms(["common"], frequency, most=9, rows=100) == ("common",)
    assert rarest_terms(["absent"], frequency, most=9, rows=100) == ()


@pytest.mark.parametrize(
    ("terms", "expression"), [(["a", "b.c"], '"a" OR "b.c"'), (["税*"], '"税"*')]
)
def test_terms_are_looked_up_as_strings(terms, expression):
    assert match_expression(terms) == expression


def filing(number, company, text):
    passages = tuple(
        Passage(n, each, LineLocator(n + 1, n + 1))
        for n, each in enumerate((company, text, *("Other matters." for _ in range(30))))
    )
    parsed = ParsedDocument("text", passages, language="en")
    fields = document_fields(f"{number}.txt", parsed)[1]
    return Candidate(number, fields, "text", f"{number}.txt")


def test_of_documents_alike_the_one_that_opens_with_the_name_asked_for_comes_first():
    candidates = [
        filing(1, "Initech Corporation", "Legal proceedings are described in a note."),
        filing(2, "Umbrella Corporation", "Legal proceedings are told in a note."),
    ]
    query = parse_query("Which legal proceedings are described by Umbrella?")
    frequency = {"legal": 2, "proceed": 2, "describ": 24, "~umbrella": 31}

    ranked = rank(query, candidates, Statistics(64, 8.0, frequency))

    assert [item.passage_id for _, item in ranked] == [2, 1]


def test_only_names_and_numbers_of_a_question_point_at_documents():
    assert parse_query("How did the tax rate of Umbrella change in Q3 2023?").about == {
        "~umbrella",
        "~q3",
        "~2023",
    }
    assert not parse_query("Backups are tested").about
    assert not parse_query("Legal Proceedings And Risk Factors").about


def test_a_question_about_statements_looks_for_other_names_too_and_prefers_numbers():
    query = parse_query("What was revenue in fiscal 2023?")
    spoken = candidate(1, "Net sales of the year are told in another place of this text.")
    table = candidate(2, "Net sales 1,200 1,300 1,400 1,500 1,600 1,700 of this year.")

    ranked = rank(query, [spoken, table], Statistics(10, 10.0, {"net": 2, "sale": 2}))

    assert query.statements
    assert {"net", "sale"} <= query.lesser
    assert [item.passage_id for _, item in ranked] == [2, 1]
