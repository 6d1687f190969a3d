"""The sample documents are what their script makes, and hold what the questions ask."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pymupdf
import pytest

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SCRIPT = SAMPLES.parent / "make_samples" / "make_samples.py"
LISTED = json.loads((Path(__file__).parent / "sample_questions.json").read_text("utf-8"))
PDFS = sorted(SAMPLES.glob("*.pdf"))


def text_of(document: str, page: int | None) -> str:
    path = SAMPLES / document
    if page is None:
        return path.read_text("utf-8")
    with pymupdf.open(path) as pdf:
        return " ".join(pdf[page - 1].get_text().split())


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_samples", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SAMPLES", tmp_path)
    return module


def test_the_folder_holds_the_documents_and_nothing_else():
    assert {path.name for path in SAMPLES.iterdir()} == set(LISTED["documents"])


@pytest.mark.parametrize("item", LISTED["questions"], ids=lambda item: item["answer"])
def test_the_answer_stands_where_the_question_says(item):
    assert item["answer"] in text_of(item["document"], item.get("page"))


def test_the_samples_stay_small():
    size = sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file())

    assert size < 1_000_000


def test_only_the_signature_page_is_a_picture():
    with pymupdf.open(SAMPLES / "data-processing-agreement.pdf") as pdf:
        without_text = [page.number + 1 for page in pdf if not page.get_text().strip()]

        assert without_text == [pdf.page_count]
        assert pdf[-1].get_images()


def test_the_script_makes_the_committed_pages(script: ModuleType, tmp_path: Path):
    script.main()

    assert sorted(path.name for path in tmp_path.glob("*.pdf")) == [path.name for path in PDFS]
    for path in PDFS:
        with pymupdf.open(path) as kept, pymupdf.open(tmp_path / path.name) as made:
            assert [page.get_text() for page in kept] == [page.get_text() for page in made]


def test_the_script_makes_the_same_bytes_twice(script: ModuleType, tmp_path: Path):
    script.main()
    first = [path.read_bytes() for path in sorted(tmp_path.glob("*.pdf"))]

    script.main()

    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.pdf"))] == first
