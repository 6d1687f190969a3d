import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from docqa.bench import quality, quality_code
from docqa.bench.scores import Hits, Row, unique
from docqa.store.store import Store


def test_hits_count_what_is_first_and_in_the_first_five():
    hits = Hits()

    hits.count(["a", "b"], {"a"})
    hits.count(["x", "a"], {"a"})
    hits.count([], {"a"})

    assert str(hits) == "0.333 / 0.667"
    hits.add(hits)
    assert (hits.questions, str(hits)) == (6, "0.333 / 0.667")
    assert unique(["a", "b", "a"]) == ["a", "b"]


def test_the_table_has_a_line_per_measure():
    console = Console(width=120, file=io.StringIO(), record=True)

    console.print(quality.table([Row("nq 60", "passage", 60, "0.950", "0.917", 0.004)]))

    assert "| nq 60 | passage | 60        | 0.950 | 0.917      | 0.004" in console.export_text()


def test_code_is_scored_by_corpus_by_language_and_over_all(tmp_path):
    root = tmp_path / "code_qa"
    for corpus, file, text in (
        ("flask", "app.py", "def open_door(key):\n    return turn(key)\n"),
        ("ripgrep", "walk.rs", "fn open_door(key: Key) -> Door {\n    turn(key)\n}\n"),
    ):
        (root / "base" / corpus).mkdir(parents=True)
        (root / "base" / corpus / file).write_text(text)
    changed = [
        {"corpus": "base/flask", "query": "turn the key", "gold_files": ["app.py"]},
        {"corpus": "base/ripgrep", "query": "turn the key", "gold_files": ["walk.rs"]},
    ]
    (root / "commits100.json").write_text(json.dumps(changed))
    (root / "swe_qa95.json").write_text("[]")
    docstring = {
        "corpus": "base/flask",
        "query": "opens a door with a key",
        "gold_file": "app.py",
        "gold_lines": [1, 2],
    }
    (root / "docstring_to_symbol30.json").write_text(json.dumps([docstring]))
    console = Console(width=200, file=io.StringIO(), record=True)
    with Store(tmp_path / "home") as store:
        found = quality_code.scores(store, tmp_path)

    console.print(quality_code.table(found))

    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in console.export_text().splitlines()
        if "->" in line
    ]
    first = "1.000 / 1.000"
    assert ["commit -> files", "rust", "base/ripgrep", "1", first, first, first] in rows
    assert ["commit -> files", "python, rust", "all", "2", first, first, first] in rows
    assert ["docstring -> function", "python", "all", "1", first, first, ""] in rows


@pytest.mark.bench
def test_quotes_hold_the_answers_and_ranking_is_above_plain_bm25():
    given = os.environ.get("DOCQA_BENCH_DATA")
    if not given and not quality.ARCHIVE.exists():
        pytest.skip("the benchmark bundle is not here (DOCQA_BENCH_DATA)")

    with quality.bundle(Path(given) if given else None, ["nq"]) as data:
        rows = quality.measure(data, ["nq"])

    ranked = {row.set: (row.docqa, row.plain) for row in rows if row.what.startswith("passage")}
    quoted = {row.set: float(row.docqa) for row in rows if row.what.startswith("answer")}
    assert all(docqa > plain for docqa, plain in ranked.values())
    assert quoted["nq 60"] >= 0.78
    assert quoted["nq 400"] >= 0.74
