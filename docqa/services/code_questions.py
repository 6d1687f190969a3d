"""Questions that a codebase suggests."""

from docqa.core.references import CodeFile
from docqa.core.symbols import Symbol
from docqa.services.code_graph import CodeIndex, with_imports
from docqa.services.code_references import is_test, prominence
from docqa.store.store import Store

_CENTRAL = frozenset(("class", "enum", "function", "interface", "struct", "trait"))
_ENTRIES = frozenset(
    ("__main__", "main", "cli", "app", "index", "server", "manage", "program", "application", "run")
)
_EVERYWHERE = frozenset(
    ("main", "run", "cli", "error", "result", "test", "setup", "init", "config", "version")
)
"""Names that say nothing of a codebase."""
_MOST_IMPORTED = 5
"""Files that a central symbol is looked for in."""
_MOST_NAMES = 30


def code_questions(store: Store, index: CodeIndex) -> tuple[str, ...]:
    """What this is, where it begins, where something central is done, what depends on what."""
    files = [file for file in with_imports(index.files) if not is_test(file.path)]
    if not files:
        return ()
    questions = ["What is this codebase for, and what are its main parts?"]
    entry = min(filter(_is_entry, files), key=_depth, default=None)
    if entry is not None:
        questions.append(f"Where does the program start, and what does `{entry.document}` do?")
    else:
        questions.append("Where does the program start?")
    imported = sorted(files, key=lambda file: (-_importers(index, file), file.path))
    symbol = _most_imported(store, index) or _central(store, imported)
    if symbol is not None:
        questions.append(f"Where is `{symbol.path}` used, and how does it work?")
    if imported and _importers(index, imported[0]):
        questions.append(f"What would break if `{imported[0].document}` changed?")
    return tuple(questions)


def _most_imported(store: Store, index: CodeIndex) -> Symbol | None:
    """The definition that most files import by name."""
    ordered = sorted(index.imported_names.items(), key=lambda item: (-item[1], item[0]))
    names = [name for name, count in ordered[:_MOST_NAMES] if count > 1]
    if not names:
        return None
    found = store.code.definitions(index.workspace_id, names)
    for name in names:
        symbols = [each for each in found.get(name, ()) if _is_central(each.symbol)]
        best = min(symbols, key=prominence, default=None)
        if best is not None and not is_test(best.document):
            return best.symbol
    return None


def _is_central(symbol: Symbol) -> bool:
    return (
        symbol.kind in _CENTRAL
        and symbol.parent is None
        and not symbol.name.startswith("_")
        and symbol.name.lower() not in _EVERYWHERE
        and len(symbol.path) <= 80
    )


def _central(store: Store, imported: list[CodeFile]) -> Symbol | None:
    """The biggest public definition at the top of the files that most others import."""
    for file in imported[:_MOST_IMPORTED]:
        found = [each for each in store.code.symbols(file.version_id) if _is_central(each)]
        if found:
            return max(
                found, key=lambda symbol: (symbol.last_line - symbol.first_line, symbol.name)
            )
    return None


def _importers(index: CodeIndex, file: CodeFile) -> int:
    importers = index.imported_by.get(file.document_id, ())
    return sum(not is_test(index.by_document[each].path) for each in importers)


def _is_entry(file: CodeFile) -> bool:
    return file.path.rpartition("/")[2].partition(".")[0].lower() in _ENTRIES


def _depth(file: CodeFile) -> tuple[int, int, str]:
    name = file.path.rpartition("/")[2].partition(".")[0].lower()
    return name not in ("__main__", "main"), file.path.count("/"), file.path
