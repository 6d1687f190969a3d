"""How the file on the screen hangs together with the others: outline, uses, imports."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from docqa.core.references import Affected, Definition, ResolvedImport, UsePlace
from docqa.core.symbols import Symbol
from docqa.store.values import Workspace
from docqa.ui import messages, state
from docqa.ui.code import lists, place
from docqa.ui.code.reading import Shown
from docqa.ui.state import Key

UNDER_NAME = "max(220px, calc(100vh - 12.6rem))"
_SHORT = {"function": "func", "interface": "iface", "constant": "const"}


def outline(file: Shown | None) -> None:
    """The definitions of the file; one that is pressed has its lines chosen."""
    if file is None:
        lists.say("Open a file to see its outline.")
        return
    symbols = state.app().code.outline(file.info.version_id)
    if not symbols:
        lists.say("No definitions were found in this file.")
        return
    here = _innermost(symbols, file.lines)
    levels: dict[int, int] = {}
    items = []
    for symbol in symbols[: lists.MOST]:
        parent = -1 if symbol.parent is None else levels.get(symbol.parent, -1)
        levels[symbol.ordinal] = parent + 1
        items.append(
            lists.item(
                f"{file.info.id}:{symbol.first_line}:{symbol.last_line}",
                symbol.name,
                detail=f"L{symbol.line}",
                badge=_SHORT.get(symbol.kind, symbol.kind),
                level=min(parent + 1, 5),
                title=symbol.signature or symbol.path,
                current=symbol is here,
            )
        )
    lists.draw(
        [lists.section("", items, more=len(symbols) - lists.MOST)],
        f"outline-{file.info.version_id}",
    )


def _innermost(symbols: Sequence[Symbol], lines: tuple[int, int] | None) -> Symbol | None:
    if not lines:
        return None
    around = [s for s in symbols if s.first_line <= lines[0] and lines[1] <= s.last_line]
    return min(around, key=lambda symbol: symbol.last_line - symbol.first_line, default=None)


def uses(workspace: Workspace, file: Shown | None) -> None:
    """Where a name is defined, who uses it, and what it uses itself."""
    st.session_state[Key.CODE_NAME] = place.current().name
    st.text_input(
        "Name",
        key=Key.CODE_NAME,
        placeholder="A function, class or other name",
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=place.MAX_TEXT,
        on_change=_typed,
    )
    name = place.current().name
    if not name:
        lists.say("Press a name in the file, or type one here, to see who uses it.")
        return
    code = state.app().code
    near = file.info.version_id if file else None
    defined = code.definitions(workspace.id, name, near=near)
    used = code.used_by(workspace.id, name)
    sections = [
        lists.section(
            "Defined in", _definitions(defined[: lists.MOST]), more=len(defined) - lists.MOST
        )
    ]
    if not defined:
        sections = [lists.section("Defined in", [], note="Not in this workspace's code.")]
    counted = messages.count(len(used.places), "place")
    note = "" if used.places else "Nowhere that docqa can tell."
    said = f"Used in {counted}{' or more' if used.more else ''}" if used.places else "Used in"
    sections.append(lists.section(said, [], note=note))
    sections += _places(used.places)
    if defined:
        own = code.uses(defined[0].version_id, defined[0].symbol.ordinal)
        if own:
            path = defined[0].symbol.path
            sections.append(lists.section(f"{path} uses", _definitions(own[: lists.MOST])))
    lists.draw(sections, f"uses-{name}", height=UNDER_NAME)


def _typed() -> None:
    """A browser may also tell again what stood in a field that was left meanwhile."""
    name = str(st.session_state.get(Key.CODE_NAME) or "").strip()
    if name != place.current().name:
        place.show_uses(name)


def _definitions(found: Iterable[Definition]) -> list[dict[str, Any]]:
    return [
        lists.item(
            f"{each.document_id}:{each.symbol.line}:{each.symbol.line}",
            each.symbol.path,
            detail=f"{_tail(each.document)}:L{each.symbol.line}",
            badge=_SHORT.get(each.symbol.kind, each.symbol.kind),
            title=f"{each.document}:L{each.symbol.line} {each.symbol.signature}",
        )
        for each in found
    ]


def _places(places: Sequence[UsePlace]) -> list[dict[str, Any]]:
    return [
        lists.section(
            document,
            [
                lists.item(
                    f"{each.document_id}:{each.line}:{each.line}",
                    each.text,
                    detail=each.within,
                    badge=f"L{each.line}",
                    title=f"{document}:L{each.line}" + (f" in {each.within}" * bool(each.within)),
                )
                for each in group
            ],
        )
        for document, group in groupby(places, key=lambda each: each.document)
    ]


def imports(file: Shown | None) -> None:
    """What the file imports, who imports it, and what else a change of it may break."""
    if file is None:
        lists.say("Open a file to see what it imports, and what would break if it changed.")
        return
    code = state.app().code
    asked = code.imports(file.info.version_id)
    affected = code.affected(file.info.id)
    direct = [each for each in affected if each.distance == 1]
    others = [each for each in affected if each.distance > 1]
    sections = [
        lists.section(
            f"Imports {len(asked):,}",
            [_import(each) for each in asked[: lists.MOST]],
            note="" if asked else "Nothing.",
        ),
        lists.section(
            f"Imported by {messages.count(len(direct), 'file')}",
            [_affected(each) for each in direct[: lists.MOST]],
            note="" if direct else "No file that docqa can tell.",
        ),
    ]
    if others:
        note = "Files that reach this one through others. A change here may break them too."
        sections.append(
            lists.section(
                f"Also affected: {messages.count(len(others), 'file')}",
                [_affected(each) for each in others[: lists.MOST]],
                note=note,
                more=len(others) - lists.MOST,
            )
        )
    lists.draw(sections, f"imports-{file.info.version_id}")


def _import(found: ResolvedImport) -> dict[str, Any]:
    what = found.what
    names = ", ".join(what.names)
    if not found.files:
        return lists.item(None, what.target, detail=names, badge=f"L{what.line}", title=names)
    first = found.files[0]
    return lists.item(
        f"{first.document_id}::",
        what.target,
        detail=_tail(first.document),
        badge=f"L{what.line}",
        title=f"{first.document} {names}".strip(),
    )


def _affected(each: Affected) -> dict[str, Any]:
    file = each.file
    through = f"{each.distance - 1} between" if each.distance > 1 else ""
    return lists.item(
        f"{file.document_id}::", file.path, detail=through, title=file.document, code=False
    )


def _tail(path: str) -> str:
    return path.rpartition("/")[2]
