"""The names that a file uses, where they are not defined."""

from bisect import bisect_right
from collections.abc import Collection, Sequence

from tree_sitter import Node

from docqa.core.symbols import Use, UseKind

MAX_USES = 50_000
MAX_NAME = 200
_KINDS: tuple[tuple[str, UseKind], ...] = (
    ("call", "call"),
    ("type.use", "type"),
    ("member", "name"),
    ("name", "name"),
)
_IMPORTED_BY_NAME = frozenset(("python", "javascript", "typescript", "tsx"))
"""Grammars of languages in which a plain name is defined or imported in the file, or is local."""


def uses(
    captured: dict[str, list[Node]],
    data: bytes,
    *,
    defined: Collection[int],
    names: Collection[str],
    grammar: str,
) -> tuple[Use, ...]:
    """Calls, types, members and names, each name once a line.

    `defined` are the byte offsets where names of definitions end, `names` the names defined in the
    file. Names that can only be local variables are left out.
    """
    spans = sorted(node.byte_range for node in captured.get("import", ()))
    firsts = [first for first, _ in spans]
    imported_up_to = max((end for _, end in spans), default=0)
    known = {name.encode() for name in names}
    seen = set(defined)
    found: dict[tuple[bytes, int], UseKind] = {}
    plain: list[tuple[bytes, Node]] = []
    for capture, kind in _KINDS:
        is_plain = capture == "name"
        for node in captured.get(capture, ()):
            first, end = node.byte_range
            if end in seen:
                continue
            seen.add(end)
            name = data[first:end]
            if first < imported_up_to:
                at = bisect_right(firsts, first) - 1
                if at >= 0 and first < spans[at][1]:
                    known.add(name)
                    found.setdefault((name, node.start_point[0]), "import")
                    continue
            if is_plain:
                plain.append((name, node))
            else:
                found.setdefault((name, node.start_point[0]), kind)
    anywhere = grammar not in _IMPORTED_BY_NAME
    for name, node in plain:
        if name in known or (anywhere and _may_be_global(name)):
            found.setdefault((name, node.start_point[0]), "name")
    return _values(found)


def _may_be_global(name: bytes) -> bool:
    """Whether the name looks like more than a local variable: `MAX`, `parse_int`, `onLoad`."""
    return not name.islower() or b"_" in name


def _values(found: dict[tuple[bytes, int], UseKind]) -> tuple[Use, ...]:
    ordered: Sequence[tuple[tuple[bytes, int], UseKind]] = sorted(
        found.items(), key=lambda item: (item[0][1], item[0][0])
    )
    texts: dict[bytes, str] = {}
    kept = []
    for (name, row), kind in ordered[:MAX_USES]:
        if len(name) > MAX_NAME:
            continue
        text = texts.get(name) or texts.setdefault(name, name.decode(errors="replace"))
        kept.append(Use(text, row + 1, kind))
    return tuple(kept)
