import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from docqa.console import unknown_names
from docqa.core.checking import check_answer
from docqa.core.citations import chips, place
from docqa.core.citing import cite_span
from docqa.services.evidence import PackEvidence
from docqa.services.mentions import mentions_of
from docqa.services.reports import answer_json
from tests.services import parts
from tests.services.codebase import FILES


def mentions(app, text, **options):
    return mentions_of(app.store, parts.workspace(app), text, **options)


def only(app, text, **options):
    (found,) = mentions(app, text, **options)
    return found


@pytest.mark.parametrize(
    ("text", "path", "lines"),
    [
        ("See `Router`.", "acme/routing.py", (4, 7)),
        ("See `Router.match_route()`.", "acme/routing.py", (5, 7)),
        ("See `self.match_route(path)`.", "acme/routing.py", (5, 7)),
        ("See `util.log_line`.", "acme/util.py", (1, 2)),
        ("See `fetchJson`.", "web/net.ts", (1, 3)),
    ],
)
def test_a_name_that_is_defined_is_found_where_it_is_defined(code_app, text, path, lines):
    found = only(code_app, text)

    assert (found.kind, found.status) == ("symbol", "found")
    assert (found.path, found.lines) == (path, lines)
    assert found.document_id == parts.documents(code_app)[path].id
    assert found.version_id == parts.documents(code_app)[path].version_id


@pytest.mark.parametrize("name", ["match_nothing", "Router.fly_away", "Rooter", "dispatchAll()"])
def test_a_name_that_occurs_nowhere_is_unknown(code_app, name):
    found = mentions(code_app, f"It calls `{name}` first.")

    if name == "Rooter":  # a plain word: not judged
        assert found == ()
    else:
        assert [each.status for each in found] == ["unknown"]
        assert found[0].document_id is None


@pytest.mark.parametrize(
    "text",
    [
        "`json.dumps` is called",  # used, not defined
        "`url` is a parameter",
        "`true`, `None`, `if` and `GitHub`",
        "run `pip install acme`",
        "plain Router and match_route",
        "```\nmatch_nothing()\n```",
        "`example.com`",
    ],
)
def test_what_is_used_but_not_defined_and_what_is_no_name_is_left_alone(code_app, text):
    assert mentions(code_app, text) == ()


def test_of_several_definitions_the_one_in_a_cited_document_is_meant(code_app):
    other = parts.documents(code_app)["acme/other.py"].id

    assert only(code_app, "`join_path`", cited=[other]).path == "acme/other.py"


@pytest.mark.parametrize(
    ("text", "path", "lines"),
    [
        ("See acme/routing.py:L4-L7.", "acme/routing.py", (4, 7)),
        ("See `routing.py:10`.", "acme/routing.py", (10, 10)),
        ("See README.md:3.", "README.md", (3, 3)),
        ("See `acme/util.py`.", "acme/util.py", None),
        ("See `util.py`.", "acme/util.py", None),
    ],
)
def test_a_place_that_exists_is_found(code_app, text, path, lines):
    found = only(code_app, text)

    assert (found.kind, found.status, found.path, found.lines) == ("place", "found", path, lines)


@pytest.mark.parametrize(
    "place",
    [
        "acme/routing.py:L4-L99",
        "acme/routing.py:L7-L4",
        "acme/routing.py:0",
        "acme/missing.py:3",
        "acme/routing.py:4@0123456789",
    ],
)
def test_a_place_that_does_not_exist_is_unknown(code_app, place):
    found = only(code_app, f"See {place}.")

    assert (found.kind, found.status, found.lines) == ("place", "unknown", None)


def test_a_revision_is_not_looked_for_in_too_many_files_of_one_name(code_app, monkeypatch):
    monkeypatch.setattr("docqa.services.mentions.MOST_WITH_REVISION", 0)

    assert mentions(code_app, "See acme/routing.py:4@0123456789.") == ()
    assert only(code_app, "See acme/routing.py:4.").status == "found"


def test_a_workspace_without_code_has_no_mentions(empty):
    assert mentions(empty, "`match_nothing()` in app.py:3") == ()


@pytest.fixture
def own_code(open_app, tmp_path, code_home):
    return open_app(shutil.copytree(code_home, tmp_path / "code home"))


def test_a_finished_answer_keeps_its_mentions_and_they_survive_a_reload(own_code, open_app):
    parts.Recorder(own_code, "`Router` routes, `match_nothing` does not: acme/app.py:L6-L8.")

    answer = parts.ask(own_code, "What routes?")

    written = answer.draft or answer.text
    assert [written[each.start : each.end] for each in answer.mentions] == [
        "Router",
        "match_nothing",
        "acme/app.py:L6-L8",
    ]
    assert [each.status for each in answer.mentions] == ["found", "unknown", "found"]
    assert own_code.answering.answer(answer.id).mentions == answer.mentions
    assert unknown_names(answer) == ["match_nothing"]
    assert [each["status"] for each in answer_json(answer)["mentions"]] == [
        "found",
        "unknown",
        "found",
    ]


def test_extractive_answers_mention_nothing(open_app, tmp_path, code_home):
    app = open_app(shutil.copytree(code_home, tmp_path / "home"), engine="extractive")

    assert parts.ask(app, "What does Router match?").mentions == ()


def test_erasing_a_document_takes_its_mentions_along(own_code):
    parts.Recorder(own_code, "The `join_path` of `Router`.")
    answer = parts.ask(own_code, "What joins?")
    assert len(answer.mentions) == 2
    routing = parts.documents(own_code)["acme/routing.py"].id

    own_code.library.erase(routing)

    kept = own_code.answering.answer(answer.id).mentions
    assert all(each.document_id != routing for each in kept)


_LINES = st.integers(0, 20)
_PATHS = st.sampled_from([*FILES, "routing.py", "util.py", "acme/gone.py", "../etc/passwd", "a b"])
_NAMES = st.sampled_from(
    ["Router", "Router.match_route", "join_path", "nowhere_at_all()", "self.dispatch", "x", "if"]
)
_PIECES = st.one_of(
    st.builds(lambda path, one, two: f"{path}:L{one}-L{two}", _PATHS, _LINES, _LINES),
    st.builds(lambda path, one: f"`{path}:{one}`", _PATHS, _LINES),
    st.builds(lambda path, one: f"{path}#L{one}@9f3c2ab", _PATHS, _LINES),
    st.builds(lambda name: f"`{name}`", _NAMES),
    st.builds(lambda label: f"It matches the path [#{label}].", st.integers(0, 40)),
    st.text(alphabet="ab`[]#:L1. \n", max_size=12),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(_PIECES, max_size=12))
@example(pieces=["acme/routing.py:L4-L7", "`Router`", "It matches the path [#3]."])
def test_every_line_citation_and_found_place_exists_in_the_stored_version(code_app, pieces):
    text = " ".join(pieces)
    documents = code_app.store.documents
    pack = code_app.library.pack(parts.workspace(code_app))
    checked = check_answer(text, PackEvidence(code_app.store, pack))

    found = mentions(code_app, checked.text)

    for citation in checked.citations:
        lines = code_app.library.text(citation.version_id).splitlines()
        first, last = citation.lines
        assert 1 <= first <= last <= len(lines)
        assert citation.quote.split("\n")[0].strip() in lines[first - 1]
        assert place(citation).startswith(f"{citation.document}:L{first}")
    assert {marker for _, _, marker in chips(checked.text)} == {
        citation.marker for citation in checked.citations
    }
    for each in found:
        assert 0 <= each.start < each.end <= len(checked.text)
        if each.status == "unknown":
            assert (each.document_id, each.version_id, each.lines) == (None, None, None)
            continue
        version = documents.version(each.version_id)
        assert version.document_id == each.document_id
        assert documents.get(each.document_id).name == each.path
        if each.lines is not None:
            assert 1 <= each.lines[0] <= each.lines[1] <= version.line_count


def test_a_citation_of_code_keeps_the_revision_it_was_read_at(own_code):
    revision = "9f3c2ab" + 33 * "0"
    with own_code.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE versions SET revision = ?", (revision,))
    parts.Recorder(own_code, "The path is matched by the router: def match_route [#3].")

    answer = parts.ask(own_code, "What matches the path?")

    assert answer.citations
    assert {citation.revision for citation in answer.citations} == {revision}
    assert own_code.answering.answer(answer.id).citations == answer.citations
    exported = own_code.conversations.export_markdown(answer.conversation_id)
    first = answer.citations[0]
    assert f"{first.document}:L" in exported
    assert "@9f3c2ab (" in exported


def test_places_are_written_as_path_lines_and_revision(code_app):
    pack = code_app.library.pack(parts.workspace(code_app))
    evidence = PackEvidence(code_app.store, pack)
    cited = next(passage for label in range(40) if (passage := evidence.by_label(label)))
    whole = cite_span(cited, 0, len(cited.passage.text), marker=1)

    assert place(replace(whole, lines=(3, 9), revision="abcdef0123")) == (
        f"{cited.document}:L3-L9@abcdef0"
    )
    assert place(replace(whole, lines=(3, 3))) == f"{cited.document}:L3"
    assert place(replace(whole, lines=None, page=2)) == f"{cited.document}, p. 2"
    assert place(replace(whole, lines=None)) == cited.document
