"""A review over a real SGLang: sixty cells over one pack, each of which costs little but itself."""

import json
import re

import pytest

from docqa.bootstrap import build_app
from docqa.core import judgements
from docqa.core.checklists import Checklist, Requirement
from docqa.core.json_regex import regex_for
from docqa.core.judging import schema_for
from docqa.settings import Settings

COMPANIES = ("Acme", "Borealis", "Cobalt", "Dunmore", "Everest", "Fjord")
CLAUSES = (
    "{0} Ltd processes personal data for the customer on documented instructions only.",
    "{0} Ltd notifies the customer of a personal data breach within {1} hours of becoming aware.",
    "Persons who are authorised to process the data have committed themselves to confidentiality.",
    "{0} Ltd engages no other processor without the customer's prior written authorisation.",
    "Data are encrypted in transit and at rest, and access to them is logged for {1} days.",
    "{0} Ltd deletes all personal data within {1} days of the end of the services.",
    "The customer may audit {0} Ltd once a year, with {1} days of notice in writing.",
    "This agreement begins on {1} March 2026 and is governed by the law of Ireland.",
)
REQUIREMENTS = (
    Requirement("instructions", "The processor acts on documented instructions only."),
    Requirement("breach", "The processor gives notice of personal data breaches."),
    Requirement("secrecy", "Persons who process the data are bound to confidentiality."),
    Requirement("others", "Other processors are engaged with authorisation only."),
    Requirement("encryption", "Personal data are encrypted."),
    Requirement("deletion", "Personal data are deleted when the services end."),
    Requirement("audit", "The customer may audit the processor."),
    Requirement("transfers", "The agreement governs transfers.", verdicts=("met", "not_found")),
    Requirement("begins", "On which date does the agreement begin?", kind="date"),
    Requirement("parties", "Which companies does the agreement name?", kind="list"),
)
CHECKLIST = Checklist("dpa", "Processor agreements", "1", "Written for this test", REQUIREMENTS)
CELLS = len(COMPANIES) * len(REQUIREMENTS)
FEW_CHARACTERS = 24
AT_MOST = 0.2
"""The share of all prompts' tokens that the server computes; the rest it has."""


@pytest.fixture
def short_answers(monkeypatch):
    """Lower bounds in the schema: a very small model writes until it meets them, minutes long."""
    for name in ("RATIONALE_CHARACTERS", "VALUE_CHARACTERS", "ENTRY_CHARACTERS"):
        monkeypatch.setattr(judgements, name, FEW_CHARACTERS)
    for name in ("LABELS", "ENTRIES"):
        monkeypatch.setattr(judgements, name, 2)


@pytest.fixture
def app(server, tmp_path, short_answers):
    settings = Settings(
        home=tmp_path / "home",
        engine="sglang",
        base_url=server.base_url,
        api_key=server.key,
        workers=1,
        # Hints differ from cell to cell, and prefill takes its time here.
        hints=False,
        review_cells_at_once=20,
    )
    made = build_app(settings)
    yield made
    made.close()


@pytest.fixture
def workspace_id(app, tmp_path):
    """A workspace of agreements that differ in names and numbers."""
    folder = tmp_path / "agreements"
    folder.mkdir()
    for number, company in enumerate(COMPANIES):
        text = "\n\n".join(clause.format(company, 24 + number) for clause in CLAUSES)
        (folder / f"{company.lower()}.txt").write_text(f"Agreement with {company} Ltd\n\n{text}\n")
    made = app.workspaces.get_or_create("default").id
    assert app.ingestion.wait(app.ingestion.submit_paths(made, [folder])).status == "done"
    return made


def test_sixty_cells_read_one_pack_once_and_each_answer_is_whole(app, workspace_id):
    review = app.reviewing.wait(app.reviewing.submit(workspace_id, CHECKLIST))

    cells = app.reviewing.grid(review.id).cells
    found = [app.reviewing.detail(cell.id).finding.found for cell in cells]
    assert review.status == "done"
    assert len(found) == CELLS == 60
    for cell, each in zip(cells, found, strict=True):
        schema = schema_for(CHECKLIST.requirement(cell.requirement_id))
        assert re.fullmatch(regex_for(schema), each.raw), each.raw
        assert json.loads(each.raw)["verdict"] == each.proposed
        assert each.params["finish_reason"] == "stop"
        assert each.params["tries"] == 1
        assert each.usage.completion_tokens < each.params["max_tokens"]
        assert each.params["mode"] == "whole"

    assert len({each.pack for each in found}) == 1
    pack = app.store.packs.find(workspace_id)
    usages = [each.usage for each in found]
    prompts = sum(usage.prompt_tokens for usage in usages)
    prefilled = prompts - sum(usage.cached_tokens for usage in usages)
    assert sum(usage.cached_tokens < pack.token_count for usage in usages) == 1
    assert pack.token_count < prefilled < AT_MOST * prompts
