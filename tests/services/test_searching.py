import pytest

from docqa.core.text_patterns import regex_pattern
from docqa.errors import InputError, PatternError
from docqa.services.text_search import find_text
from tests.services import parts
from tests.services.parts import workspace

APP = '''"""The dispatcher."""

LIMIT_OF_RETRIES = 3


class Dispatcher:
    def send_parcel(self, parcel):
        if parcel.retries > LIMIT_OF_RETRIES:
            raise ValueError("too many retries")
        return self.carrier.send_parcel(parcel)
'''
TEST = """from dispatcher import Dispatcher


def test_send_parcel():
    assert Dispatcher().send_parcel(None)
"""


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """An app with a small codebase; not to be changed."""
    folder = tmp_path_factory.mktemp("sources") / "parcels"
    for path, text in (
        ("src/dispatcher.py", APP),
        ("a_tests/test_dispatcher.py", TEST),
        ("docs/guide.md", "# Guide\n\nCall `send_parcel` once a parcel is packed.\n"),
    ):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    app = parts.app_of(tmp_path_factory.mktemp("coded") / "home")
    assert parts.ingest(app, folder).status == "done"
    yield app
    parts.close(app)


def places(app, query, **options):
    return [
        f"{result.path}:{result.lines[0]}"
        for result in app.searching.search(workspace(app), query, **options)
    ]


def test_a_string_is_found_to_the_line_definitions_first_and_tests_last(coded):
    found = places(coded, "send_parcel", how="exact")

    assert found[:2] == ["src/dispatcher.py:7", "src/dispatcher.py:10"]
    assert found[2:] == [
        "a_tests/test_dispatcher.py:4",
        "a_tests/test_dispatcher.py:5",
        "docs/guide.md:3",
    ]
    assert places(coded, "send_parcel", how="exact", k=1) == ["src/dispatcher.py:7"]


def test_a_line_comes_with_what_is_around_it_and_its_symbol(coded):
    (found,) = coded.searching.search(workspace(coded), "too many", how="exact")

    assert found.lines == (9, 9)
    assert found.text.split("\n")[2].strip() == 'raise ValueError("too many retries")'
    assert found.text[slice(*found.match)] == "too many"
    assert found.symbol.endswith("send_parcel")
    assert found.label > 0


def test_a_string_is_looked_for_with_its_punctuation_and_capitals(coded):
    assert places(coded, "parcel.retries >", how="exact") == ["src/dispatcher.py:8"]
    assert places(coded, "limit_of", how="exact") == ["src/dispatcher.py:3", "src/dispatcher.py:8"]
    assert places(coded, "Limit_of", how="exact") == []
    assert places(coded, "100%", how="exact") == []


def test_a_pattern_is_found_to_the_line(coded):
    assert places(coded, r"^\s*raise \w+Error", how="regex") == ["src/dispatcher.py:9"]
    assert places(coded, r"[A-Z]{5,}", how="regex")[0] == "src/dispatcher.py:3"
    assert places(coded, r"class \w+:\n\s+def", how="regex") == ["src/dispatcher.py:6"]


def test_a_search_is_bounded_to_paths(coded):
    assert places(coded, "send_parcel", how="exact", path="docs/**") == ["docs/guide.md:3"]
    assert {place.split(":")[0] for place in places(coded, "parcel", path="*.py")} == {
        "src/dispatcher.py",
        "a_tests/test_dispatcher.py",
    }
    assert places(coded, "parcel", path="nowhere/") == []


def test_what_cannot_be_searched_by_is_refused(coded):
    for how in ("ranked", "exact", "regex"):
        with pytest.raises(InputError):
            coded.searching.search(workspace(coded), "  ", how=how)
    with pytest.raises(PatternError, match=r"missing \)"):
        coded.searching.search(workspace(coded), "a(b", how="regex")
    with pytest.raises(PatternError):
        coded.searching.search(workspace(coded), "parcel", path="[z-a]")


def test_excluded_documents_are_not_read(app):
    assert places(app, "wait_before_retry", how="exact") == ["orbit/retry.py:4"]

    app.library.exclude(app.library.by_name(workspace(app), "orbit/retry.py").id)

    assert places(app, "wait_before_retry", how="exact") == []
    assert places(app, "wait_before_retry", how="exact", path="*.py") == []


def test_pages_are_searched_to_the_place(app):
    (found,) = app.searching.search(workspace(app), "within 72 hours", how="exact")

    assert (found.document, found.page, found.lines) == ("agreement.pdf", 1, None)
    assert found.rects


@pytest.mark.parametrize("query", ["\ud800", "Parcel\udcff"])
def test_a_string_with_a_lone_surrogate_is_found_nowhere(coded, query):
    assert places(coded, query, how="exact") == []


def test_a_search_that_takes_too_long_says_how_much_it_did_not_read(coded):
    scan = coded.store.scan
    files = scan.files(workspace(coded))

    found = find_text(scan, files, regex_pattern("(zzz)*"), k=10, most_seconds=0)

    assert found.unread == len(files)
    assert found.matches == ()


def test_a_search_that_nothing_narrows_says_how_much_it_did_not_read(coded, monkeypatch):
    scan = coded.store.scan
    files = scan.files(workspace(coded))
    monkeypatch.setattr("docqa.store.scanning._FEWEST", 1)

    found = find_text(scan, files, regex_pattern("."), k=1_000, most_characters=10)

    assert found.unread == len(files) - 1
    assert {match.passage_id for match in found.matches}
