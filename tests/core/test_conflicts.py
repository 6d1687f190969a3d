from hypothesis import given
from hypothesis import strategies as st

from docqa.core.checklists import Checklist, Requirement
from docqa.core.conflicts import conflicts
from docqa.core.findings import FINDING_STATUSES, Cell

REQUIREMENTS = (
    Requirement("encrypted", "Backups are encrypted."),
    Requirement("kept", "How long are backups kept?", kind="amount"),
    Requirement("law", "Which law governs it?", kind="text", across="independent"),
    Requirement("parts", "What is backed up?", kind="list"),
)
CHECKLIST = Checklist("x", "X", "1", "", REQUIREMENTS)


def cell(number, requirement_id, verdict, value="", status=""):
    return Cell(
        id=number,
        review_id=1,
        requirement_id=requirement_id,
        row=0,
        document_id=number,
        document=f"{number}.pdf",
        state="done",
        status=status or verdict,
        verdict=verdict,
        review_state="draft",
        value=value,
        quotes=0,
        finding_id=number,
        previous_finding_id=0,
        changed=False,
        version_id=1,
        revision=1,
        error="",
        error_hint="",
        error_type="",
    )


def test_met_contradicts_not_met():
    cells = [
        cell(1, "encrypted", "met"),
        cell(2, "encrypted", "not_met"),
        cell(3, "encrypted", "met"),
        cell(4, "encrypted", "not_found"),
        cell(5, "encrypted", "needs_person"),
        cell(6, "kept", "not_met"),
    ]

    assert conflicts(CHECKLIST, cells) == {1: (2,), 2: (1, 3), 3: (2,)}


def test_values_that_differ_contradict_each_other():
    cells = [
        cell(1, "kept", "met", "35 days"),
        cell(2, "kept", "met", "thirty-five days"),
        cell(3, "kept", "partly_met", "14 days"),
        cell(4, "kept", "met"),
        cell(5, "kept", "needs_person", "90 days"),
    ]

    assert conflicts(CHECKLIST, cells) == {1: (3,), 2: (3,), 3: (1, 2)}


def test_what_a_person_decided_counts():
    cells = [
        cell(1, "encrypted", "not_met", status="met"),
        cell(2, "encrypted", "not_met"),
    ]

    assert conflicts(CHECKLIST, cells) == {}


def test_independent_documents_and_lists_may_differ():
    cells = [
        cell(1, "law", "met", "New York"),
        cell(2, "law", "not_met", "Delaware"),
        cell(3, "parts", "met", "mail\nfiles"),
        cell(4, "parts", "met", "databases"),
    ]

    assert conflicts(CHECKLIST, cells) == {}


CELLS = st.lists(
    st.tuples(
        st.sampled_from([requirement.id for requirement in REQUIREMENTS]),
        st.sampled_from(FINDING_STATUSES),
        st.sampled_from(["", "35 days", "14 days", "14  days", "Delaware"]),
    ),
    max_size=12,
)


@given(CELLS)
def test_a_conflict_is_mutual_and_within_one_requirement(drawn):
    cells = {number: cell(number, *told) for number, told in enumerate(drawn, 1)}

    found = conflicts(CHECKLIST, cells.values())

    for one, others in found.items():
        assert one not in others
        assert list(others) == sorted(set(others))
        assert all(one in found[other] for other in others)
        assert {cells[one].requirement_id} == {cells[other].requirement_id for other in others}
