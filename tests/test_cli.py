"""Every command of the command line: what it prints, where, and how it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from docqa import cli
from docqa.store.database import Database
from docqa.store.store import Store
from tests.services import parts

ROOT = Path(__file__).parents[1]
QUESTION = "Within how many hours must a personal data breach be notified?"
SOURCE_KEYS = [
    "source",
    "status",
    "documents",
    "pages",
    "unreadable_pages",
    "passages",
    "tokens",
    "seconds",
    "error",
]
SEARCH_KEYS = ["rank", "score", "label", "document", "page", "lines", "text", "rects"]
SEARCH_KEYS += ["path", "symbol", "revision", "place", "confidence"]
ANSWER_KEYS = [
    "id",
    "status",
    "answer",
    "citations",
    "unsupported_sentences",
    "coverage",
    "mode",
    "engine",
    "model",
    "pack",
    "usage",
    "ttft_s",
    "total_s",
]
CITATION_KEYS = [
    "marker",
    "label",
    "document",
    "page",
    "lines",
    "quote",
    "rects",
    "support",
    "missing",
    "misattributed",
]


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("filled") / "home"
    app = parts.app_of(home)
    parts.ingest(app, parts.make_folder(tmp_path_factory.mktemp("sources") / "freight"))
    parts.close(app)
    return home


@pytest.fixture
def home(tmp_path, filled_home, monkeypatch):
    """A home with four documents, the one that commands use."""
    copy = shutil.copytree(filled_home, tmp_path / "home")
    monkeypatch.setenv("DOCQA_HOME", str(copy))
    monkeypatch.setenv("DOCQA_ENGINE", "extractive")
    monkeypatch.setenv("DOCQA_WORKERS", "1")
    return copy


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command and gives its exit status, standard output and standard error."""

    def run_(*arguments):
        monkeypatch.setattr(sys, "argv", ["docqa", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run_


@pytest.fixture
def rows(run):
    """Runs a command with --json that ends well; what it printed, one value a line."""

    def rows_(*arguments):
        code, out, err = run(*arguments, "--json")
        # How much there is to read is told aside.
        said = [line for line in err.splitlines() if not line.endswith(" left out")]
        assert (code, said) == (0, [])
        return [json.loads(line) for line in out.splitlines()]

    return rows_


@pytest.fixture
def error(run):
    """Runs a command with --json that fails; the error it printed."""

    def error_(*arguments):
        code, out, err = run(*arguments, "--json")
        assert code == 1
        (line,) = out.splitlines()
        told = json.loads(line)["error"]
        assert list(told) == ["type", "message", "hint"]
        assert err.startswith(f"error: {told['message'][:20]}")
        return told

    return error_


def test_ingesting_says_what_came_of_each_source(home, rows, tmp_path):
    (tmp_path / "notes.txt").write_text("Notes of a meeting.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    folder = parts.make_folder(tmp_path / "freight")

    found = rows("ingest", folder, tmp_path / "notes.txt", tmp_path / "broken.pdf", "-w", "new")

    assert all(list(row)[: len(SOURCE_KEYS)] == SOURCE_KEYS for row in found)
    assert [row["source"] for row in found] == ["freight", "notes.txt", "broken.pdf"]
    assert [row["status"] for row in found] == ["done", "done", "failed"]
    assert [row["documents"] for row in found] == [4, 1, 0]
    assert found[0]["pages"] == 2
    assert found[0]["passages"] > 4
    assert found[0]["tokens"] > 100
    assert found[0]["error"] is None
    assert found[2]["error"]


def test_ingesting_tells_pages_that_cannot_be_read(home, rows, tmp_path):
    path = parts.make_pdf(tmp_path / "scan.pdf", [("Some text is on the first page.",), ()])

    (row,) = rows("ingest", path)

    assert (row["documents"], row["pages"]) == (1, 2)
    assert row["unreadable_pages"] == [
        {"document": "scan.pdf", "page": 2, "reason": "the page is blank"}
    ]


def test_ingesting_nothing_that_can_be_read_ends_with_1(home, run, tmp_path):
    (tmp_path / "empty.txt").touch()

    code, out, err = run("ingest", tmp_path / "empty.txt")

    assert code == 1
    assert "the file is empty" in out
    assert err == ""


def test_ingesting_first_finishes_what_a_killed_command_left(home, rows, tmp_path):
    (tmp_path / "left.txt").write_text("Left by a command that was killed.")
    (tmp_path / "notes.txt").write_text("Notes of a meeting.")
    app = parts.app_of(home)
    app.ingestion.submit_paths(parts.workspace(app), [tmp_path / "left.txt"])
    app.store.jobs.claim("killed", 2**22 - 1, 0.0)
    parts.close(app)

    rows("ingest", tmp_path / "notes.txt")

    (found,) = rows("documents")
    assert {"left.txt", "notes.txt"} <= {document["name"] for document in found}


def test_a_web_page_is_no_source_yet(home, error):
    told = error("ingest", "https://example.org/freight.html")

    assert told["type"] == "NotBuiltError"
    assert "not built yet" in told["message"]


def test_documents(home, rows):
    (found,) = rows("documents")

    assert all(
        list(each) == ["id", "name", "version", "pages", "tokens", "status"] for each in found
    )
    assert [each["name"] for each in found] == [
        "agreement.pdf",
        "orbit/__init__.py",
        "orbit/retry.py",
        "runbook.md",
    ]
    assert found[0]["pages"] == 2
    assert {each["status"] for each in found} == {"ready"}


def test_workspaces_are_listed_created_renamed_and_deleted(home, rows, error):
    (listed,) = rows("workspaces")
    assert list(listed[0]) == ["name", "documents", "tokens", "pack"]
    assert (listed[0]["name"], listed[0]["documents"]) == ("default", 4)
    assert len(listed[0]["pack"]) == 64

    (created,) = rows("workspaces", "create", "contracts")
    assert {each["name"] for each in created} == {"contracts", "default"}
    (renamed,) = rows("workspaces", "rename", "contracts", "old contracts")
    assert {each["name"] for each in renamed} == {"default", "old contracts"}
    assert error("workspaces", "create", "default")["type"] == "NameTakenError"
    assert error("workspaces", "delete", "old contracts")["type"] == "ConfirmationNeededError"
    (left,) = rows("workspaces", "delete", "old contracts", "--yes")
    assert [each["name"] for each in left] == ["default"]


@pytest.mark.parametrize("name", ["a/b", "../up", "", "x" * 100])
def test_workspace_names_with_slashes_are_refused(home, error, name):
    told = error("documents", "--workspace", name)

    assert told["type"] == "InvalidNameError"
    assert "no slashes" in told["hint"]


def test_search(home, rows):
    (found,) = rows("search", "personal data breach", "-k", "3")

    assert 1 <= len(found) <= 3
    assert all(list(row) == SEARCH_KEYS for row in found)
    first = found[0]
    assert (first["rank"], first["document"], first["page"], first["lines"]) == (
        1,
        "agreement.pdf",
        1,
        None,
    )
    assert all(0 <= edge <= 1 for rect in first["rects"] for edge in rect)
    (found,) = rows("search", "dispatcher", "--document", "runbook.md")
    assert {row["document"] for row in found} == {"runbook.md"}
    assert found[0]["page"] is None
    assert len(found[0]["lines"]) == 2


def test_a_document_cannot_command_the_terminal(home, run, tmp_path):
    harmless = "The animals of the steppe graze in the morning and rest at noon.\n\n" * 20
    (tmp_path / "hostile.txt").write_text(harmless + "The zebra \x1b[2J has stripes.\n")
    run("ingest", tmp_path / "hostile.txt")

    for command in (["search", "zebra"], ["ask", "What about the zebra?"]):
        _, out, _ = run(*command)
        assert "stripes" in out
        assert "\x1b" not in out


def test_search_in_a_document_that_is_not_there(home, error):
    assert error("search", "x", "--document", "nowhere.pdf")["type"] == "UnknownItemError"


def test_ask_without_a_model(home, rows):
    (answer,) = rows("ask", QUESTION)

    assert [key for key in answer if key in ANSWER_KEYS] == ANSWER_KEYS
    assert set(ANSWER_KEYS) <= set(answer)
    assert answer["status"] == "quoted"
    assert "72 hours" in answer["answer"]
    assert all(list(each)[:7] == CITATION_KEYS[:7] for each in answer["citations"])
    assert all(set(CITATION_KEYS) <= set(each) for each in answer["citations"])
    assert answer["citations"][0]["page"] == 1
    assert answer["citations"][0]["quote"] in parts.BREACH
    assert answer["coverage"]["documents"] == 4
    assert list(answer["usage"]) == ["prompt_tokens", "cached_tokens", "completion_tokens"]
    assert answer["error"] is None


def test_a_sweep_tells_its_price_aside_and_its_shards(home, run, monkeypatch):
    monkeypatch.setenv("DOCQA_ENGINE", "scripted")
    code, out, err = run("ask", QUESTION, "--mode", "sweep", "--budget", "100000", "--json")

    answer = json.loads(out)
    assert (code, answer["mode"]) == (0, "sweep")
    assert err.startswith("sweep: 1 part, ")
    assert [(shard["shard"], shard["status"]) for shard in answer["shards"]] == [(1, "asked")]
    assert "72 hours" in answer["answer"]

    code, out, err = run("ask", QUESTION, "--mode", "sweep")
    assert "Asked 1 of 1 part." in out


def test_ask_with_a_model_and_go_on_with_the_conversation(home, rows, error, monkeypatch):
    monkeypatch.setenv("DOCQA_ENGINE", "scripted")
    (first,) = rows("ask", QUESTION, "--document", "agreement.pdf", "--mode", "whole")

    (second,) = rows("ask", "Who restarts the dispatcher?", "--conversation", first["conversation"])

    assert (first["status"], first["mode"], first["engine"]) == ("answered", "whole", "scripted")
    assert first["unsupported_sentences"] == 0
    assert first["usage"]["prompt_tokens"] > 100
    assert second["conversation"] == first["conversation"]
    told = error("ask", QUESTION, "-w", "other", "--conversation", first["conversation"])
    assert told["type"] == "UnknownItemError"


def test_an_answer_that_fails_ends_with_1_and_says_why(home, run, monkeypatch):
    monkeypatch.setenv("DOCQA_ENGINE", "scripted")

    code, out, err = run("ask", f"{QUESTION} @die", "--json")

    answer = json.loads(out)
    assert (code, answer["status"]) == (1, "failed")
    assert answer["answer"]
    assert "died in mid-answer" in answer["error"]["message"]
    assert answer["error"]["type"] == "EngineResponseError"
    assert err.startswith("error: scripted: died in mid-answer")
    assert "hint: " in err


def test_an_interrupt_stops_an_answer_and_prints_what_has_come(home):
    settings = {"DOCQA_HOME": str(home), "DOCQA_ENGINE": "scripted"}
    process = subprocess.Popen(
        [sys.executable, "-m", "docqa.cli", "ask", f"{QUESTION} @slow", "--json"],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    polls = threading.Event()
    with Store(home) as store:
        while not any(answer.text for answer in store.conversations.recent(limit=1)):
            polls.wait(0.05)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate()

    answer = json.loads(out)
    assert answer["status"] == "stopped"
    assert answer["answer"]
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "error_type"),
    [
        (["ask", "why?" * 25_000], "QuestionTooLongError"),
        (["ask", " "], "InputError"),
        (["ask", QUESTION, "-w", "empty"], "NothingToAskError"),
        (["ask", QUESTION, "--conversation", "99"], "UnknownItemError"),
        (["ask", QUESTION, "--document", "nowhere.pdf"], "UnknownItemError"),
        (["search", ""], "InputError"),
        (["ingest", "nowhere.pdf"], "ReadError"),
        (["exclude", "nowhere.pdf"], "UnknownItemError"),
        (["warm"], "EngineNotConfiguredError"),
        (["restore", "nowhere.tar.gz", "--yes"], "ReadError"),
    ],
)
def test_errors_are_json_too_and_end_with_1(home, error, arguments, error_type):
    assert error(*arguments)["type"] == error_type


def test_questions_that_were_refused_leave_no_conversation(home, error):
    error("ask", " ")

    with Store(home) as store:
        assert store.conversations.all(store.workspaces.get("default").id) == ()


def test_a_remote_engine_needs_the_word_for_it(home, error, monkeypatch):
    monkeypatch.setenv("DOCQA_ENGINE", "openai_compatible")
    monkeypatch.setenv("DOCQA_BASE_URL", "https://models.example.org/v1")
    monkeypatch.setenv("DOCQA_MODEL", "llama")
    monkeypatch.setenv("DOCQA_CONTEXT_LENGTH", "8000")

    told = error("ask", QUESTION)

    assert told["type"] == "EngineLeavesMachineError"
    assert "--allow-remote" in told["hint"]


def test_excluding_and_including_cost_nothing(home, rows):
    (before,) = rows("workspaces")

    (excluded,) = rows("exclude", "runbook.md")
    (found,) = rows("documents")
    (included,) = rows("include", "runbook.md")

    assert excluded == included == {"tokens_to_prefill": 0, "pack": before[0]["pack"]}
    assert [each["status"] for each in found] == ["ready", "ready", "ready", "excluded"]


@pytest.mark.parametrize("command", [["erase", "runbook.md"], ["repack"]])
def test_erasing_and_repacking_tell_their_price_first(home, rows, error, command):
    rows("exclude", "orbit/retry.py")
    told = error(*command)

    (done,) = rows(*command, "--yes")

    assert told["type"] == "ConfirmationNeededError"
    assert "tokens to prefill again" in told["message"]
    assert "--yes" in told["hint"]
    assert list(done)[:2] == ["tokens_to_prefill", "pack"]
    assert f"{done['tokens_to_prefill']:,} tokens" in told["message"]
    (listed,) = rows("workspaces")
    assert done["pack"] == listed[0]["pack"]


def test_warming(home, rows, monkeypatch):
    monkeypatch.setenv("DOCQA_ENGINE", "scripted")

    (warmed,) = rows("warm")

    assert list(warmed) == ["pack", "tokens", "cached_tokens", "seconds"]
    (listed,) = rows("workspaces")
    assert (warmed["pack"], warmed["tokens"]) == (listed[0]["pack"], listed[0]["tokens"])


def test_backup_and_restore(home, rows, error, tmp_path):
    (made,) = rows("backup", tmp_path / "backup.tar.gz")
    rows("erase", "runbook.md", "--yes")

    assert error("restore", tmp_path / "backup.tar.gz")["type"] == "ConfirmationNeededError"
    (restored,) = rows("restore", tmp_path / "backup.tar.gz", "--yes")

    assert made["bytes"] == (tmp_path / "backup.tar.gz").stat().st_size
    assert restored["home"] == str(home)
    assert restored["moved_aside"]
    (found,) = rows("documents")
    assert "runbook.md" in [each["name"] for each in found]


def test_the_doctor(home, run):
    code, out, _ = run("doctor", "--json")

    checks = json.loads(out)
    assert all(list(check) == ["check", "ok", "detail", "hint"] for check in checks)
    by_name = {check["check"]: check for check in checks}
    assert by_name["database"]["ok"]
    assert by_name["engine"]["ok"]
    assert code == (0 if all(check["ok"] for check in checks) else 1)


def test_a_text_is_searched_for_as_it_stands_and_by_pattern(home, run, rows, error):
    (exact,) = rows("search", "0.5 * 2**attempt", "--exact")
    (pattern,) = rows("search", r"^def \w+\(", "--regex", "--path", "*.py")
    (elsewhere,) = rows("search", "dispatch", "--path", "*.md")
    code, out, err = run("search", "2**attempt", "--exact")

    assert [(row["path"], row["lines"]) for row in exact] == [("orbit/retry.py", [6, 6])]
    assert exact[0]["symbol"] == "def wait_before_retry"
    assert [row["lines"] for row in pattern] == [[4, 4]]
    assert {row["document"] for row in elsewhere} == {"runbook.md"}
    assert (code, err) == (0, "")
    assert "orbit/retry.py:L6  def wait_before_retry" in out
    assert error("search", "(", "--regex")["type"] == "PatternError"
    assert run("search", "a", "--exact", "--regex")[0] == 2


def test_symbols_are_found_by_name_in_any_case_or_by_their_beginning(home, run, rows):
    found = [
        {
            "symbol": "wait_before_retry",
            "kind": "function",
            "document": "orbit/retry.py",
            "lines": [4, 6],
            "signature": "def wait_before_retry(attempt: int) -> float:",
        }
    ]

    for name in ("wait_before_retry", "Wait_Before_Retry", "wait_b"):
        assert rows("symbols", name) == [found]
    assert rows("symbols", "retry_before_wait") == [[]]
    code, out, _ = run("symbols", "wait_before_retry")
    assert code == 0
    assert "orbit/retry.py:L4-L6  def wait_before_retry" in out


def test_the_tree_has_tokens_of_files_and_of_folders(home, run, rows):
    (files,) = rows("tree", "--tokens")
    code, out, _ = run("tree", "--tokens")

    assert [list(row) for row in files] == [["path", "tokens", "status"]] * len(files)
    tokens = {row["path"]: row["tokens"] for row in files if row["status"] == "ready"}
    assert "orbit/retry.py" in tokens
    assert code == 0
    first, *lines = (line.split(maxsplit=1) for line in out.splitlines())
    assert first == [f"{sum(tokens.values()):,}", "all files"]
    assert [name for _, name in lines if name in ("orbit/", "retry.py")] == ["orbit/", "retry.py"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["ask"],
        ["ask", QUESTION, "--mode", "partly"],
        ["search", "x", "-k", "0"],
        ["ingest"],
        ["documents", "--nonsense"],
        ["workspaces", "shuffle"],
    ],
)
def test_wrong_usage_ends_with_2(home, run, arguments):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert "Usage:" in err


def test_the_version_and_the_help(home, run):
    assert run("--version")[0] == 0
    code, out, _ = run("--help")
    assert code == 0
    for command in ("app", "ingest", "ask", "search", "backup", "restore", "doctor", "bench"):
        assert command in out


@pytest.mark.parametrize(
    "arguments",
    [["documents"], ["workspaces"], ["search", "breach"], ["ask", QUESTION], ["exclude", "1"]],
)
def test_without_json_results_are_for_people_and_still_on_standard_output(home, run, arguments):
    code, out, err = run(*arguments)

    assert (code, err) == (0, "")
    assert out.strip()
    assert not out.startswith(("{", "["))


def test_a_database_of_a_newer_version_is_left_alone(home, error):
    database = Database(home / "docqa.db")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    told = error("documents")

    assert told["type"] == "DatabaseNewerError"
    assert "was written by a newer version of docqa (9999)" in told["message"]
    assert "Install the newer docqa again" in told["hint"]


def test_a_file_that_is_no_database_is_left_alone(home, error):
    for path in home.glob("docqa.db*"):
        path.unlink()
    (home / "docqa.db").write_bytes(b"nonsense " * 1_000)

    told = error("documents")

    assert told["type"] == "DatabaseDamagedError"
    assert "docqa restore" in told["hint"]
    assert (home / "docqa.db").read_bytes().startswith(b"nonsense")


def test_a_setting_that_is_wrong_is_named(home, error, monkeypatch):
    monkeypatch.setenv("DOCQA_WORKERS", "many")

    told = error("documents")

    assert told["type"] == "SettingsError"
    assert "DOCQA_WORKERS" in told["message"]


def test_a_fresh_machine_needs_no_set_up(tmp_path, rows, monkeypatch):
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "new" / "home"))
    monkeypatch.delenv("DOCQA_ENGINE", raising=False)

    assert rows("documents") == [[]]
    (listed,) = rows("workspaces")
    assert [(each["name"], each["documents"]) for each in listed] == [("default", 0)]
