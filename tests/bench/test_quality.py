import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from docqa.bench import quality
from docqa.bench.scores import Hits, Row, unique


def test_hits_count_what_is_first_and_in_the_first_five():
    hits = Hits()

    hits.count(["a", "b"], {"a"})
    hits.count(["x", "a"], {"a"})
    hits.count([], {"a"})

    assert str(hits) == "0.333 / 0.667"
    assert unique(["a", "b", "a"]) == ["a", "b"]


def test_the_table_has_a_line_per_measure():
    console = Console(width=120, file=io.StringIO(), record=True)

    console.print(quality.table([Row("nq 60", "passage", 60, "0.950", "0.917", 0.004)]))

    assert "| nq 60 | passage | 60        | 0.950 | 0.917      | 0.004" in console.export_text()


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
