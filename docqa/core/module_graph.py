"""Which parts of a codebase import which: files, and folders that stand for all under them."""

from dataclasses import dataclass
from typing import Literal

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
    """How many of its files' imports that are."""


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """Parts of a codebase and what they import, in path order."""

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    hidden: int = 0
    """Files of the folder that no node stands for: too many to be shown."""
