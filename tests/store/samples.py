"""Small documents to put into a store, and a pack to put them into."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from docqa.core.documents import LineLocator, PageInfo, PageLocator, ParsedDocument, Passage
from docqa.core.indexing import index_fields
from docqa.core.packing import (
    PROMPT_VERSION,
    SegmentSource,
    chain,
    head_chain,
    render_segment,
    segment_hash,
)
from docqa.store.store import Store
from docqa.store.values import NewSegment, NewVersion, PackHead, PackInfo, VersionInfo

HEAD = PackHead(PROMPT_VERSION, "llama4", 100, head_chain())


def pdf(*texts: str, pages: Sequence[PageInfo] | None = None, reader: str = "pdf/1"):
    passages = tuple(
        Passage(number, text, PageLocator(1, 2), heading="Terms", geometry=b"\x00\x01")
        for number, text in enumerate(texts)
    )
    if pages is None:
        pages = [PageInfo(1, 612, 792, "text", "", 10), PageInfo(2, 612, 792, "text", "", 10)]
    return ParsedDocument("pdf", passages, tuple(pages), title="A title", reader=reader)


def code(*texts: str):
    passages = tuple(
        Passage(number, text, LineLocator(number * 10 + 1, number * 10 + 9), "code", "class A")
        for number, text in enumerate(texts)
    )
    return ParsedDocument("code", passages, language="python", line_count=100, reader="code/1")


def new_version(
    document_id: int, parsed: ParsedDocument, content_hash: str = "a" * 64, options_hash: str = ""
):
    rows = [index_fields("name", passage, parsed.kind) for passage in parsed.passages]
    return NewVersion(document_id, content_hash, 1_000, options_hash, parsed, rows)


def stage(store: Store, name: str, parsed: ParsedDocument, content_hash: str = "a" * 64):
    """A document of the workspace `default` with an unpublished version; both ids."""
    workspace_id = store.workspaces.get_or_create("default").id
    source = store.documents.find_source(workspace_id, "folder", "/work")
    if source is None:
        source_id = store.documents.add_source(workspace_id, "folder", "work", "/work")
    else:
        source_id = source.id
    document_id = store.documents.add_document(workspace_id, source_id, name, name)
    return document_id, store.documents.stage_version(
        new_version(document_id, parsed, content_hash)
    )


def rendered(
    store: Store, versions: Sequence[VersionInfo], *, label: int, position: int, before: str
) -> Iterator[NewSegment]:
    for version in versions:
        name = store.documents.get(version.document_id).name
        passages = tuple(store.documents.passages(version.id))
        source = SegmentSource(position + 1, name, version.kind, passages, pages=version.pages)
        text = render_segment(source, label)
        digest = segment_hash(text)
        before = chain(before, digest)
        yield NewSegment(
            version.id,
            version.document_id,
            text,
            len(text) // 4,
            len(text.encode()),
            len(passages),
            label,
            digest,
            before,
        )
        label += len(passages)
        position += 1


def publish(store: Store) -> PackInfo:
    """All that is unpublished in the workspace `default`."""
    workspace_id = store.workspaces.get_or_create("default").id
    pack = store.packs.current(workspace_id, HEAD)
    place = {"label": pack.next_label, "position": pack.segment_count, "before": pack.hash}
    return store.packs.publish(
        pack, rendered(store, store.documents.unpublished(workspace_id), **place)
    )


def rebuild(store: Store) -> PackInfo:
    """The next generation of the workspace `default`, without excluded documents."""
    workspace_id = store.workspaces.get("default").id
    pack = store.packs.current(workspace_id, HEAD)
    versions = [
        store.documents.version(document.version_id)
        for document in store.documents.all(workspace_id, include_failed=False)
        if not document.excluded
    ]
    place = {"label": pack.next_label, "position": 0, "before": HEAD.hash}
    return store.packs.start_generation(
        workspace_id, HEAD, rendered(store, versions, **place), expected=pack
    )


def bytes_under(folder: Path) -> bytes:
    """Every byte of every file in the folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
