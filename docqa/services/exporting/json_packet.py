"""A review as JSON: everything, for other programs and for an auditor who replays it.

One object, written cell by cell; each cell stands on a line of its own, so that a packet of any
size can be read line by line. Its keys:

- `format`: `docqa-review/1`; `docqa`: version of the program; `exported`: `{at, by, in_progress}`;
- `review`: `{id, title, workspace, target, scope, status, created_at, created_by, counts}`;
- `checklist`: `{id, title, version, source, description, requirements: [{id, section, text,
  guidance, verdicts, kind, look_for, across}]}`, as it was when the review was made;
- `audit`: `{head, entries}`: the hash of the newest entry of the audit log before this export, for
  `docqa audit verify --expect`, and how many entries there were;
- `versions`: `[{id, document_id, document, number, content_hash, reader, pages, read_at}]`, where
  `content_hash` is the SHA-256 of the original file;
- `cells`: `[{id, document_id, document, requirement, row, state, status, verdict, review_state,
  changed, revision, version_id, conflicts, error, finding, earlier_findings, decisions}]`;
  `conflicts` are the ids of cells that say otherwise; `error` is null or `{type, message, hint}`.
- `finding`: null or `{id, number, hash, erased, created_at, status, proposed, rationale, value,
  reasons, unresolved_labels, citations, coverage, pack, engine, model, prompt_version, params,
  usage, total_s, raw}`; `proposed` is the model's word and `raw` its answer as it came; `hash` is
  what the audit log has of it.
- `citations`: as `docqa ask --json` has them, and `{document_id, version_id, ordinal,
  quote_start, quote_end}`: offsets in characters of the passage that `label` names in the pack,
  whose position in its version is `ordinal`, from 0.
- `decisions`: newest first, `[{id, finding_id, action, verdict, comment, by, at}]`.

Times are seconds since the epoch. Rectangles are fractions of the page, origin top left.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from docqa.core.answers import Citation
from docqa.core.findings import Decision, Finding
from docqa.services.exporting.packet import Packet, Row
from docqa.services.reports import citation_json, coverage_json, rounded

FORMAT = "docqa-review/1"
Json = dict[str, Any]


def write_json(packet: Packet, path: Path) -> None:
    """Write the review with all that belongs to it."""
    with path.open("w", encoding="utf-8") as file:
        file.write("{\n")
        for key, value in _head(packet).items():
            file.write(f"{_dump(key)}: {_dump(value)},\n")
        _write_list(file, "versions", (asdict(each) for each in packet.versions.values()))
        file.write(",\n")
        _write_list(file, "cells", (cell_json(row) for row in packet.rows()))
        file.write("\n}\n")


def cell_json(row: Row) -> Json:
    """A cell with its finding and the decisions on it."""
    cell = row.cell
    error = {"type": cell.error_type, "message": cell.error, "hint": cell.error_hint}
    return {
        "id": cell.id,
        "document_id": cell.document_id,
        "document": cell.document,
        "requirement": cell.requirement_id,
        "row": cell.row,
        "state": cell.state,
        "status": cell.status,
        "verdict": cell.verdict,
        "review_state": cell.review_state,
        "changed": cell.changed,
        "revision": cell.revision,
        "version_id": cell.version_id,
        "conflicts": [other.id for other in row.conflicts],
        "error": error if cell.error else None,
        "finding": finding_json(row.finding) if row.finding else None,
        "earlier_findings": [finding_json(each) for each in row.earlier],
        "decisions": [decision_json(each) for each in row.decisions],
    }


def finding_json(finding: Finding) -> Json:
    """What one run found, and with what."""
    found = finding.found
    return {
        "id": finding.id,
        "number": finding.number,
        "hash": finding.hash,
        "erased": finding.erased,
        "created_at": finding.created_at,
        "status": found.status,
        "proposed": found.proposed,
        "rationale": found.rationale,
        "value": found.value,
        "reasons": list(found.reasons),
        "unresolved_labels": found.unresolved,
        "citations": [quote_json(citation) for citation in found.citations],
        "coverage": coverage_json(found.coverage),
        "pack": found.pack,
        "engine": found.engine,
        "model": found.model,
        "prompt_version": found.prompt_version,
        "params": dict(found.params),
        "usage": {
            "prompt_tokens": found.usage.prompt_tokens,
            "cached_tokens": found.usage.cached_tokens,
            "completion_tokens": found.usage.completion_tokens,
        },
        "total_s": rounded(found.total_s),
        "raw": found.raw,
    }


def quote_json(citation: Citation) -> Json:
    """A quote, and where it stands in its version."""
    return {
        **citation_json(citation),
        "document_id": citation.document_id,
        "version_id": citation.version_id,
        "ordinal": citation.ordinal,
        "quote_start": citation.quote_start,
        "quote_end": citation.quote_end,
    }


def decision_json(decision: Decision) -> Json:
    """What a person decided."""
    return {
        "id": decision.id,
        "finding_id": decision.finding_id,
        "action": decision.action,
        "verdict": decision.verdict,
        "comment": decision.comment,
        "by": decision.user,
        "at": decision.created_at,
    }


def _head(packet: Packet) -> Json:
    review = packet.review
    return {
        "format": FORMAT,
        "docqa": packet.docqa_version,
        "exported": {
            "at": packet.exported_at,
            "by": packet.exported_by,
            "in_progress": packet.in_progress,
        },
        "review": {
            "id": review.id,
            "title": review.title,
            "workspace": packet.workspace,
            "target": review.target,
            "scope": list(review.scope),
            "status": review.status,
            "created_at": review.created_at,
            "created_by": review.created_by,
            "counts": asdict(review.counts),
        },
        "checklist": asdict(review.checklist),
        "audit": {"head": packet.audit_head, "entries": packet.audit_entries},
    }


def _write_list(file: TextIO, key: str, values: Iterable[Json]) -> None:
    file.write(f"{_dump(key)}: [")
    for number, value in enumerate(values):
        file.write(",\n" if number else "\n")
        file.write(_dump(value))
    file.write("\n]")


def _dump(value: object) -> str:
    # Lone surrogates, which UTF-8 cannot have, become a mark.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace").decode("utf-8")
