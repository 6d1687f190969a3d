"""Which parts of a codebase import which: files, and folders that stand for all under them."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from docqa.core.code_ranking import is_auxiliary

NodeKind = Literal["file", "folder"]


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A file, or a folder that is not opened."""

    id: str
    """The source's id and the path in it, `2/src/flask`: so `CodeService.graph` takes folders."""
    label: str
    """The path below the folder that is shown."""
    kind: NodeKind
    document_id: int | None
    """None for folders."""
    tokens: int
    """Of the file, or of all files in the folder."""
    files: int = 1


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One part imports another."""

    source: str
    """Id of the node that imports."""
    target: str
    count: int
    """How many pairs of their files do so."""


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """Parts of a codebase and what they import, in path order."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    hidden: int = 0
    """Files of the folder that no node stands for: too many to be shown."""


@dataclass(frozen=True, slots=True)
class Module:
    """A file as the graph needs it; `id` as of its node."""

    id: str
    document_id: int
    tokens: int


def fold(
    modules: Iterable[Module],
    imports: Mapping[str, Sequence[str]],
    *,
    folder: str = "",
    most: int,
    names: Mapping[str, str] | None = None,
) -> ModuleGraph:
    """The graph of what is under a folder, in at most `most` nodes.

    `imports` has by file the files that it imports. Folders are opened from the biggest on, tests
    and examples last, until one does not fit. `names` are shown for the sources' ids, which every
    id begins with.
    """
    inside = f"{folder}/" if folder else ""
    tree = _Tree([each for each in modules if each.id.startswith(inside)], folder)
    shown = tree.opened(most)
    node_of = {member.id: node for node in shown for member in tree.members(node)}
    edges: dict[tuple[str, str], int] = {}
    for importer, imported in imports.items():
        source = node_of.get(importer)
        if source is None:
            continue
        for each in imported:
            target = node_of.get(each)
            if target is not None and target != source:
                edges[source, target] = edges.get((source, target), 0) + 1
    top = inside if inside else _common(shown)
    return ModuleGraph(
        nodes=tuple(_node(tree, node, top, names or {}) for node in shown),
        edges=tuple(GraphEdge(*pair, count) for pair, count in sorted(edges.items())),
        hidden=tree.size - len(node_of),
    )


class _Tree:
    """The files under a folder, and the folders that hold them."""

    def __init__(self, modules: Sequence[Module], folder: str) -> None:
        self._folder = folder
        self._files = {each.id: each for each in modules}
        self._children: dict[str, set[str]] = {}
        self._members: dict[str, list[Module]] = {}
        self.size = len(self._files)
        for each in modules:
            below = each.id
            while below != folder:
                above = below.rpartition("/")[0]
                self._children.setdefault(above, set()).add(below)
                self._members.setdefault(above, []).append(each)
                below = above

    def members(self, node: str) -> Sequence[Module]:
        """The file itself, or the files under the folder."""
        return self._members[node] if node in self._members else (self._files[node],)

    def file(self, node: str) -> Module | None:
        """The file, None for a folder."""
        return None if node in self._members else self._files[node]

    def opened(self, most: int) -> list[str]:
        """The files and closed folders that are shown, in path order."""
        if not self._files:
            return []
        shown: set[str] = set()
        waiting = [self._queued(self._folder)]
        held = 1
        while waiting:
            _, folder = heapq.heappop(waiting)
            children = self._children[folder]
            # The only node there is says nothing: it is opened, and cut if need be.
            if held - 1 + len(children) > most and held > 1:
                # Smaller folders would fit; open ones beside the closed main one would mislead.
                shown.update((folder, *(closed for _, closed in waiting)))
                break
            held += len(children) - 1
            for child in children:
                if child in self._members:
                    heapq.heappush(waiting, self._queued(child))
                else:
                    shown.add(child)
        return sorted(sorted(shown, key=self._rank)[:most])

    def _queued(self, folder: str) -> tuple[tuple[bool, int, str], str]:
        aside = is_auxiliary(f"{folder.removeprefix(self._folder)}/", "code")
        return (aside, -len(self._members[folder]), folder), folder

    def _rank(self, node: str) -> tuple[int, str]:
        """What is left away where a folder alone holds too much: small files first."""
        return -sum(each.tokens for each in self.members(node)), node


def _node(tree: _Tree, node: str, top: str, names: Mapping[str, str]) -> GraphNode:
    file = tree.file(node)
    members = tree.members(node)
    source, _, path = node.partition("/")
    label = node[len(top) :] if top and node.startswith(top) else ""
    return GraphNode(
        id=node,
        label=label or (f"{names.get(source, source)}/{path}" if path else names.get(source, node)),
        kind="folder" if file is None else "file",
        document_id=None if file is None else file.document_id,
        tokens=sum(each.tokens for each in members),
        files=len(members),
    )


def _common(nodes: Sequence[str]) -> str:
    """The source that all nodes are of, with a slash behind it; empty if there are several."""
    sources = {node.partition("/")[0] for node in nodes}
    return f"{sources.pop()}/" if len(sources) == 1 else ""


def reached_by(imported_by: Mapping[int, Sequence[int]], start: int) -> dict[int, int]:
    """Who imports `start`, also through others, with the distance; `start` is not among them."""
    distance = {start: 0}
    nearest = [start]
    while nearest:
        following = []
        for each in nearest:
            for importer in imported_by.get(each, ()):
                if importer not in distance:
                    distance[importer] = distance[each] + 1
                    following.append(importer)
        nearest = following
    del distance[start]
    return distance
