"""Where the parts of a module graph are drawn: what imports stands left of what is imported."""

from collections.abc import Collection, Mapping, Sequence

from docqa.core.module_graph import ModuleGraph

TALLEST = 12
"""Parts above each other; a layer with more takes several columns."""
SWEEPS = 4


def positions(graph: ModuleGraph) -> dict[str, tuple[int, int]]:
    """(column, row) of each node by its id, both from 0. The same graph is drawn the same way.

    Parts that nothing connects stand in columns of their own, at the right.
    """
    order = [node.id for node in graph.nodes]
    known = set(order)
    after: dict[str, list[str]] = {node: [] for node in order}
    before: dict[str, list[str]] = {node: [] for node in order}
    for edge in graph.edges:
        if edge.source != edge.target and edge.source in known and edge.target in known:
            after[edge.source].append(edge.target)
            before[edge.target].append(edge.source)
    connected = [node for node in order if after[node] or before[node]]
    layers = _ordered(_layers(connected, after), before, after)
    layers.append([node for node in order if not after[node] and not before[node]])
    placed: dict[str, tuple[int, int]] = {}
    column = 0
    for layer in layers:
        for start in range(0, len(layer), TALLEST):
            for row, node in enumerate(layer[start : start + TALLEST]):
                placed[node] = (column, row)
            column += 1
    return placed


def _layers(nodes: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Nodes by how far they are from those that nobody imports; circles count as one node."""
    circle = _circles(nodes, after)
    members: dict[int, list[str]] = {}
    for node in nodes:
        members.setdefault(circle[node], []).append(node)
    depth = dict.fromkeys(members, 0)
    # Tarjan numbers a circle after all that can be reached from it: importers come last.
    for number in sorted(members, reverse=True):
        for node in members[number]:
            for target in after[node]:
                if circle[target] != number:
                    depth[circle[target]] = max(depth[circle[target]], depth[number] + 1)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        layers[depth[circle[node]]].append(node)
    return layers


def _circles(nodes: Sequence[str], after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The strongly connected component of each node (Tarjan 1972, without recursion)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    circle: dict[str, int] = {}
    waiting: list[str] = []
    circles = 0
    for start in nodes:
        if start in number:
            continue
        path = [(start, iter(after[start]))]
        number[start] = lowest[start] = len(number)
        waiting.append(start)
        while path:
            node, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == number[node]:
                    _close(node, waiting, circle, circles)
                    circles += 1
            elif target not in number:
                number[target] = lowest[target] = len(number)
                waiting.append(target)
                path.append((target, iter(after[target])))
            elif target not in circle:
                lowest[node] = min(lowest[node], number[target])
    return circle


def _close(node: str, waiting: list[str], circle: dict[str, int], number: int) -> None:
    while True:
        member = waiting.pop()
        circle[member] = number
        if member == node:
            return


def _ordered(
    layers: list[list[str]],
    before: Mapping[str, Collection[str]],
    after: Mapping[str, Collection[str]],
) -> list[list[str]]:
    """Each layer's nodes near the middle of their neighbours, so that fewer lines cross."""
    row = {node: float(at) for layer in layers for at, node in enumerate(layer)}
    for sweep in range(SWEEPS):
        near = before if sweep % 2 == 0 else after
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            middle = {
                node: sum(row[other] for other in near[node]) / len(near[node])
                if near[node]
                else row[node]
                for node in layer
            }
            layer.sort(key=lambda node: middle[node])
            row |= {node: float(at) for at, node in enumerate(layer)}
    return layers
