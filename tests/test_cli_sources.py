"""`docqa ingest`, `docqa update` and `docqa sources`: what they print, and how they end."""

import json
import shutil
import sys

import pytest

from docqa import cli, cli_app
from tests.services import parts
from tests.services.repositories import FILES, commit, git, repository, write

SECRET = 'PASSWORD = "tr0ub4dor-and-3-horses"\n'


@pytest.fixture(scope="module")
def new_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("new") / "home"
    parts.close(parts.app_of(home))
    return home


@pytest.fixture
def run(tmp_path, new_home, monkeypatch, capsys):
    """Runs a command on an empty home; its exit status, standard output and standard error."""
    monkeypatch.setenv("DOCQA_HOME", str(shutil.copytree(new_home, tmp_path / "home")))
    monkeypatch.setenv("DOCQA_ENGINE", "extractive")
    monkeypatch.setenv("DOCQA_WORKERS", "1")
    build = cli_app.build_app

    def build_app(settings):
        app = build(settings)
        app.ingestion._pool = parts.InProcessPool(app.settings)
        return app

    monkeypatch.setattr(cli_app, "build_app", build_app)

    def run_(*arguments):
        monkeypatch.setattr(sys, "argv", ["docqa", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run_


@pytest.fixture
def printed(run):
    """Runs a command with --json that ends well; what it printed, one value a line."""

    def printed_(*arguments):
        status, out, _ = run(*arguments, "--json")
        assert status == 0
        return [json.loads(line) for line in out.splitlines()]

    return printed_


@pytest.fixture
def origin(tmp_path):
    return repository(tmp_path / "orbit")


def test_a_repository_is_added_listed_and_updated(printed, origin):
    address = f"file://{origin}"
    first = git(origin, "rev-parse", "HEAD")

    (row,) = printed("ingest", address)

    assert (row["source"], row["status"], row["documents"]) == ("orbit", "done", 4)
    assert (row["revision"], row["left_out"], row["secrets"]) == (first, {"lock": 1}, 0)
    assert [skipped["name"] for skipped in row["skipped"]] == ["package-lock.json"]
    assert row["tokens"] > 100

    ((source,),) = printed("sources")

    assert (source["kind"], source["uri"], source["revision"]) == ("git", str(origin), first)
    assert source["left_out"] == {"lock": 1}
    ((lock,),) = printed("sources", "--left-out", "orbit")
    assert (lock["path"], lock["category"]) == ("package-lock.json", "lock")
    assert lock["can_be_put_back"]

    new = commit(origin, {"app/new.py": "NEW = 1\n"}, delete=("README.md",))
    (told,) = printed("update")

    assert told["revision"] == new
    counts = {name: told[name] for name in ("added", "changed", "deleted", "unchanged")}
    assert counts == {"added": 1, "changed": 0, "deleted": 1, "unchanged": 3}
    assert 0 < told["tokens"] < 300
    assert told["error"] is None


def test_the_size_is_said_aside_before_anything_is_read(run, origin):
    status, out, err = run("ingest", f"file://{origin}", "--json")

    assert status == 0
    assert json.loads(out)["status"] == "done"
    revision = git(origin, "rev-parse", "HEAD")[:12]
    assert err.startswith(f"orbit at {revision}: 4 files, 0.0 MB, about ")
    assert err.rstrip().endswith("1 left out")


def test_a_dry_run_tells_what_there_is_and_adds_nothing(run, printed, origin):
    (found,) = printed("ingest", "--dry-run", f"file://{origin}")

    assert (found["files"], found["left_out"]) == (4, {"lock": 1})
    assert found["revision"] == git(origin, "rev-parse", "HEAD")
    assert printed("sources") == [[]]
    status, out, _ = run("ingest", "--dry-run", str(origin))
    assert status == 0
    assert "1 lock" in out


def test_files_are_put_back_and_secrets_shown_when_asked_for(printed, tmp_path):
    folder = write(tmp_path / "code", {**FILES, "app/config.py": SECRET})

    (row,) = printed("ingest", folder)

    assert (row["secrets"], row["documents"]) == (1, 5)
    ((place,),) = printed("sources", "--secrets", "code")
    assert (place["path"], place["line"], place["shown"]) == ("app/config.py", 1, False)
    assert "tr0ub4dor" not in json.dumps(printed("search", "password"))

    (row,) = printed("ingest", folder, "--put-back", "package-lock.json", "--show-secrets")

    assert (row["documents"], row["left_out"]) == (6, {})
    ((place,),) = printed("sources", "--secrets", "code")
    assert place["shown"]


def test_a_source_that_cannot_be_reached_is_told_and_ends_with_one(run, printed, origin):
    printed("ingest", f"file://{origin}")
    origin.rename(origin.with_name("gone"))

    status, out, _ = run("update", "orbit", "--json")

    assert status == 1
    told = json.loads(out)
    assert told["error"]
    assert told["hint"]
    status, _, err = run("update", "nothing-of-this-name")
    assert status == 1
    assert "nothing-of-this-name" in err


def test_a_folder_that_is_gone_does_not_keep_other_sources_from_being_updated(
    run, printed, tmp_path
):
    gone, there = (write(tmp_path / name, FILES) for name in ("gone", "there"))
    printed("ingest", gone, there)
    shutil.rmtree(gone)
    write(there, {"app/new.py": "NEW = 1\n"})

    status, out, _ = run("update", "--json")

    assert status == 1
    first, second = map(json.loads, out.splitlines())
    assert (first["source"], first["added"]) == ("gone", 0)
    assert first["error"]
    assert first["hint"]
    assert first.keys() == second.keys()
    assert (second["source"], second["added"], second["error"]) == ("there", 1, None)
    status, out, _ = run("update")
    assert status == 1
    assert "gone: " in out
    assert "there: 0 added" in out


@pytest.mark.parametrize("address", ["ext::sh -c true", "https://ada:pw@example.org/x.git"])
def test_an_address_that_is_refused_ends_with_one_and_the_reason(run, address):
    status, out, err = run("ingest", address, "--json")

    assert status == 1
    told = json.loads(out)["error"]
    assert told["type"] == "GitAddressError"
    assert told["hint"]
    assert ":pw@" not in out + err


def test_a_folder_is_watched_from_the_command_line(run, printed, tmp_path):
    folder = write(tmp_path / "orbit", FILES)
    file = folder / "README.md"

    printed("ingest", folder, "--watch")
    ((source,),) = printed("sources")
    assert source["watched"] == {"status": "waiting", "looked_at": None, "detail": ""}

    ((source,),) = printed("sources", "--unwatch", "orbit")
    assert source["watched"] is None

    ((source,),) = printed("sources", "--watch", "orbit")
    assert source["watched"]["status"] == "waiting"

    status, _, said = run("ingest", file, "--watch")
    assert status == 1
    assert "only those are watched" in said
