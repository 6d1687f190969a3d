import io
import json

import pymupdf
import pytest
from rich.console import Console

from docqa.bench.review import deletion, ranking, scale, whole
from docqa.bench.review.corpus import ReviewCorpus, filled
from docqa.bench.review.deletion import Mapped
from docqa.bench.review.gold import GoldCell, SpanFinder, contracts, ndas
from docqa.bench.review.quotes import folded, stands
from docqa.bench.review.report import Figure, share, table
from docqa.core.checklists import Checklist, Requirement
from tests.core.passages import packed
from tests.services import parts

BREACHES = Requirement(
    "breach",
    "The supplier notifies personal data breaches.",
    look_for=("notify of a personal data breach", "within 72 hours"),
)
GARDENS = Requirement("gardens", "Tulips are watered.", look_for=("watering can", "tulip beds"))
CHECKLIST = Checklist("c", "C", "1", "made up", (BREACHES, GARDENS))


@pytest.fixture
def corpus(request, tmp_path):
    """Two documents with the scripted engine, or the one that the test names."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "dpa.txt").write_text(f"{parts.BREACH}\n\n{parts.INVOICES}\n")
    (folder / "runbook.txt").write_text(f"{parts.BACKUPS}\n\n{parts.RESTART}\n")
    app = parts.app_of(tmp_path / "home", engine=getattr(request, "param", "scripted"))
    yield filled(app, folder)
    parts.close(app)


def citation(page, quote, *rects):
    return {
        "page": page,
        "lines": None,
        "quote": quote,
        "rects": list(rects),
        "rects_on_other_pages": {},
    }


def what(figures):
    return {each.what: each for each in figures}


def test_evidence_is_found_whatever_stands_between_its_letters():
    finder = SpanFinder([packed("The first. Fees are\ndue.", 1), packed("No-\ntice is given.", 2)])

    across = GoldCell("a", "r", ("fees are due. Notice",))
    within = GoldCell("a", "r", ("Notice",))

    assert finder.passages(across) == {0, 1}
    assert finder.passages(within) == {1}
    assert finder.passages(GoldCell("a", "r", ("nothing", ""))) == frozenset()
    assert finder.touches(within, packed("No-\ntice is given.", 2), 0, 4)
    assert not finder.touches(within, packed("No-\ntice is given.", 2), 9, 18)


def test_gold_of_ndas_has_spans_where_a_rule_is_mentioned(tmp_path):
    annotations = {
        "nda-1": {"choice": "Entailment", "spans": [1]},
        "nda-2": {"choice": "NotMentioned", "spans": []},
        "other": {"choice": "Entailment", "spans": [0]},
    }
    document = {
        "text": "Title. It is so.",
        "spans": [[0, 6], [7, 16]],
        "annotation_sets": [{"annotations": annotations}],
    }
    (tmp_path / "contractnli_dev").mkdir()
    given = tmp_path / "contractnli_dev" / "dev.json"
    given.write_text(json.dumps({"documents": [document]}))
    (tmp_path / "to").mkdir()

    cells = ndas(tmp_path, tmp_path / "to", {"nda-1", "nda-2"})

    assert cells == [GoldCell("00.txt", "nda-1", ("It is so.",)), GoldCell("00.txt", "nda-2")]
    assert (tmp_path / "to" / "00.txt").read_text() == "Title. It is so."


def test_gold_of_contracts_has_1_based_pages_and_clauses_that_are_absent(tmp_path):
    clause = {"text": "Nevada law.", "page": 3, "page_end": 4}
    contract = {"pdf": "cuad25/pdf/00.pdf", "clauses": {"Governing Law": [clause]}}
    (tmp_path / "cuad25" / "pdf").mkdir(parents=True)
    (tmp_path / "cuad25" / "pdf" / "00.pdf").write_bytes(b"%PDF")
    (tmp_path / "cuad25" / "gold.json").write_text(json.dumps([contract]))
    (tmp_path / "to").mkdir()

    cells = contracts(tmp_path, tmp_path / "to", ["Governing Law", "Insurance"])

    assert cells[0] == GoldCell("00.pdf", "Governing Law", ("Nevada law.",), frozenset((4, 5)))
    assert not cells[1].mentioned
    assert (tmp_path / "to" / "00.pdf").exists()


def test_ranking_is_counted_beside_plain_bm25(corpus):
    cells = [
        GoldCell("dpa.txt", "breach", (parts.BREACH,)),
        GoldCell("dpa.txt", "gardens"),
        GoldCell("runbook.txt", "breach", ("words of no document",)),
    ]

    figures = what(ranking.measure("set", corpus, CHECKLIST, cells))

    assert figures["passage by text alone"].docqa == "1.000 / 1.000"
    assert figures["passage by text, look_for"].plain == "1.000 / 1.000"
    assert figures["missed: mentioned, `no evidence found`"].count == 2
    assert figures["false evidence: not mentioned, but quoted"].docqa == "0.000"
    assert figures["evidence that was not found in the passages"].docqa == "1"


@pytest.mark.parametrize("corpus", ["extractive", "scripted"], indirect=True)
def test_a_whole_review_quotes_verbatim_and_shows_no_bad_answer_as_a_verdict(corpus, tmp_path):
    made = whole.run(corpus, whole.with_hostile(CHECKLIST), tmp_path)

    figures = what(whole.figures("set", "engine", made))
    assert made.cells == 2 * (2 + len(whole.HOSTILE))
    assert figures["cells done"].docqa == "1.000"
    assert made.quotes.quotes > 0
    assert made.quotes.in_passage == made.quotes.in_original == made.quotes.quotes
    assert (made.unproven, made.hostile_unproven) == (0, 0)
    assert made.rejected == (2 * 2 if made.statuses["met"] else 0)
    assert made.hostile == 2 * len(whole.HOSTILE)


@pytest.mark.parametrize("corpus", ["extractive"], indirect=True)
def test_without_its_documents_a_requirement_needs_a_person(corpus: ReviewCorpus):
    mapped = [Mapped(BREACHES, frozenset(("dpa.txt",)))]

    figures = what(deletion.measure("set", corpus, mapped))

    assert figures["a mapped procedure ranked"].docqa == "1.000 / 1.000"
    assert figures["a mapped procedure quoted"].docqa == "1.000"
    assert figures["deleted: a deleted procedure cited"].docqa == "0"
    assert figures["deleted: needs a person"].docqa == "1.000"
    assert figures["erased: an erased procedure cited"].docqa == "0"
    assert figures["erased: needs a person"].docqa == "1.000"


def test_the_mapped_procedures_are_named_by_their_files(tmp_path):
    given = {
        "procedures": {"cp-mfa": {"file": "procedures/cp-mfa.md"}},
        "requirements": {
            "nist_csf": [
                {
                    "ref": "PR.1",
                    "requirement": "Who enters is known.",
                    "gold_procedures": ["cp-mfa"],
                },
                {"ref": "PR.2", "requirement": "Nobody wrote it.", "gold_procedures": []},
            ]
        },
    }
    (tmp_path / "policy_map").mkdir()
    (tmp_path / "policy_map" / "bench.json").write_text(json.dumps(given))

    mapped = deletion.requirements(tmp_path)

    assert [each.requirement.id for each in mapped] == ["PR.1"]
    assert mapped[0].procedures == {"cp-mfa.md"}


def test_quotes_are_looked_up_in_the_file_itself(tmp_path):
    pdf = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Fees are due on the first\nday. It begins")
        document.new_page().insert_text((72, 72), "and it ends.")
        document.save(pdf)
    text = tmp_path / "a.txt"
    text.write_text("One.\nTwo goes\non.\n")

    def on_page(page, quote):
        return stands(pdf, citation(page, quote))

    assert on_page(1, "Fees are due on the first day.")
    assert on_page(1, "It begins and it ends.")
    assert not on_page(2, "Fees are due on the first day.")
    assert not on_page(1, "Fees are never due.")
    assert stands(text, {"page": None, "lines": (2, 3), "quote": "Two goes\non."})
    assert not stands(text, {"page": None, "lines": (1, 2), "quote": "Two goes\non."})
    assert folded("o\ufb00- \nice") == "office"


def test_words_under_the_rectangles_count_where_the_file_has_them_in_another_order(tmp_path):
    pdf = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        for x, y, word in ((300, 100, "columns"), (72, 400, "apart"), (72, 105, "Two")):
            page.insert_text((x, y), word)
        document.save(pdf)

    assert stands(pdf, citation(1, "Two apart columns", [0.1, 0.1, 0.9, 0.6]))
    assert not stands(pdf, citation(1, "Two apart columns", [0.1, 0.1, 0.3, 0.6]))
    assert not stands(pdf, citation(1, "Two apart pillars", [0.1, 0.1, 0.9, 0.6]))


def test_made_up_documents_are_the_same_in_every_run(tmp_path):
    checklist = scale.made_up_checklist(10)
    for run in ("a", "b"):
        scale.write_documents(tmp_path / run, checklist, 2)

    assert len({requirement.text for requirement in checklist.requirements}) == 10
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["000.md", "001.md"]
    for name in names:
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()


def test_figures_stand_in_a_table():
    console = Console(width=140, file=io.StringIO(), record=True)

    console.print(table([Figure("nda", "passage", 1_037, "0.860", "0.800")]))

    assert "| nda | passage | 1,037 | 0.860 | 0.800" in console.export_text()
    assert (share(1, 3), share(0, 0)) == ("0.333", "-")
