"""Sources in the Library: looked at, added, updated, their left-out files and their secrets."""

import subprocess
from pathlib import Path

import pytest

from docqa.ui.source_facts import Looked
from docqa.ui.source_lists import key_of
from docqa.ui.source_watch import ago
from docqa.ui.state import Key
from tests.pages.test_pages import button, has_button, said

SECRET = "AKIAIOSFODNN7EXAMPL2"
CODE = """def greet(name):
    \"\"\"Say hello.\"\"\"
    return f"hello {name}"
"""


@pytest.fixture
def folder(tmp_path):
    """Code, a lock file that is left out, and something that looks like a key."""
    made = tmp_path / "shop"
    made.mkdir()
    (made / "greeting.py").write_text(CODE)
    (made / "farewell.py").write_text(CODE.replace("hello", "goodbye"))
    (made / "settings.py").write_text(f'aws_access_key_id = "{SECRET}"\n')
    (made / "package-lock.json").write_text('{"name": "shop", "lockfileVersion": 3}\n')
    return made


@pytest.fixture
def repository(folder):
    """That folder as a repository with one commit."""
    commit(folder, "Open the shop")
    return folder


def commit(folder: Path, subject: str) -> None:
    identity = ["-c", "user.name=A. Person", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", subject]):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def looked_at(open_page, app):
    """The Library after an address was typed there, with the job that looks at it done."""

    def look(address: str):
        test = open_page("library")
        test.text_input(key="address-to-add-0").set_value(address)
        next(b for b in test.button if b.label == "Add").click().run()
        return finished(test, app)

    return look


def finished(test, app):
    """The page once what it looks at has been looked at."""
    asked = test.session_state.get(Key.ADDING, None)
    if asked and asked.job:
        app.jobs.wait(asked.job)
        test.run()
    return test


@pytest.fixture
def added(app, workspace, folder):
    """The folder as a source of the workspace."""
    assert app.ingestion.wait(app.sources.add(workspace.id, str(folder))).status == "done"
    return next(s.source for s in app.sources.sources(workspace.id))


def opened(test, source):
    """The Library with this source's line open."""
    test.session_state[Key.OPEN_SOURCES] = frozenset({source.id})
    return test.run()


def choose(test, key: str, *rows: int):
    """The page with these rows of a table chosen."""
    test.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return test.run()


def files(app, workspace) -> set[str]:
    documents = app.library.documents(workspace.id)
    return {d.path for d in documents if d.kind != "map" and d.status == "ready"}


def test_a_folder_is_shown_before_it_is_added(looked_at, app, workspace, folder):
    test = looked_at(str(folder))

    assert not test.exception
    assert "3 files" in said(test)
    assert "1 lock file" in said(test)
    assert not app.library.documents(workspace.id)

    [lock] = Looked.of(app.store.jobs.recent(workspace.id)[0].result).left_out_files
    choose(test, key_of("preview-left-out", [lock]), 0)
    button(test, "add-source").click().run()

    assert not test.exception
    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    assert len(files(app, workspace)) == 4


def test_a_repository_says_who_is_contacted_before_it_is_fetched(
    looked_at, app, workspace, repository
):
    test = looked_at(repository.as_uri())
    assert "no other machine is contacted" in said(test)
    assert not app.store.jobs.recent(workspace.id)

    next(b for b in test.button if b.label == "Fetch and look").click().run()
    finished(test, app)

    assert not test.exception
    assert "3 files" in said(test)
    button(test, "add-source").click().run()
    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    [summary] = app.sources.sources(workspace.id)
    assert summary.source.kind == "git"
    line = button(test.run(), f"open-source-{summary.source.id}")
    assert summary.source.revision[:7] in line.label


def test_a_host_is_named_and_not_contacted_by_typing_its_address(looked_at, app, workspace):
    test = looked_at("https://code.invalid/owner/shop.git")

    assert "code.invalid" in said(test)
    assert "nothing of yours is sent" in said(test)
    assert not app.store.jobs.recent(workspace.id)


@pytest.mark.parametrize("address", ["ext::sh -c date", "-oProxyCommand=date", "git://a.invalid/x"])
def test_an_address_that_is_refused_is_said_in_words(looked_at, app, workspace, address):
    test = looked_at(address)

    assert not test.exception
    assert test.error[0].value
    assert not app.store.jobs.recent(workspace.id)


@pytest.mark.parametrize("address", ["a" * 300, "/" + "a" * 300 + "/shop"])
def test_an_address_that_no_file_can_have_is_said_in_words(looked_at, app, workspace, address):
    test = looked_at(address)

    assert not test.exception
    assert "there is no such file or folder" in test.error[0].value
    assert not app.store.jobs.recent(workspace.id)


def test_what_cannot_be_fetched_is_said_and_can_be_tried_again(looked_at, app, workspace):
    test = looked_at("https://127.0.0.1:9/owner/shop.git")
    next(b for b in test.button if b.label == "Fetch and look").click().run()
    finished(test, app)

    assert not test.exception
    assert test.error[0].value
    button(test, "look-again").click().run()
    assert any(b.label == "Fetch and look" for b in test.button)


def test_an_update_says_what_it_would_change_first(open_page, app, workspace, folder, added):
    (folder / "greeting.py").write_text(CODE.replace("hello", "hi"))
    (folder / "farewell.py").unlink()
    test = opened(open_page("library"), added)
    button(test, f"update-{added.id}").click().run()
    app.jobs.wait(test.session_state[Key.UPDATING][1])
    test.run()

    assert not test.exception
    assert "1 changed, 1 deleted" in said(test)
    button(test, "update-now").click().run()

    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    test.run()
    assert not test.exception
    assert files(app, workspace) == {"greeting.py", "settings.py"}
    assert "1 changed, 1 deleted" in said(test)


def test_a_file_that_was_left_out_is_put_back(open_page, app, workspace, added):
    test = opened(open_page("library"), added)
    assert "1 left out" in button(test, f"open-source-{added.id}").label

    choose(test, key_of(f"left-out-{added.id}", list(app.sources.left_out(added.id))), 0)
    button(test, f"put-back-{added.id}").click().run()

    assert not test.exception
    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    assert "package-lock.json" in files(app, workspace)
    test.run()
    test.multiselect(key=f"put-back-paths-{added.id}").select("package-lock.json").run()
    button(test, f"leave-out-{added.id}").click().run()
    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    assert "package-lock.json" not in files(app, workspace)


def test_a_secret_is_listed_without_its_text_and_shown_only_after_a_warning(open_page, app, added):
    test = opened(open_page("library"), added)
    table = next(d.value for d in test.dataframe if "Kind" in d.value)
    assert list(table["File"]) == ["settings.py"]
    assert SECRET not in said(test) + table.to_string()

    choose(test, key_of(f"secrets-{added.id}", app.sources.secrets(added.id)), 0)
    button(test, f"show-secrets-{added.id}").click().run()

    assert not test.exception
    assert "sent to the engine" in test.warning[0].value
    assert has_button(test, "show-secrets-now")
    assert [place.shown for place in app.sources.secrets(added.id)] == [False]


def test_a_secret_that_is_shown_can_be_masked_again(open_page, app, added):
    app.ingestion.wait(app.sources.show_secrets(added.id, ["settings.py"], shown=True))
    test = opened(open_page("library"), added)
    assert "none is masked" in said(test)

    choose(test, key_of(f"secrets-{added.id}", app.sources.secrets(added.id)), 0)
    button(test, f"mask-secrets-{added.id}").click().run()

    assert not test.exception
    app.ingestion.wait(test.session_state[Key.JOBS][-1])
    assert [place.shown for place in app.sources.secrets(added.id)] == [False]


def test_a_folder_is_watched_by_a_switch_that_says_when_it_was_looked_at(
    open_page, app, workspace, added, folder
):
    test = opened(open_page("library"), added)
    assert "first look" not in said(test)

    test.toggle(key=f"watch-{added.id}").set_value(True).run()

    assert "the first look comes in a moment" in said(test)
    app.watching.look()
    assert "something changed" in said(test.run())
    app.watching.look()
    for job in app.store.jobs.active():
        app.jobs.wait(job.id)
    app.watching.look()
    assert "nothing new" in said(test.run())

    folder.rename(folder.parent / "elsewhere")
    app.watching.look()
    assert "Nothing is removed while it is away" in said(test.run())

    test.toggle(key=f"watch-{added.id}").set_value(False).run()
    (summary,) = app.sources.sources(workspace.id)
    assert not summary.source.options.watch


def test_a_folder_is_added_to_be_watched(looked_at, app, workspace, folder):
    test = looked_at(str(folder))

    test.checkbox(key="watch-source").check()
    button(test, "add-source").click().run()
    app.jobs.wait(app.store.jobs.recent(workspace.id)[0].id)

    (summary,) = app.sources.sources(workspace.id)
    assert summary.source.options.watch


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.3, "just now"), (1.9, "just now"), (2, "2 seconds ago"), (60, "1 minute ago")],
)
def test_how_long_ago_is_said_in_words(seconds, words):
    assert ago(seconds) == words
