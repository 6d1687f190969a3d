"""What imports what: the modules of the code as a graph that one steps through."""

from collections import Counter
from typing import Any

import streamlit as st

from docqa.core.module_graph import GraphNode, ModuleGraph
from docqa.store.values import Workspace
from docqa.ui import messages, state
from docqa.ui.code import folders, place
from docqa.ui.code.layers import positions
from docqa.ui.components import code_list, module_graph

FEW_NODES = 40
"""A graph that one takes in at a glance; folders stay closed for it."""
MOST_NODES = 80
"""Where a folder has too many files for that."""
HEIGHT = "max(320px, calc(100vh - 11.2rem))"
LISTED = 40
LEGEND = (
    "Lines lead from a part to what it imports; dashed ones lead back, in a circle. Pointed at, a "
    "part shows what it imports in green and what imports it in orange. Press one to open it."
)


def draw(workspace: Workspace, names: dict[int, str], stamp: str) -> None:
    """The graph of the folder that is open, and its nodes as a list."""
    folder = place.current().folder
    folders.path(folder, names)
    graph = _graph(workspace.id, stamp, folder)
    if not graph.nodes:
        st.html('<div class="empty code">No file here imports another one.</div>')
        return
    left, right = st.columns([3.2, 1], gap="medium")
    incoming, outgoing = Counter[str](), Counter[str]()
    for edge in graph.edges:
        if edge.source != edge.target:
            outgoing[edge.source] += 1
            incoming[edge.target] += 1
    with left:
        said = f"Module graph: {messages.count(len(graph.nodes), 'part')}"
        module_graph(
            {
                "nodes": _nodes(graph, incoming, outgoing),
                "edges": [[each.source, each.target, each.count] for each in graph.edges],
                "height": HEIGHT,
                "label": said,
            },
            key="module-graph",
            on_open=lambda id: _press(graph, id),
        )
        st.caption(LEGEND)
    with right:
        note = f"{graph.hidden:,} more files are not shown." if graph.hidden else ""
        sections = [
            _section("Imported most", graph, incoming, "importer", note),
            _section("Imports most", graph, outgoing, "import", ""),
        ]
        data = {"key": folder, "sections": sections, "height": HEIGHT, "placeholder": "Filter"}
        code_list(data, key="graph-list", on_open=lambda id: _press(graph, id))


@st.cache_data(max_entries=50, show_spinner=False)
def _graph(workspace_id: int, stamp: str, folder: str) -> ModuleGraph:
    """`stamp` is there so that other files bring another graph."""
    code = state.app().code
    graph = code.graph(workspace_id, folder=folder, most=FEW_NODES)
    return code.graph(workspace_id, folder=folder, most=MOST_NODES) if graph.hidden else graph


def _nodes(
    graph: ModuleGraph, incoming: Counter[str], outgoing: Counter[str]
) -> list[dict[str, Any]]:
    placed = positions(graph)
    return [
        {
            "id": node.id,
            "name": node.label.rpartition("/")[2],
            "kind": node.kind,
            "facts": " · ".join(filter(None, [node.label.rpartition("/")[0], _facts(node)])),
            "title": f"{node.label}: {_facts(node)}, imports {outgoing[node.id]:,}, "
            f"imported by {incoming[node.id]:,}",
            "column": placed[node.id][0],
            "row": placed[node.id][1],
        }
        for node in graph.nodes
    ]


def _facts(node: GraphNode) -> str:
    tokens = f"{messages.short(node.tokens)} tokens"
    return f"{messages.count(node.files, 'file')}, {tokens}" if node.kind == "folder" else tokens


def _section(
    title: str, graph: ModuleGraph, counts: Counter[str], word: str, note: str
) -> dict[str, Any]:
    nodes = sorted(graph.nodes, key=lambda node: (-counts[node.id], node.label))
    items = [
        {
            "id": node.id,
            "label": node.label + "/" * (node.kind == "folder"),
            "detail": messages.count(counts[node.id], word),
            "badge": "",
            "level": 0,
            "title": node.label,
            "current": False,
            "code": False,
        }
        for node in nodes[:LISTED]
        if counts[node.id]
    ]
    return {"title": title, "note": note or ("" if items else "Nothing."), "items": items}


def _press(graph: ModuleGraph, id: str) -> None:
    node = next((node for node in graph.nodes if node.id == id), None)
    if node is None:
        return
    if node.document_id is not None:
        place.open_file(node.document_id)
    else:
        place.open_folder(node.id)
