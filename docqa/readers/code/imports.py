"""What a file asks for: its import statements as values, as they are written there."""

import re
from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from docqa.core.symbols import Import
from docqa.readers.code.names import Text

MAX_IMPORTS = 2_000
MAX_TARGET = 500
MAX_NAMES = 200
_MAX_STATEMENT = 20_000
_QUOTED = re.compile(r"""(?:from\s*|\(\s*|import\s*|=\s*|\s)(["'`])([^"'`\n]{1,500})\1""")
_BRACES = re.compile(r"\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*import\s+(?:type\s+)?([\w$]+)\s*(?:,|from\b)")
_PHP_STRING = re.compile(r"""["']([^"'\n]{1,500})["']""")
_VISIBILITY = re.compile(r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:use|extern\s+crate)\s+")
_CSHARP = re.compile(r"\s*(?:global\s+)?using\s+(?:static\s+|unsafe\s+)*(?:[\w@]+\s*=\s*)?([^;]+)")
_PHP = re.compile(r"\s*use\s+(?:function\s+|const\s+)?")

Found = Iterator[tuple[str, tuple[str, ...]]]
"""Targets, and what is taken from them."""


def imports(nodes: Sequence[Node], text: Text, grammar: str) -> tuple[Import, ...]:
    """The imports of a file in the order of the text, each target and line once."""
    read = _READERS[grammar]
    found: dict[tuple[str, int, tuple[str, ...]], Import] = {}
    end = 0
    for node in sorted(nodes, key=lambda node: node.byte_range):
        if node.end_byte <= end:
            continue  # JavaScript's `require` in `x = require("y")`
        end = node.end_byte
        line = node.start_point[0] + 1
        for target, names in read(node, text):
            target, names = target.strip()[:MAX_TARGET], names[:MAX_NAMES]
            if target and len(found) < MAX_IMPORTS:
                found[target, line, names] = Import(target, line, names)
    return tuple(found.values())


def _python(node: Node, text: Text) -> Found:
    module = node.child_by_field_name("module_name")
    names = tuple(_python_name(name, text) for name in node.children_by_field_name("name"))
    if module is None:
        yield from ((name, ()) for name in names)
        return
    star = any(child.type == "wildcard_import" for child in node.named_children)
    yield "".join(text(module).split()), ("*",) if star else names


def _python_name(node: Node, text: Text) -> str:
    inner = node.child_by_field_name("name") if node.type == "aliased_import" else node
    return "".join(text(inner).split()) if inner is not None else ""


def _javascript(node: Node, text: Text) -> Found:
    statement = text(node)[:_MAX_STATEMENT]
    quoted = _QUOTED.search(statement)
    if quoted is None:
        return
    names: list[str] = []
    if default := _DEFAULT.match(statement):
        names.append(default[1])
    if braces := _BRACES.search(statement[: quoted.start()]):
        names += _taken(braces[1], " as ")
    yield quoted[2], tuple(names)


def _taken(text: str, alias: str) -> list[str]:
    """The names between commas, without those they are given here."""
    names = (part.split(alias)[0].removeprefix("type ").strip() for part in text.split(","))
    return [name for name in names if name]


def _rust(node: Node, text: Text) -> Found:
    if node.type == "mod_item":
        name = node.child_by_field_name("name")
        if name is not None:
            yield f"mod {text(name)}", ()
        return
    statement = _VISIBILITY.sub("", text(node)[:_MAX_STATEMENT], count=1).rstrip("; \n")
    yield from _expanded("".join(statement.replace(" as ", "@").split()), "::", "@")


def _expanded(statement: str, separator: str, alias: str) -> Found:
    """`a::{b, c::{d, e}}` as `a` with `b`, and `a::c` with `d` and `e`."""
    prefixes = [""]
    names: dict[str, list[str]] = {}
    pieces = re.findall(r"[^{},]+|[{},]", statement)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        if piece == "}":
            prefixes = prefixes[:-1] or [""]
        elif piece not in "{,":
            path = f"{prefixes[-1]}{piece.split(alias)[0]}"[:MAX_TARGET]
            if following == "{":
                prefixes.append(path)
            elif len(names) < MAX_IMPORTS:
                module, _, name = path.rpartition(separator)
                names.setdefault(module, []).append(name)
    for module, taken in names.items():
        if module:
            yield module, tuple(filter(None, taken))
        else:
            yield from ((name, ()) for name in taken if name)


def _go(node: Node, text: Text) -> Found:
    path = node.child_by_field_name("path")
    if path is not None:
        yield text(path).strip('"`'), ()


def _java(node: Node, text: Text) -> Found:
    words = text(node)[:_MAX_STATEMENT].rstrip("; \n").split()
    yield "".join(word for word in words if word not in ("import", "static")), ()


def _c(node: Node, text: Text) -> Found:
    path = node.child_by_field_name("path")
    if path is not None:
        yield text(path).strip().strip('<>"'), ()


def _csharp(node: Node, text: Text) -> Found:
    if match := _CSHARP.match(text(node)[:_MAX_STATEMENT]):
        yield "".join(match[1].split()), ()


def _ruby(node: Node, text: Text) -> Found:
    method = node.child_by_field_name("method")
    arguments = node.child_by_field_name("arguments")
    if method is None or arguments is None:
        return
    first = arguments.named_child(0)
    target = text(first).strip("'\"") if first is not None else ""
    is_relative = text(method) == "require_relative" and not target.startswith((".", "/"))
    yield f"./{target}" if is_relative else target, ()


def _php(node: Node, text: Text) -> Found:
    statement = text(node)[:_MAX_STATEMENT]
    if node.type == "namespace_use_declaration":
        plain = _PHP.sub("", statement, count=1).rstrip("; \n").replace(" as ", "@")
        yield from _expanded("".join(plain.split()), "\\", "@")
    elif match := _PHP_STRING.search(statement):
        yield match[1], ()


_READERS: dict[str, Callable[[Node, Text], Found]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "rust": _rust,
    "go": _go,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "csharp": _csharp,
    "ruby": _ruby,
    "php": _php,
}
