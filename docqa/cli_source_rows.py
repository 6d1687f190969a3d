"""What `docqa ingest`, `docqa update` and `docqa sources` print."""

from typing import Any

from docqa.console import say
from docqa.core.left_out import LeftOut
from docqa.errors import DocqaError, ReadError
from docqa.services.sources import SourceSummary
from docqa.services.watching import Watch

Json = dict[str, Any]

SHOWN_SKIPPED = 20
"""Files left out that are printed one by one."""


def show_source(row: Json) -> None:
    """Print what came of one source."""
    unreadable = len(row["unreadable_pages"])
    say(
        f"{row['source']}: {row['status']}, {row['documents']:,} documents, {row['pages']:,} pages"
        f" ({unreadable:,} unreadable), {row['passages']:,} passages, {row['tokens']:,} tokens,"
        f" {row['seconds']:.1f} s"
    )
    if row["revision"]:
        say(f"  revision: {row['revision']}")
    for page in row["unreadable_pages"]:
        say(f"  unreadable: {page['document']} p. {page['page']}: {page['reason']}")
    for problem in row["failed"]:
        say(f"  failed: {problem['name']}: {problem['message']}", style="red")
        if problem["hint"]:
            say(f"    {problem['hint']}")
    for problem in row["skipped"][:SHOWN_SKIPPED]:
        say(f"  skipped: {problem['name']}: {problem['message']}", style="dim")
    if len(row["skipped"]) > SHOWN_SKIPPED:
        say(f"  left out: {counted(row['left_out'])}; `docqa sources --left-out` lists them")
    if row["secrets"]:
        say(f"  places that look like secrets: {row['secrets']:,}; `docqa sources --secrets`")


def preview_line(found: Json) -> str:
    """How much a preview found, in a line."""
    at = f" at {found['revision'][:12]}" if found["revision"] else ""
    left_out = sum(found["left_out"].values())
    return (
        f"{found['name']}{at}: {found['files']:,} files, {found['bytes'] / 1e6:,.1f} MB,"
        f" about {found['tokens']:,} tokens, {left_out:,} left out"
    )


def not_updated(name: str, error: DocqaError) -> Json:
    """As `update_report`, of a source that could not be begun to be read."""
    counts = ("added", "changed", "deleted", "unchanged", "tokens")
    return {
        "source": name,
        "revision": "",
        **dict.fromkeys(counts, 0),
        "seconds": 0.0,
        "failed": [],
        "error": error.detail if isinstance(error, ReadError) else str(error),
        "hint": error.hint,
    }


def show_update(row: Json) -> None:
    """Print what an update of a source brought."""
    if row["error"]:
        say(f"{row['source']}: {row['error']}", style="red")
        if row["hint"]:
            say(f"  {row['hint']}")
        return
    at = f" at {row['revision'][:12]}" if row["revision"] else ""
    say(
        f"{row['source']}{at}: {row['added']:,} added, {row['changed']:,} changed,"
        f" {row['deleted']:,} deleted, {row['unchanged']:,} unchanged, {row['tokens']:,} tokens,"
        f" {row['seconds']:.1f} s"
    )


def source_json(summary: SourceSummary, watch: Watch | None, *, as_json: bool) -> Json:
    """A source in a list; for people its revision and counts are shortened."""
    source = summary.source
    by_category = dict(summary.left_out_by_category)
    return {
        "id": source.id,
        "source": source.name,
        "kind": source.kind,
        "uri": source.uri,
        "ref": source.options.ref,
        "revision": source.revision if as_json else source.revision[:12],
        "documents": summary.documents,
        "tokens": summary.tokens,
        "removed": summary.removed,
        "secrets": summary.secrets,
        "left_out": by_category if as_json else counted(by_category),
        "watched": _watch_json(watch) if as_json else _watched(watch),
    }


def left_out_json(each: LeftOut) -> Json:
    """A file that is left out."""
    return {
        "path": each.path,
        "reason": each.reason,
        "category": each.category,
        "bytes": each.size,
        "can_be_put_back": each.can_be_put_back,
    }


def counted(left_out: dict[str, int]) -> str:
    """`12 lock, 3 binary`."""
    order = sorted(left_out.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {category}" for category, count in order)


def _watch_json(watch: Watch | None) -> Json | None:
    if watch is None:
        return None
    return {"status": watch.status, "looked_at": watch.looked_at or None, "detail": watch.detail}


def _watched(watch: Watch | None) -> str:
    """`same`, `away: it does not answer`, or nothing."""
    if watch is None:
        return ""
    return f"{watch.status}: {watch.detail}" if watch.detail else watch.status
