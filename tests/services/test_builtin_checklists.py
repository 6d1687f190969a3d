"""The checklists that come with docqa are complete, and say what they are made from."""

import re
from collections import Counter

import pytest

from docqa.core.checklists import Checklist
from docqa.services.builtin_checklists import builtin

CFR = re.compile(r"164\.3(08|10|12|14|16)(\([a-z]\))(\(\d\))?(\([ivx]+\))?(\([A-E]\))?")


@pytest.fixture(
    params=["commercial-clauses", "gdpr-art28", "hipaa-security", "nda-rules", "nist-csf-2"]
)
def checklist(request) -> Checklist:
    return builtin()[request.param]


def test_there_are_these_five():
    assert {name: len(checklist.requirements) for name, checklist in builtin().items()} == {
        "commercial-clauses": 41,
        "gdpr-art28": 28,
        "hipaa-security": 71,
        "nda-rules": 17,
        "nist-csf-2": 106,
    }


def test_every_requirement_says_what_counts_and_what_to_look_for(checklist: Checklist):
    for item in checklist.requirements:
        assert len(item.guidance) > 30, item.id
        assert 3 <= len(item.look_for) <= 10, item.id
        assert item.section, item.id


def test_each_names_its_source_and_what_it_is_for(checklist: Checklist):
    assert len(checklist.source) > 80
    assert "own words" in checklist.source
    assert len(checklist.description) > 100


def test_no_two_requirements_say_the_same(checklist: Checklist):
    assert max(Counter(item.text for item in checklist.requirements).values()) == 1


def test_the_framework_has_its_subcategories_in_every_function():
    functions = Counter(item.id[:2] for item in builtin()["nist-csf-2"].requirements)

    assert functions == {"GV": 31, "ID": 21, "PR": 22, "DE": 11, "RS": 13, "RC": 8}


def test_subcategories_stand_under_the_category_of_their_id():
    for item in builtin()["nist-csf-2"].requirements:
        assert item.section.endswith(f"({item.id[:5]})")


def test_security_rule_ids_are_places_in_the_code():
    for item in builtin()["hipaa-security"].requirements:
        assert CFR.fullmatch(item.id), item.id
        assert item.id[:7] in item.section
        assert item.guidance.startswith(("Standard", "Required", "Addressable")), item.id


def test_contracts_are_not_expected_to_agree_and_one_organisations_policies_are():
    found = {name: {item.across for item in one.requirements} for name, one in builtin().items()}

    assert found["nda-rules"] == found["commercial-clauses"] == {"independent"}
    assert found["gdpr-art28"] == {"independent"}
    assert found["hipaa-security"] == found["nist-csf-2"] == {"agree"}


def test_clauses_are_found_or_not():
    assert {item.verdicts for item in builtin()["commercial-clauses"].requirements} == {
        ("met", "not_found")
    }
