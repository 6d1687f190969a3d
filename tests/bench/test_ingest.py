from pathlib import Path

import pytest
from rich.console import Console

from docqa.bench.ingest import measure_bare_loop, pdf_files, run_bench, table
from docqa.errors import EmptyFileError

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def test_pdfs_are_found_in_folders_and_named_alone(tmp_path: Path):
    (tmp_path / "a").mkdir()
    deep, alone = tmp_path / "a" / "deep.pdf", tmp_path / "alone.pdf"
    deep.touch()
    alone.touch()
    (tmp_path / "a" / "notes.txt").touch()

    assert pdf_files([tmp_path / "a", alone]) == [deep, alone]


def test_nothing_to_measure_is_an_error(tmp_path: Path):
    with pytest.raises(EmptyFileError):
        run_bench([tmp_path])


def test_the_bare_loop_reads_every_page():
    figures = measure_bare_loop(pdf_files([SAMPLES]))

    assert figures["pages"] == 18
    assert figures["pages_per_s"] > 0


def test_both_sides_read_the_same_pages(tmp_path: Path):
    result = run_bench([SAMPLES], processes=1, home=tmp_path / "home")

    assert result["ingestion"]["failed"] == 0
    assert result["ingestion"]["pages"] == result["bare_loop"]["pages"] == 18
    assert result["ingestion"]["tokens"] > 0

    console = Console(record=True, width=120)
    console.print(table(result))
    assert "docqa ingestion, 1 process" in console.export_text()
