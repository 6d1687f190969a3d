import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.core.checklists import (
    ACROSS,
    ANSWER_KINDS,
    VERDICTS,
    Checklist,
    Requirement,
    checklist_from,
    to_data,
)
from docqa.errors import ChecklistError


def plain(*requirements, **fields):
    return {"id": "mine", "title": "Mine", "requirements": list(requirements), **fields}


def row(number: int = 1, **fields):
    return {"id": f"r{number}", "text": "Is it encrypted?", **fields}


def problems(data, **options) -> tuple[str, ...]:
    with pytest.raises(ChecklistError) as caught:
        checklist_from(data, **options)
    return caught.value.problems


def test_what_a_requirement_does_not_say_is_as_usual():
    [requirement] = checklist_from(plain(row())).requirements

    assert requirement == Requirement("r1", "Is it encrypted?")
    assert requirement.verdicts == VERDICTS


def test_verdicts_and_across_of_the_checklist_hold_for_requirements_without_their_own():
    mine = row(2, verdicts=["met", "not_met"], across="agree")

    first, second = checklist_from(
        plain(row(), mine, verdicts=["met", "not_found"], across="independent")
    ).requirements

    assert (first.verdicts, first.across) == (("met", "not_found"), "independent")
    assert (second.verdicts, second.across) == (("met", "not_met"), "agree")


def test_words_are_understood_as_people_write_them_and_put_in_order():
    [requirement] = checklist_from(
        plain(row(verdicts="Not found; Partly met, met", kind="Date", across=" Independent "))
    ).requirements

    assert requirement.verdicts == ("met", "partly_met", "not_found")
    assert (requirement.kind, requirement.across) == ("date", "independent")


def test_phrases_may_be_one_text_and_are_there_once():
    [requirement] = checklist_from(plain(row(look_for="at rest; AES-256;at rest; "))).requirements

    assert requirement.look_for == ("at rest", "AES-256")


def test_all_that_is_wrong_is_said_at_once_with_row_and_id():
    found = problems(
        plain(
            row(1, kind="number"),
            row(2, text="  ", verdicts=["met", "maybe"]),
            row(1),
            row(4, look_for=["a; b"], guidence="typo"),
            "not a row",
            title="",
        )
    )

    said = "\n".join(found)
    assert "row 1 (id 'r1'): kind 'number' is none of verdict, text, date" in said
    assert "row 2 (id 'r2'): text is missing" in said
    assert "row 2 (id 'r2'): verdicts has 'maybe', which is none of met, partly_met" in said
    assert "row 3 (id 'r1'): row 1 has this id already" in said
    assert "row 4 (id 'r4'): there is no field 'guidence'" in said
    assert "row 4 (id 'r4'): look_for has a phrase with a semicolon" in said
    assert "row 5: it has no named fields" in said
    assert "title is missing" in said


def test_ids_that_differ_in_case_alone_are_the_same():
    assert problems(plain(row(id="A-1"), row(id="a-1"))) == (
        "row 2 (id 'a-1'): row 1 has this id already",
    )


def test_rows_are_named_by_the_numbers_they_have_in_the_file():
    assert problems(plain(row(text="")), rows=[7]) == ("row 7 (id 'r1'): text is missing",)


@pytest.mark.parametrize("identity", ["nda-1", "164.308(a)(1)(ii)(A)", "GV.OC-01", "§ 4 Abs. 2"])
def test_ids_of_laws_and_standards_are_taken(identity: str):
    assert checklist_from(plain(row(id=identity))).requirement(identity)


@pytest.mark.parametrize("identity", ["=1+1", "-1", "@x", "+1", "a\nb", "a<b>", "x" * 65, "", None])
def test_ids_that_are_formulas_markup_or_too_long_are_refused(identity: str | None):
    assert len(problems(plain(row(id=identity)))) == 1


@pytest.mark.parametrize("identity", ["../etc", "a/b", "a b", "rules.csv", ".hidden", "ä", ""])
def test_the_id_of_a_checklist_is_no_path(identity: str):
    assert len(problems(plain(row(), id=identity))) == 1


@pytest.mark.parametrize(
    ("field", "limit"), [("text", 4_000), ("guidance", 8_000), ("section", 200)]
)
def test_a_text_that_is_too_long_is_said_with_its_limit(field: str, limit: int):
    assert checklist_from(plain(row(**{field: "x" * limit})))

    [problem] = problems(plain(row(**{field: "x" * 20_000})))
    assert f"{field} has 20,000 characters, at most {limit:,}" in problem


def test_too_many_requirements_are_counted_and_not_read():
    assert problems(plain(*(row(n) for n in range(10_000)))) == (
        "it has 10,000 requirements, at most 1,000 are taken",
    )


def test_the_first_fifty_problems_are_shown_and_all_are_counted():
    with pytest.raises(ChecklistError, match="and 70 more") as caught:
        checklist_from(plain(*(row(n, text="") for n in range(120))))

    assert (len(caught.value.problems), caught.value.count) == (50, 120)


def test_a_checklist_needs_requirements_and_two_verdicts():
    assert problems(plain()) == ("it has no requirements",)
    assert problems(plain(row(verdicts=["met"]))) == (
        "row 1 (id 'r1'): verdicts needs two or more of met, partly_met, not_met, not_found, "
        "not_applicable",
    )


def test_more_phrases_than_forty_and_longer_ones_are_refused():
    assert "41 phrases" in problems(plain(row(look_for=[f"p{n}" for n in range(41)])))[0]
    assert "121 characters" in problems(plain(row(look_for=["x" * 121])))[0]


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x85", "\ud800", "\uffff"])
def test_control_characters_are_refused(letter: str):
    assert "control character" in problems(plain(row(text=f"a{letter}b")))[0]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "text", "title", "requirements", "verdicts", "kind", "x"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_any_data_is_a_checklist_or_says_why_not(data):
    try:
        found = len(checklist_from(data).requirements)
    except ChecklistError as error:
        found = len(error.problems)

    assert found


def texts(limit: int, *, least: int = 0):
    letters = st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\n\t=;-'")
    return st.text(letters, max_size=limit).map(str.strip).filter(lambda text: len(text) >= least)


PHRASES = texts(20, least=1).filter(lambda text: not set(text) & set(";\n\r"))
REQUIREMENTS = st.builds(
    Requirement,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.()-]{0,20}", fullmatch=True),
    text=texts(80, least=1),
    guidance=texts(40),
    section=texts(20),
    verdicts=st.sets(st.sampled_from(VERDICTS), min_size=2).map(
        lambda chosen: tuple(verdict for verdict in VERDICTS if verdict in chosen)
    ),
    kind=st.sampled_from(ANSWER_KINDS),
    look_for=st.lists(PHRASES, max_size=4, unique=True).map(tuple),
    across=st.sampled_from(ACROSS),
)
CHECKLISTS = st.builds(
    Checklist,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True),
    title=texts(30, least=1),
    version=texts(10, least=1),
    source=texts(30),
    requirements=st.lists(
        REQUIREMENTS, min_size=1, max_size=4, unique_by=lambda item: item.id.casefold()
    ).map(tuple),
    description=texts(30),
)


@settings(max_examples=30)
@given(CHECKLISTS)
def test_plain_data_makes_the_same_checklist_again(checklist: Checklist):
    assert checklist_from(to_data(checklist)) == checklist
