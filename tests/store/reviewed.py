"""A review of a few documents, and findings for its cells."""

from docqa.core.answers import Citation, Coverage, Usage
from docqa.core.checklists import Checklist, Requirement
from docqa.core.documents import Rect
from docqa.core.findings import NewFinding
from tests.store.samples import pdf, publish, stage

CHECKLIST = Checklist(
    "dpa",
    "Processor agreements",
    "1",
    "Article 28",
    (
        Requirement("a", "Processes only on instructions?", look_for=("instructions",)),
        Requirement("b", "When are breaches notified?", kind="text", verdicts=("met", "not_found")),
        Requirement("c", "Is the staff bound to secrecy?"),
    ),
)


def documents(store, count=2):
    """So many published documents of the workspace `default`."""
    for number in range(count):
        stage(store, f"dpa-{number}.pdf", pdf(f"terms of {number}"), f"{number}".rjust(64, "d"))
    publish(store)
    workspace_id = store.workspaces.get("default").id
    return tuple(store.documents.all(workspace_id))


def review(store, count=2, *, checklist=CHECKLIST, target="documents", user="anna"):
    """A review of so many new documents; its id."""
    workspace_id = store.workspaces.get_or_create("default").id
    return store.reviews.create(
        workspace_id,
        checklist=checklist,
        title="All of them",
        target=target,
        scope=(),
        documents=documents(store, count),
        user=user,
        pack="p" * 64,
    )


def quote(document_id=1, text="within 72 hours", document="dpa-0.pdf"):
    return Citation(
        1,
        57,
        document_id,
        1,
        document,
        1,
        None,
        text,
        0,
        len(text),
        (Rect(1, 0.1, 0.1, 0.9, 0.2),),
        "exact",
    )


def found(status="met", **fields):
    told = {
        "proposed": "met",
        "rationale": "It says so.",
        "value": "72 hours",
        "citations": (quote(),),
        "reasons": ("a remark",),
        "coverage": Coverage(1, 1, 2, 2, 3, 3, 4, 4, (("dpa-0.pdf", 2, "a picture"),), 1),
        "version_id": 7,
        "pack": "p" * 64,
        "engine": "scripted",
        "model": "script",
        "prompt_version": "v2",
        "params": {"temperature": 0.0, "max_tokens": 900},
        "usage": Usage(1_000, 990, 40),
        "total_s": 0.25,
        "raw": '{"verdict":"met"}',
    }
    return NewFinding(status=status, **(told | fields))


def recorded(store, cell_id, status="met", *, keep=False, user="anna", **fields):
    """Run the cell (again): its new finding."""
    cell = store.reviews.cell(cell_id)
    if cell.state in ("done", "failed", "cancelled"):
        store.reviews.requeue(cell.review_id, [cell_id], user=user)
    while store.reviews.cell(cell_id).state == "queued":
        store.reviews.claim(cell.review_id, "t", 1)
    return store.reviews.record(cell_id, "t", found(status, **fields), user=user, keep=keep)
