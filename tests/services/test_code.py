import shutil

import pytest

from docqa.core.left_out import LeftOut
from docqa.errors import NotInRepositoryError, UnknownItemError
from tests.readers.repository_maker import Repository
from tests.services import parts
from tests.services.codebase import FILES


@pytest.fixture
def own_app(open_app, tmp_path, code_home):
    """An app that has the codebase, in a home of its own."""
    return open_app(shutil.copytree(code_home, tmp_path / "code home"))


def document(app, name):
    return parts.documents(app)[name]


def named(definitions):
    return [(each.document, each.symbol.path) for each in definitions]


def test_the_overview_counts_files_and_tokens_by_language(code_app):
    overview = code_app.code.overview(parts.workspace(code_app))

    assert overview.files == 8
    assert [(language, files) for language, files, _ in overview.languages] == [
        ("python", 6),
        ("typescript", 2),
    ]
    assert sum(tokens for _, _, tokens in overview.languages) == overview.tokens > 0
    assert len(overview.sources) == 1


def test_a_workspace_without_code_has_no_overview_questions_graph_or_tree_of_code(empty):
    where = parts.workspace(empty)

    assert empty.code.overview(where) is None
    assert empty.code.questions(where) == ()
    assert empty.code.graph(where).nodes == ()
    assert empty.code.tree(where) == ()


def test_the_tree_has_every_file_in_path_order_also_those_left_out_and_excluded(own_app):
    where = parts.workspace(own_app)
    own_app.library.exclude(document(own_app, "acme/util.py").id)
    source = own_app.library.sources(where)[0]
    left_out = (
        LeftOut("dist/app.min.js", "minified", "minified"),
        LeftOut("acme/app.py", "not any more", "ignored"),
    )
    own_app.store.left_out.replace(source.id, left_out)

    tree = {file.path: file for file in own_app.code.tree(where)}

    assert list(tree) == sorted((*FILES, "dist/app.min.js"))
    assert tree["dist/app.min.js"].status == "left out"
    assert tree["dist/app.min.js"].reason == "minified"
    assert tree["dist/app.min.js"].document_id is None
    assert tree["acme/app.py"].status == "ready"
    assert tree["acme/app.py"].version_id == document(own_app, "acme/app.py").version_id
    assert tree["acme/util.py"].status == "excluded"
    assert tree["web/main.ts"].language == "typescript"


def test_the_outline_has_the_symbols_in_the_order_of_the_lines(code_app):
    outline = code_app.code.outline(document(code_app, "acme/routing.py").version_id)

    assert [symbol.path for symbol in outline] == ["Router", "Router.match_route", "join_path"]


def test_a_definition_is_found_by_name_path_and_through_a_variable(code_app):
    where = parts.workspace(code_app)

    assert named(code_app.code.definitions(where, "Router")) == [("acme/routing.py", "Router")]
    for name in (
        "match_route",
        "Router.match_route",
        "Router::match_route()",
        "router.match_route",
    ):
        found = code_app.code.definitions(where, name)
        assert named(found) == [("acme/routing.py", "Router.match_route")]
    assert code_app.code.definitions(where, "nothing_of_it") == ()


def test_of_two_definitions_the_one_that_is_imported_comes_first(code_app):
    where = parts.workspace(code_app)

    near_app = code_app.code.definitions(
        where, "join_path", near=document(code_app, "acme/app.py").version_id
    )
    near_other = code_app.code.definitions(
        where, "join_path", near=document(code_app, "acme/other.py").version_id
    )

    assert [each.document for each in near_app] == ["acme/routing.py", "acme/other.py"]
    assert [each.document for each in near_other] == ["acme/other.py", "acme/routing.py"]


def test_symbols_are_found_in_any_case_and_by_their_beginning(code_app):
    where = parts.workspace(code_app)

    any_case = code_app.store.code.find_symbols(where, "ROUTER.Match_Route", how="any case")
    prefix = code_app.store.code.find_symbols(where, "join_", how="prefix")
    of_class = code_app.store.code.find_symbols(where, "Router.match", how="prefix")

    assert named(any_case) == [("acme/routing.py", "Router.match_route")]
    assert named(prefix) == [("acme/other.py", "join_path"), ("acme/routing.py", "join_path")]
    assert named(of_class) == [("acme/routing.py", "Router.match_route")]


def test_used_by_has_line_text_and_the_symbol_around_it(code_app):
    used = code_app.code.used_by(parts.workspace(code_app), "log_line")

    assert not used.more
    assert [(each.document, each.line, each.kind, each.within) for each in used.places] == [
        ("acme/app.py", 12, "call", "App.dispatch"),
        ("acme/routing.py", 1, "import", ""),
        ("acme/routing.py", 6, "call", "Router.match_route"),
    ]
    assert used.places[0].text == "util.log_line(text)"


def test_used_by_says_when_there_are_more(code_app):
    used = code_app.code.used_by(parts.workspace(code_app), "log_line", most=2)

    assert len(used.places) == 2
    assert used.more


def test_excluded_files_use_and_define_nothing(own_app):
    where = parts.workspace(own_app)
    own_app.library.exclude(document(own_app, "acme/routing.py").id)

    assert own_app.code.definitions(where, "Router") == ()
    assert {each.document for each in own_app.code.used_by(where, "log_line").places} == {
        "acme/app.py"
    }


def test_uses_of_a_symbol_are_resolved_to_what_its_file_imports(code_app):
    file = document(code_app, "acme/app.py")
    dispatch = next(
        symbol for symbol in code_app.code.outline(file.version_id) if symbol.name == "dispatch"
    )

    used = code_app.code.uses(file.version_id, dispatch.ordinal)

    assert named(used) == [
        ("acme/routing.py", "join_path"),
        ("acme/util.py", "log_line"),
        ("acme/routing.py", "Router.match_route"),
    ]
    assert code_app.code.uses(file.version_id, 999) == ()


def test_imports_are_resolved_to_files_and_the_standard_library_to_none(code_app):
    found = code_app.code.imports(document(code_app, "acme/app.py").version_id)

    assert [(each.what.target, [file.path for file in each.files]) for each in found] == [
        ("acme.routing", ["acme/routing.py"]),
        ("acme", ["acme/util.py"]),
        ("json", []),
    ]


def test_what_a_change_would_break_is_found_through_others(code_app):
    util = document(code_app, "acme/util.py").id

    affected = code_app.code.affected(util)
    direct = code_app.code.imported_by(util)

    assert [(each.file.path, each.distance) for each in affected] == [
        ("acme/app.py", 1),
        ("acme/routing.py", 1),
        ("acme/__init__.py", 2),
        ("tests/test_app.py", 2),
    ]
    assert [file.path for file in direct] == ["acme/app.py", "acme/routing.py"]


def test_the_graph_folds_folders_until_it_fits_and_opens_the_one_asked_for(code_app):
    where = parts.workspace(code_app)

    folded = code_app.code.graph(where, most=4)
    package = next(node for node in folded.nodes if node.label == "acme")
    opened = code_app.code.graph(where, folder=package.id)

    assert [(node.label, node.kind, node.files) for node in folded.nodes] == [
        ("acme", "folder", 5),
        ("tests", "folder", 1),
        ("web", "folder", 2),
    ]
    assert {(edge.source, edge.target, edge.count) for edge in folded.edges} == {
        (folded.nodes[1].id, package.id, 1),
    }
    assert [node.label for node in opened.nodes] == [
        "__init__.py",
        "app.py",
        "other.py",
        "routing.py",
        "util.py",
    ]
    assert all(node.document_id for node in opened.nodes)


def test_questions_name_real_files_and_symbols(code_app):
    questions = code_app.code.questions(parts.workspace(code_app))

    assert len(questions) == 4
    assert "`acme/app.py`" in questions[1] or "`web/main.ts`" in questions[1]
    assert "`App`" in questions[2]
    assert "`acme/util.py`" in questions[3]


def test_what_is_answered_follows_what_is_published(own_app, tmp_path):
    where = parts.workspace(own_app)
    assert own_app.code.definitions(where, "brand_new") == ()
    more = tmp_path / "more"
    more.mkdir()
    (more / "new.py").write_text("def brand_new():\n    return 1\n")

    parts.ingest(own_app, more)

    assert named(own_app.code.definitions(where, "brand_new")) == [("new.py", "brand_new")]
    assert own_app.code.overview(where).files == 9


def test_an_unknown_document_or_version_is_an_error(code_app):
    with pytest.raises(UnknownItemError):
        code_app.code.affected(999)
    with pytest.raises(UnknownItemError):
        code_app.code.uses(999, 0)


def test_blame_is_asked_of_the_repository_that_a_folder_stands_in(empty, tmp_path):
    repository = Repository(tmp_path / "acme")
    first = repository.commit({"src/a.py": "def one():\n    return 1\n"}, "Begin")
    second = repository.commit({"src/a.py": "def one():\n    return 2\n"}, "Count on")
    parts.ingest(empty, repository.folder / "src")
    file = document(empty, "a.py")
    at_revision(empty, file.version_id, second)

    lines = empty.code.blame(file.version_id)

    assert [(line.first, line.last, line.commit, line.summary) for line in lines] == [
        (1, 1, first, "Begin"),
        (2, 2, second, "Count on"),
    ]


def test_blame_of_a_file_that_is_not_as_it_was_committed_is_refused(empty, tmp_path):
    repository = Repository(tmp_path / "acme")
    revision = repository.commit({"a.py": "x = 1\n"}, "Begin")
    (repository.folder / "a.py").write_text("x = 2\n")
    parts.ingest(empty, repository.folder)
    at_revision(empty, document(empty, "a.py").version_id, revision)

    with pytest.raises(NotInRepositoryError):
        empty.code.blame(document(empty, "a.py").version_id)


def test_blame_of_a_fetched_repository_holds_for_files_that_did_not_change_since(empty, tmp_path):
    repository = Repository(tmp_path / "acme")
    begun = repository.commit({"a.py": "x = 1\n", "b.py": "y = 1\n"}, "Begin")
    where = parts.workspace(empty)
    empty.ingestion.wait(empty.sources.add(where, f"file://{repository.folder}", history=True))
    changed = repository.commit({"b.py": "y = 2\n"}, "Change")
    source = empty.library.sources(where)[0]
    empty.ingestion.wait(empty.sources.update(source.id))

    lines = {
        name: empty.code.blame(document(empty, name).version_id)[0] for name in ("a.py", "b.py")
    }

    assert (lines["a.py"].commit, lines["a.py"].boundary) == (begun, False)
    assert (lines["b.py"].commit, lines["b.py"].summary) == (changed, "Change")


def test_blame_without_a_repository_says_so(code_app):
    with pytest.raises(NotInRepositoryError):
        code_app.code.blame(document(code_app, "acme/app.py").version_id)


def at_revision(app, version_id, revision):
    """As if the version had been read at a commit."""
    with app.store.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE versions SET revision = ? WHERE id = ?", (revision, version_id)
        )
