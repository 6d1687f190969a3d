"""`docqa coverage`: what it prints, lists and writes."""

import json
import sys

import pytest

from docqa import cli
from tests.services import parts, placed


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("covered") / "home"
    app = parts.app_of(home, engine="extractive")
    placed.add(app, "scan.pdf", placed.scan())
    placed.add(app, "harbour.pptx", placed.slides())
    parts.close(app)
    return home


@pytest.fixture
def run(home, monkeypatch, capsys):
    """Runs `docqa coverage` and gives its exit status, standard output and standard error."""
    monkeypatch.setenv("DOCQA_HOME", str(home))
    monkeypatch.setenv("DOCQA_ENGINE", "extractive")
    monkeypatch.setenv("COLUMNS", "200")

    def run_(*arguments):
        monkeypatch.setattr(sys, "argv", ["docqa", "coverage", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run_


def test_the_sums_are_printed(run):
    code, out, _ = run()

    assert code == 0
    assert out.startswith("5 of 8 pages can be asked about, 2 of them read by OCR.")
    assert "all sources" in out


def test_the_sums_as_json_add_up(run):
    code, out, _ = run("--json")

    said = json.loads(out)
    assert code == 0
    assert sum(said["classes"].values()) == said["pages"] == 8
    assert sum(source["pages"] for source in said["sources"]) == 8
    assert (said["reach"], said["in_window"]) == ("quotes", None)


def test_pages_of_a_class_are_listed_with_the_reason(run):
    code, out, _ = run("--pages", "unreadable", "--json")

    assert code == 0
    assert [(row["document"], row["page"], row["reason"]) for row in json.loads(out)] == [
        ("harbour.pptx", 3, "the slide has a picture and no text"),
        ("scan.pdf", 4, "a scanned page without text"),
    ]
    code, out, _ = run("--pages", "ocr")
    assert "91 %" in out


def test_an_export_is_written_and_named(run, tmp_path):
    path = tmp_path / "coverage.csv"

    code, _, err = run("--export", path)

    assert code == 0
    assert str(path) in err
    assert path.read_text(encoding="utf-8-sig").count("\n") == 9


@pytest.mark.parametrize("wrong", [("--pages", "purple"), ("--export", "coverage.doc")])
def test_what_there_is_not_is_refused(run, wrong):
    code, _, err = run(*wrong)

    assert code == 1
    assert "purple" in err or "coverage.doc" in err
