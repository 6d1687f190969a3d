from hypothesis import given
from hypothesis import strategies as st

from docqa.core.module_graph import Module, fold, reached_by

PATHS = ("a/x.py", "a/y.py", "a/b/z.py", "c/w.py", "top.py")


def modules(*paths, source=1):
    return [Module(f"{source}/{path}", at, 10 * at) for at, path in enumerate(paths, 1)]


def labels(graph):
    return [node.label for node in graph.nodes]


def test_with_room_for_all_every_file_is_a_node():
    graph = fold(modules(*PATHS), {"1/a/x.py": ["1/c/w.py"]}, most=50)

    assert labels(graph) == ["a/b/z.py", "a/x.py", "a/y.py", "c/w.py", "top.py"]
    assert [(edge.source, edge.target, edge.count) for edge in graph.edges] == [
        ("1/a/x.py", "1/c/w.py", 1)
    ]
    assert [node.document_id for node in graph.nodes] == [3, 1, 2, 4, 5]


def test_a_closed_folder_stands_for_its_files_their_tokens_and_imports():
    imports = {"1/a/x.py": ["1/a/y.py", "1/c/w.py"], "1/a/b/z.py": ["1/c/w.py"]}

    graph = fold(modules(*PATHS), imports, most=4)

    assert labels(graph) == ["a", "c", "top.py"]
    assert (graph.nodes[0].kind, graph.nodes[0].tokens, graph.nodes[0].files) == ("folder", 60, 3)
    assert [(edge.source, edge.target, edge.count) for edge in graph.edges] == [("1/a", "1/c", 2)]


def test_tests_and_examples_are_opened_after_the_code_whatever_their_size():
    many = [f"tests/test_{number}.py" for number in range(9)]

    graph = fold(modules("src/app.py", "src/cli.py", "examples/one/main.py", *many), {}, most=9)

    assert labels(graph) == ["examples", "src/app.py", "src/cli.py", "tests"]


def test_the_folder_asked_for_is_opened_and_labels_begin_below_it():
    graph = fold(modules(*PATHS), {}, folder="1/a", most=50)

    assert labels(graph) == ["b/z.py", "x.py", "y.py"]


def test_folders_of_several_sources_are_named_by_their_source():
    both = [*modules("a.py", "b/c.py"), *modules("a.py", source=2)]

    graph = fold(both, {}, most=50, names={"1": "flask", "2": "click"})

    assert labels(graph) == ["flask/a.py", "flask/b/c.py", "click/a.py"]


def test_a_folder_with_too_many_files_shows_the_biggest_and_counts_the_others():
    graph = fold(modules(*(f"f{number}.py" for number in range(20))), {}, most=5)

    assert len(graph.nodes) == 5
    assert graph.hidden == 15
    assert min(node.tokens for node in graph.nodes) == 160


def test_nothing_makes_an_empty_graph():
    assert fold([], {}, most=10).nodes == ()
    assert fold(modules(*PATHS), {}, folder="1/nowhere", most=10).nodes == ()


_PATH = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(
    paths=st.sets(_PATH.map(lambda path: f"{path}.py"), max_size=30),
    pairs=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60),
    most=st.integers(1, 30),
)
def test_every_file_is_in_one_node_or_hidden_and_edges_join_nodes(paths, pairs, most):
    found = modules(*sorted(paths))
    imports = {}
    for one, two in pairs:
        if one < len(found) and two < len(found):
            imports.setdefault(found[one].id, []).append(found[two].id)

    graph = fold(found, imports, most=most)

    assert len(graph.nodes) <= most
    assert sum(node.files for node in graph.nodes) + graph.hidden == len(found)
    ids = {node.id for node in graph.nodes}
    assert len(ids) == len(graph.nodes)
    assert all({edge.source, edge.target} <= ids for edge in graph.edges)
    assert all(edge.source != edge.target and edge.count > 0 for edge in graph.edges)
    assert graph == fold(found[::-1], imports, most=most)


def test_who_imports_a_file_is_found_through_others_with_the_shortest_distance():
    imported_by = {1: (2, 3), 2: (4,), 3: (4,), 4: (1, 5)}

    assert reached_by(imported_by, 1) == {2: 1, 3: 1, 4: 2, 5: 3}
    assert reached_by(imported_by, 5) == {}
