"""Names and places of code in an answer: found in the code, or found to be nowhere in it."""

from collections.abc import Collection, Iterable, Sequence

from docqa.core.answers import Mention
from docqa.core.mentions import Asked, NameAsked, PlaceAsked, asked
from docqa.core.references import Definition, LineFile
from docqa.core.terms import search_terms
from docqa.services.code_references import is_test, prominence
from docqa.store.code_names import name_parts
from docqa.store.store import Store

MOST_WITH_REVISION = 50
"""Files of one name whose versions are looked through for a revision."""
_HOLDERS = frozenset(("class", "enum", "impl", "interface", "module", "struct", "trait"))
"""Kinds that have members."""


def mentions_of(
    store: Store, workspace_id: int, text: str, *, cited: Collection[int] = ()
) -> tuple[Mention, ...]:
    """The names and places of the workspace's code in an answer's text, in its order.

    Of several that could be meant, those in the documents that the answer cites come first. Costs
    nothing where the text mentions nothing or the workspace has no code.
    """
    wanted = asked(text)
    if not wanted or not store.code.has_code(workspace_id):
        return ()
    return _Lookup(store, workspace_id, wanted, frozenset(cited)).mentions()


class _Lookup:
    """Looks up all that one answer mentions."""

    def __init__(
        self, store: Store, workspace_id: int, wanted: Sequence[Asked], cited: frozenset[int]
    ) -> None:
        self._store = store
        self._wanted = wanted
        self._cited = cited
        names = {name for each in wanted for name in _names(each)}
        self._defined = store.code.definitions(workspace_id, names)
        parts = {part for each in wanted if isinstance(each, NameAsked) for part in each.parts}
        terms = {term for part in parts for term in _terms(part)}
        self._occurring = store.code.occurring(workspace_id, terms)
        self._files: dict[str, list[LineFile]] = {}
        if any(isinstance(each, PlaceAsked) for each in wanted):
            for file in store.code.line_files(workspace_id):
                self._files.setdefault(file.path.rpartition("/")[2], []).append(file)

    def mentions(self) -> tuple[Mention, ...]:
        """Those that were found, and those that are nowhere."""
        found = (
            self._name(each) if isinstance(each, NameAsked) else self._place(each)
            for each in self._wanted
        )
        return tuple(each for each in found if each is not None)

    def _name(self, each: NameAsked) -> Mention | None:
        if (definition := self._definition(each)) is not None:
            return _found(each, definition)
        if each.judged and not all(map(self._occurs, _judged(each))):
            return Mention(each.start, each.end, "symbol", "unknown")
        return None

    def _definition(self, each: NameAsked) -> Definition | None:
        """The definition that is meant, None if it cannot be told."""
        exact = self._defined.get(each.name, ())
        if exact or len(each.parts) == 1:
            sure = each.telling or len(each.parts) > 1 or each.name[:1].isupper()
            return self._best(exact, sure=sure)
        last = self._defined.get(each.parts[-1], ())
        holder = each.parts[-2]
        held = [one for one in last if _is_of(one, holder)]
        if held:
            return self._best(held, sure=True)
        if any(one.symbol.kind in _HOLDERS for one in self._defined.get(holder, ())):
            return None  # inherited, or not there: the name does not tell
        # Of a variable: `data.setdefault()` may be anything's, `data.join_path()` hardly.
        known = each.telling and self._occurs(holder)
        return self._best(last, sure=False) if known else None

    def _best(self, found: Sequence[Definition], *, sure: bool) -> Definition | None:
        """The one that is meant: cited, or else the only one, or the best if the name tells."""
        near = [one for one in found if one.document_id in self._cited]
        if not near and not sure:
            real = {(one.document_id, one.symbol.path) for one in found if not _is_test(one)}
            if len(real) > 1:
                return None
        return min(near or found, key=prominence, default=None)

    def _occurs(self, part: str) -> bool:
        return all(term in self._occurring for term in _terms(part))

    def _place(self, each: PlaceAsked) -> Mention | None:
        files = self._files_at(each.path)
        if each.revision and len(files) > MOST_WITH_REVISION:
            return None
        places = [place for file in files if (place := self._lines_in(file, each)) is not None]
        chosen = [place for place in places if place[0].document_id in self._cited] or places
        if len(chosen) == 1:
            file, version_id = chosen[0]
            return Mention(
                *(each.start, each.end, "place", "found"),
                document_id=file.document_id,
                version_id=version_id,
                path=file.document,
                lines=each.lines,
            )
        if not places and each.judged:
            return Mention(each.start, each.end, "place", "unknown")
        if not files and each.lines is None and "/" not in each.path:
            definition = self._best(self._defined.get(each.path, ()), sure=False)
            return None if definition is None else _found(each, definition)
        return None

    def _files_at(self, path: str) -> list[LineFile]:
        alike = self._files.get(path.rpartition("/")[2], ())
        exact = [file for file in alike if path in (file.path, file.document)]
        return exact or [file for file in alike if file.path.endswith(f"/{path}")]

    def _lines_in(self, file: LineFile, each: PlaceAsked) -> tuple[LineFile, int] | None:
        """The file and the version of it that has these lines at this revision."""
        if not each.revision or file.revision.startswith(each.revision):
            return (file, file.version_id) if _has(file.line_count, each.lines) else None
        for version in self._store.documents.versions(file.document_id):
            at = version.revision.startswith(each.revision) and version.status != "failed"
            if at and _has(version.line_count, each.lines):
                return file, version.id
        return None


def _found(each: Asked, definition: Definition) -> Mention:
    symbol = definition.symbol
    return Mention(
        *(each.start, each.end, "symbol", "found"),
        document_id=definition.document_id,
        version_id=definition.version_id,
        path=definition.document,
        lines=(symbol.first_line, symbol.last_line),
    )


def _names(each: Asked) -> Iterable[str]:
    """What is looked up among the definitions."""
    if isinstance(each, PlaceAsked):
        return () if each.lines or "/" in each.path else (each.path,)
    return (each.name, *each.parts[-2:])


def _judged(each: Asked) -> Iterable[str]:
    """The parts of a name that have to occur somewhere: the last, and what is no variable."""
    if isinstance(each, PlaceAsked):
        return ()
    return (*(part for part in each.parts[:-1] if part[:1].isupper()), each.parts[-1])


def _terms(part: str) -> list[str]:
    """The search term that stands for all of a name; none for function words."""
    return search_terms(part.strip("$!?_")).split()[:1]


def _is_of(definition: Definition, holder: str) -> bool:
    """Whether a holder of this name may be what the definition stands in.

    A class that the name is part of (`request` may be a `Request`), a file or a folder.
    """
    *folders, file = definition.document.lower().split("/")
    outer = name_parts(definition.symbol.path)[:-1]
    called = holder.lower().strip("_")
    if outer and (called in outer[-1].lower() or outer[-1].lower() in called):
        return len(called) > 2
    return called in (*folders[-1:], file.partition(".")[0])


def _is_test(definition: Definition) -> bool:
    return is_test(definition.document)


def _has(line_count: int, lines: tuple[int, int] | None) -> bool:
    return lines is None or 1 <= lines[0] <= lines[1] <= line_count
