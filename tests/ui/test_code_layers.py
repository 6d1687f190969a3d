from hypothesis import given
from hypothesis import strategies as st

from docqa.core.module_graph import GraphEdge, GraphNode, ModuleGraph
from docqa.ui.code.layers import TALLEST, positions

NAMES = [f"1/{letter}.py" for letter in "abcdefghijklmnop"]


def graph(*edges: tuple[str, str], nodes: list[str]) -> ModuleGraph:
    return ModuleGraph(
        nodes=tuple(GraphNode(node, node, "file", 1, 10) for node in nodes),
        edges=tuple(GraphEdge(*edge, 1) for edge in edges),
    )


def test_what_imports_stands_left_of_what_is_imported():
    placed = positions(graph(("a", "b"), ("b", "c"), ("a", "c"), nodes=["a", "b", "c"]))

    assert placed["a"][0] < placed["b"][0] < placed["c"][0]


def test_a_circle_stands_in_one_column():
    placed = positions(graph(("a", "b"), ("b", "c"), ("c", "b"), nodes=["a", "b", "c"]))

    assert placed["b"][0] == placed["c"][0] > placed["a"][0]


def test_what_nothing_connects_stands_at_the_right():
    placed = positions(graph(("b", "c"), nodes=["a", "b", "c"]))

    assert placed["a"][0] > placed["c"][0]


@given(
    st.lists(st.sampled_from(NAMES), unique=True),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40),
)
def test_every_part_has_a_place_of_its_own_and_the_same_each_time(nodes, edges):
    drawn = graph(*edges, nodes=nodes)

    placed = positions(drawn)

    assert set(placed) == set(nodes)
    assert len(set(placed.values())) == len(nodes)
    assert all(row < TALLEST for _, row in placed.values())
    assert positions(drawn) == placed
