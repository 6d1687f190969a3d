"""`docqa checklists`, as a user types it."""

import json

import pytest

from docqa import cli

CSV = "id,question,kind\nenc,Is data encrypted?,verdict\nowner,Who is the owner?,party\n"


@pytest.fixture
def docqa(monkeypatch, tmp_path, capsys):
    """Run the command line; its exit status, standard output and standard error."""
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCQA_ENGINE", "extractive")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["docqa", "checklists", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "our rules.csv"
    path.write_text(CSV)
    return path


def test_without_a_word_more_it_lists(docqa):
    status, out, err = docqa("--json")

    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert [row["id"] for row in rows if row["builtin"]] == [row["id"] for row in rows]
    assert list(rows[0]) == ["id", "title", "version", "source", "requirements", "builtin"]
    assert json.loads(docqa("list", "--json")[1]) == rows


def test_the_list_for_people_names_ids_and_sizes(docqa):
    _, out, _ = docqa()

    assert "gdpr-art28" in out
    assert "106" in out


def test_a_checklist_is_printed_with_all_that_guides(docqa):
    status, out, _ = docqa("show", "nda-rules")

    assert status == 0
    assert "nda-11: The receiving party must not reverse engineer" in out
    assert "Look for: reverse engineer; " in out


def test_a_file_is_imported_shown_exported_and_deleted(docqa, mine, tmp_path):
    status, out, err = docqa("import", mine, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "id": "our-rules",
        "title": "our rules",
        "version": "1",
        "source": "",
        "requirements": 2,
        "builtin": False,
    }

    shown = json.loads(docqa("show", "our-rules", "--json")[1])
    assert [row["id"] for row in shown["requirements"]] == ["enc", "owner"]

    exported = tmp_path / "out.yaml"
    assert json.loads(docqa("export", "our-rules", exported, "--json")[1])["bytes"] > 100
    assert exported.read_text().startswith("id: our-rules")

    status, out, _ = docqa("delete", "our-rules", "--yes", "--json")
    assert status == 0
    assert "our-rules" not in [row["id"] for row in json.loads(out)]


def test_an_import_does_not_replace_unless_it_is_told(docqa, mine):
    docqa("import", mine)
    mine.write_text(CSV.replace("encrypted", "signed"))

    assert docqa("import", mine, "--json")[0] == 1
    assert docqa("import", mine, "--id", "other")[0] == 0
    assert docqa("import", mine, "--replace")[0] == 0

    assert "Is data signed?" in docqa("show", "our-rules")[1]


def test_all_bad_rows_are_named(docqa, mine):
    mine.write_text(CSV + "enc,Again?,verdict\nempty,,verdict\nodd,What?,colour\n")

    status, out, _ = docqa("import", mine, "--json")

    told = json.loads(out)["error"]
    assert status == 1
    assert told["type"] == "ChecklistError"
    assert "row 4 (id 'enc'): row 2 has this id already" in told["message"]
    assert "row 5 (id 'empty'): text is missing" in told["message"]
    assert "row 6 (id 'odd'): kind 'colour' is none of" in told["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nothing"),
        ("import", "nowhere.yaml"),
        ("import", "/"),
        ("export", "nda-rules", "rules.pdf"),
        ("export", "nda-rules", "/nowhere/rules.csv"),
        ("delete", "nda-rules", "--yes"),
        ("delete", "nothing", "--yes"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(docqa, arguments):
    status, out, err = docqa(*arguments, "--json")

    assert status == 1
    assert json.loads(out)["error"]["message"]
    assert err.startswith("error: ")


def test_deleting_asks_first(docqa, mine):
    docqa("import", mine)

    status, out, _ = docqa("delete", "our-rules", "--json")

    assert status == 1
    assert json.loads(out)["error"]["type"] == "ConfirmationNeededError"
