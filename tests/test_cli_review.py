"""`docqa review` and `docqa audit`: what they print, where, and how they end."""

import csv
import json
import sqlite3

import pytest

from docqa import cli
from tests.services import parts

KEYS = ["document", "requirement", "status", "rationale", "citations", "value", "reasons"]
CHECKLIST = """
id: supplier
title: Supplier rules
version: "1"
source: a test
requirements:
  - id: breach
    text: The Supplier must notify the Customer of a personal data breach within 72 hours.
  - id: wombats
    text: "@notfound The Supplier keeps wombats."
"""


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("filled") / "home"
    app = parts.app_of(home)
    parts.ingest(app, parts.make_folder(tmp_path_factory.mktemp("sources") / "freight"))
    parts.close(app)
    return home


@pytest.fixture
def checklist(tmp_path):
    (tmp_path / "supplier.yaml").write_text(CHECKLIST)
    return str(tmp_path / "supplier.yaml")


@pytest.fixture
def run(tmp_path, filled_home, monkeypatch, capsys):
    """Runs a command on a home with four documents; returns its status, output and errors."""
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(filled_home / "docqa.db") as source:
        source.execute("VACUUM INTO ?", (str(home / "docqa.db"),))
    source.close()
    (home / "originals").symlink_to(filled_home / "originals")
    monkeypatch.setenv("DOCQA_HOME", str(home))
    monkeypatch.setenv("DOCQA_ENGINE", "scripted")
    monkeypatch.setenv("DOCQA_WORKERS", "1")

    def run_(*arguments):
        monkeypatch.setattr("sys.argv", ["docqa", *arguments])
        status = 0
        try:
            cli.main()
        except SystemExit as left:
            status = int(left.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run_


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_review_prints_an_object_for_each_cell_and_writes_the_files(run, checklist, tmp_path):
    table, packet = tmp_path / "review.csv", tmp_path / "review.json"

    status, out, err = run(
        "review",
        checklist,
        "--document",
        "agreement.pdf",
        "--export",
        str(table),
        "--export",
        str(packet),
        "--json",
    )

    assert status == 0, err
    breach, wombats = lines(out)
    assert list(breach)[: len(KEYS)] == KEYS
    assert (breach["document"], breach["requirement"]) == ("agreement.pdf", "breach")
    assert breach["status"] == "met"
    assert breach["citations"][0]["quote"] == parts.BREACH
    assert (wombats["status"], wombats["coverage"]["pages"]) == ("not_found", 2)
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row["verdict"] for row in csv.DictReader(file)] == ["Met", "Not found"]
    assert len(json.loads(packet.read_text("utf-8"))["cells"]) == 2
    assert f"written: {table}" in err


def test_a_review_reads_well_and_can_be_listed(run, checklist):
    status, out, _ = run("review", checklist, "--workspace-wide", "--title", "Autumn")

    assert status == 0
    assert out.splitlines()[0] == "(whole workspace)"
    assert "breach: Met · agreement.pdf p. 1" in out
    assert "left to review: 2" in out
    (listed,) = json.loads(run("review", "--list", "--json")[1])
    assert (listed["title"], listed["checklist"], listed["status"]) == (
        "Autumn",
        "supplier",
        "done",
    )
    assert (listed["cells"], listed["unreviewed"]) == (2, 2)


def test_a_review_of_what_has_not_changed_asks_nothing_again(run, checklist):
    run("review", checklist, "--document", "agreement.pdf")

    status, out, err = run("review", "--rerun-changed", "1", "--json")

    assert status == 0
    assert "nothing has changed" in err
    assert [cell["requirement"] for cell in lines(out)] == ["breach", "wombats"]
    assert run("review", "--resume", "1")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["no-such"], 1, "there is no checklist 'no-such'"),
        (["gone.yaml"], 1, "No such file"),
        (["nda-rules", "--document", "gone.pdf"], 1, "there is no document 'gone.pdf'"),
        (["nda-rules", "--export", "review.docx"], 1, "does not say in which format"),
        (["--resume", "7"], 1, "there is no review 7"),
        ([], 2, "give a checklist"),
        (["nda-rules", "--list"], 2, "give a checklist"),
    ],
)
def test_what_cannot_be_reviewed_is_said(run, arguments, status, said):
    ended, _, err = run("review", *arguments)

    assert ended == status
    assert said in " ".join(err.replace("│", " ").split())


def test_a_checklist_with_bad_rows_names_them_as_json_too(run, tmp_path):
    (tmp_path / "bad.csv").write_text("id,text\nsame,One thing.\nsame,Another thing.\n")

    status, out, err = run("review", str(tmp_path / "bad.csv"), "--json")

    assert status == 1
    assert lines(out)[0]["error"]["type"] == "ChecklistError"
    assert "same" in err


def test_cells_that_fail_alone_end_in_an_error_and_the_rest_is_kept(run, tmp_path):
    down = CHECKLIST.replace("@notfound", "@down")
    (tmp_path / "down.yaml").write_text(down)

    status, out, err = run(
        "review", str(tmp_path / "down.yaml"), "--document", "agreement.pdf", "--json"
    )

    assert status == 1
    assert [cell["status"] for cell in lines(out)] == ["met", "failed"]
    assert "1 of 2 cells failed" in err


def test_the_audit_log_is_verified_read_and_its_head_named(run, checklist):
    run("review", checklist, "--document", "agreement.pdf")

    status, out, _ = run("audit", "verify", "--json")
    checked = json.loads(out)
    head = run("audit", "head")[1].strip()
    entries = lines(run("audit", "log", "-n", "3", "--json")[1])

    assert status == 0
    assert checked == {
        "ok": True,
        "entries": checked["entries"],
        "head": head,
        "entry": None,
        "problem": "",
    }
    assert entries[-1]["hash"] == head
    assert entries[-1]["previous_hash"] == entries[-2]["hash"]
    assert run("audit", "verify", "--expect", entries[0]["hash"])[0] == 0
    assert run("audit", "verify", "--expect", "0" * 63 + "1")[0] == 1
    assert "review.finding" in run("audit", "log")[1]


def test_a_changed_byte_in_the_audit_log_is_found_and_named(run, checklist, tmp_path):
    run("review", checklist, "--document", "agreement.pdf")
    with sqlite3.connect(tmp_path / "home" / "docqa.db") as database:
        database.execute("UPDATE audit SET user = 'someone' WHERE id = 2")
    database.close()

    status, out, _ = run("audit", "verify")
    told = json.loads(run("audit", "verify", "--json")[1])

    assert status == 1
    assert out.startswith("entry 2: ")
    assert (told["ok"], told["entry"]) == (False, 2)
