"""What a definition is called: its name, and what it is said to belong to."""

from collections.abc import Callable

from tree_sitter import Node

MAX_NAME = 200
"""Characters; a longer one is cut."""
_DECLARATORS = frozenset(("function_definition", "type_definition", "field_declaration"))
_PARAMETERS = ("(", "<")

Text = Callable[[Node], str]
Named = tuple[tuple[str, ...], str, Node]
"""The names of what it belongs to, its own, and where that stands."""


def named(node: Node, text: Text) -> Named | None:
    """What this definition is called; None for those that have no name of their own."""
    find = _BY_TYPE.get(node.type, _by_field)
    found = find(node)
    if found is None:
        return None
    scope, name = _parts(text(found), node.type)
    if not name:
        return None
    if node.type == "method_declaration" and (receiver := node.child_by_field_name("receiver")):
        scope = (*_receiver(text(receiver)), *scope)
    return scope, name, found


def _by_field(node: Node) -> Node | None:
    return node.child_by_field_name("name")


def _declared(node: Node) -> Node | None:
    """The name within C's declarators: `*name(...)[2]`."""
    at: Node | None = node
    for _ in range(20):
        inner = at.child_by_field_name("declarator") if at is not None else None
        if inner is None and at is not None and at.type in _WRAPPERS and at.named_child_count:
            inner = at.named_child(at.named_child_count - 1)
        if inner is None:
            return at if at is not node else None
        at = inner
    return None


_WRAPPERS = frozenset(("reference_declarator", "parenthesized_declarator", "attributed_declarator"))


def _left(node: Node) -> Node | None:
    return node.child_by_field_name("left")


def _key(node: Node) -> Node | None:
    return node.child_by_field_name("key")


def _property(node: Node) -> Node | None:
    return node.child_by_field_name("property") or node.child_by_field_name("name")


def _type(node: Node) -> Node | None:
    return node.child_by_field_name("type")


def _first(node: Node) -> Node | None:
    return node.child_by_field_name("name") or node.named_child(0)


_BY_TYPE: dict[str, Callable[[Node], Node | None]] = {
    "function_definition": lambda node: _by_field(node) or _declared(node),
    "type_definition": _declared,
    "field_declaration": _declared,
    "declaration": _declared,
    "assignment": _left,
    "assignment_expression": _left,
    "pair": _key,
    "field_definition": _property,
    "public_field_definition": _property,
    "impl_item": _type,
    "const_element": _first,
}


def _parts(text: str, node_type: str) -> tuple[tuple[str, ...], str]:
    """What stands before the name, taken apart, and the name."""
    text = " ".join(text.split())[: 4 * MAX_NAME]
    if node_type in ("pair", "module") and text[:1] in "'\"":
        return (), text.strip("'\"")[:MAX_NAME]
    operator = text.find("operator")
    if operator >= 0 and node_type in _DECLARATORS:
        before, name = text[:operator].rstrip(":"), text[operator:]
    else:
        plain = text if text[:1] in _PARAMETERS else _without_parameters(text)
        pieces = plain.replace("::", ".").replace("\\", ".").split(".")
        before, name = ".".join(pieces[:-1]), pieces[-1]
    scope = [part.strip(" *&") for part in before.replace("::", ".").split(".")]
    kept = tuple(part[:MAX_NAME] for part in scope if part and part not in _NO_SCOPE)
    return kept[-5:], name.strip(" *&")[:MAX_NAME]


_NO_SCOPE = frozenset(("module", "exports", "prototype", "this", "self", "window", "globalThis"))


def _without_parameters(text: str) -> str:
    """Without what stands in angle brackets: `Glob<'a>` is `Glob`."""
    if "<" not in text:
        return text
    kept, depth = [], 0
    for character in text:
        depth += character == "<"
        if not depth:
            kept.append(character)
        depth -= character == ">" and depth > 0
    return "".join(kept)


def _receiver(text: str) -> tuple[str, ...]:
    """Go's `(s *Server[T])` is `Server`."""
    inner = text.strip("() ").partition("[")[0].replace("*", " ").split()
    return (inner[-1][:MAX_NAME],) if inner else ()
