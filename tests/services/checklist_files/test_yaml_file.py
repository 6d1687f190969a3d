import pytest

from docqa.errors import ChecklistError
from docqa.services.checklist_files import yaml_file

HEAD = "id: mine\ntitle: Mine\nrequirements:\n"


def problems(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ChecklistError) as caught:
        yaml_file.checklist_of(data)
    return "\n".join(caught.value.problems)


def test_values_stay_as_they_are_written():
    checklist = yaml_file.checklist_of(
        (
            HEAD.replace("Mine", "2026-01-01") + "- id: 1.10\n  text: no\n- {id: 010, text: ~}"
        ).encode()
    )

    assert checklist.title == "2026-01-01"
    assert [(item.id, item.text) for item in checklist.requirements] == [
        ("1.10", "no"),
        ("010", "~"),
    ]


def test_one_bad_requirement_is_named_by_its_place():
    assert "row 2 (id 'b'): text is missing" in problems(HEAD + "- {id: a, text: x}\n- {id: b}")


def test_a_broken_file_is_told_with_the_line():
    assert problems(HEAD + "- {id: a, text: [\n").startswith("line 5")


def test_aliases_are_not_taken_so_that_they_cannot_multiply():
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"

    assert problems(bomb) == "line 2: aliases (*name) are not taken"


def test_a_file_that_nests_without_end_is_refused():
    assert "not as deep" in problems("[" * 100_000)


def test_tags_make_nothing():
    assert "not a text" in problems(
        HEAD + "- {id: a, text: !!python/object/apply:os.system [echo]}"
    )


def test_a_field_that_is_there_twice_is_not_guessed():
    assert "line 5: the field 'text' is there twice" in problems(
        HEAD + "- text: x\n  text: y\n  id: a"
    )


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b", "a: 1\n---\nb: 2", "? [a]\n: b", "\x00", "&a"]
)
def test_what_is_no_checklist_is_refused_in_words(text: str):
    assert problems(text)


def test_ten_thousand_requirements_are_counted():
    rows = "".join(f"- {{id: r{n}, text: x}}\n" for n in range(10_000))

    assert problems(HEAD + rows) == "it has 10,000 requirements, at most 1,000 are taken"
