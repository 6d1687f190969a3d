import os

import pytest

from docqa.errors import GitAddressError, ReaderCrashedError
from tests.services.parts import documents, items, pack_text, workspace
from tests.services.repositories import FILES, commit, git, repository, write
from tests.services.test_sources import added, counts, looked, only_source, updated


@pytest.fixture
def origin(tmp_path):
    return repository(tmp_path / "orbit")


def address(folder):
    return f"file://{folder}"


def head(folder):
    return git(folder, "rev-parse", "HEAD")


def test_a_preview_fetches_and_tells_the_commit(empty, origin):
    job = looked(empty, address(origin))

    assert job.status == "done", job.error
    found = job.result
    assert (found["kind"], found["name"], found["files"]) == ("git", "orbit", 4)
    assert found["revision"] == head(origin)
    assert found["uri"] == str(origin)
    assert found["left_out"] == {"lock": 1}
    assert found["committed_at"] == float(git(origin, "log", "-1", "--format=%ct"))
    assert documents(empty) == {}


def test_every_document_has_the_commit_it_was_read_at(empty, origin):
    added(empty, address(origin))

    assert set(documents(empty)) >= set(FILES) - {"package-lock.json"}
    files = [each for each in documents(empty).values() if each.kind != "map"]
    assert {each.revision for each in files} == {head(origin)}
    assert only_source(empty).source.revision == head(origin)
    assert f'revision="{head(origin)[:12]}"' in pack_text(empty)
    assert empty.library.text(documents(empty)["README.md"].version_id) == FILES["README.md"]


def test_nothing_is_ever_checked_out(empty, origin):
    added(empty, address(origin))

    kept = [path.name for path in empty.settings.home.rglob("*") if path.is_file()]
    assert "retry.py" not in kept
    assert "README.md" not in kept


def test_updating_after_a_commit_reads_the_changed_files_and_only_appends(empty, tmp_path):
    files = {f"src/part{n % 50}/module{n}.py": f"def f{n}():\n    return {n}\n" for n in range(200)}
    origin = repository(tmp_path / "big", files)
    added(empty, address(origin))
    before = pack_text(empty)
    new = {f"src/part{n}/module{n}.py": f"def g{n}():\n    return -{n}\n" for n in (3, 4, 5)}
    commit(origin, new)
    empty.ingestion._pool.names.clear()

    job = updated(empty)

    assert counts(job) == {"added": 0, "changed": 3, "deleted": 0, "unchanged": 197}
    assert set(empty.ingestion._pool.names) == set(new)
    assert set(items(empty, job)) == set(new)
    after = pack_text(empty)
    assert after.startswith(before)
    assert "def g3" in after[len(before) :]
    assert "def f9" not in after[len(before) :]


def test_deleted_and_renamed_files_go_out_of_scope(empty, origin):
    added(empty, address(origin))
    git(origin, "mv", "app/routes.py", "app/paths.py")
    commit(origin, {}, delete=("README.md",))

    job = updated(empty)

    assert counts(job) == {"added": 1, "changed": 0, "deleted": 2, "unchanged": 2}
    known = documents(empty)
    assert known["README.md"].removed == head(origin)
    assert known["app/routes.py"].status == "removed"
    assert known["app/paths.py"].status == "ready"


def test_a_commit_that_touches_nothing_that_is_read_moves_the_revision_only(empty, origin):
    added(empty, address(origin))
    before = pack_text(empty)
    commit(origin, {"package-lock.json": "{}\n"})

    updated(empty)

    assert only_source(empty).source.revision == head(origin)
    assert pack_text(empty) == before


def test_history_that_was_rewritten_is_read_like_any_other(empty, origin):
    commit(origin, {"app/extra.py": "EXTRA = 1\n"})
    added(empty, address(origin))
    git(origin, "reset", "--quiet", "--hard", "HEAD~1")
    commit(origin, {"app/other.py": "OTHER = 2\n"})

    job = updated(empty)

    assert counts(job) == {"added": 1, "changed": 0, "deleted": 1, "unchanged": 4}


def test_two_branches_of_a_repository_are_two_sources(empty, origin):
    git(origin, "checkout", "--quiet", "-b", "next")
    commit(origin, {"app/next.py": "NEXT = 1\n"})
    git(origin, "checkout", "--quiet", "main")
    added(empty, address(origin), ref="main")

    added(empty, address(origin), ref="next")

    main, following = empty.sources.sources(workspace(empty))
    assert (main.documents, following.documents) == (4, 5)
    assert following.source.options.ref == "next"
    assert following.source.name == "orbit@next"


def test_an_update_tells_the_commits_it_brings(empty, origin):
    added(empty, address(origin), history=True)
    commit(origin, {"README.md": "# Orbit\n\nChanged.\n"})

    job = empty.jobs.wait(empty.sources.update_preview(only_source(empty).source.id))

    assert job.status == "done", job.error
    assert job.result["paths"]["changed"] == ["README.md"]
    assert job.result["revision"] == head(origin)
    (told,) = job.result["commits"]
    assert (told["author"], told["subject"]) == ("Ada", "Change 1 files")
    assert only_source(empty).source.revision != head(origin)


def test_putting_back_reads_the_commit_that_is_there_without_fetching(empty, origin):
    added(empty, address(origin))
    first = head(origin)
    commit(origin, {"app/extra.py": "EXTRA = 1\n"})

    empty.ingestion.wait(
        empty.sources.put_back(only_source(empty).source.id, ["package-lock.json"])
    )

    assert only_source(empty).source.revision == first
    assert "package-lock.json" in documents(empty)
    assert "app/extra.py" not in documents(empty)


def test_a_failed_fetch_leaves_everything_as_it_was(empty, origin):
    added(empty, address(origin))
    before = pack_text(empty)
    origin.rename(origin.with_name("gone"))

    job = updated(empty)

    (item,) = empty.store.jobs.items(job.id)
    assert item.status == "failed"
    assert item.error
    assert pack_text(empty) == before
    assert only_source(empty).documents == 4


def test_a_first_fetch_that_fails_leaves_no_source_behind(empty, origin):
    job_id = empty.sources.add(workspace(empty), address(origin))
    origin.rename(origin.with_name("gone"))

    job = empty.ingestion.wait(job_id)

    (item,) = empty.store.jobs.items(job.id)
    assert (item.status, item.error_type) == ("failed", "GitAddressError")
    assert empty.sources.sources(workspace(empty)) == ()


def test_an_interrupted_update_compares_all_the_next_time(empty, origin):
    added(empty, address(origin))
    commit(origin, {"app/retry.py": "def wait():\n    return 2\n"})
    job_id = empty.sources.update(only_source(empty).source.id)
    empty.ingestion._pool.begin = lambda name: empty.ingestion.cancel(job_id)
    assert empty.ingestion.wait(job_id).status == "cancelled"
    empty.ingestion._pool.begin = lambda name: None
    git(origin, "reset", "--quiet", "--hard", "HEAD~1")

    updated(empty)

    assert only_source(empty).source.revision == head(origin)
    retry = documents(empty)["app/retry.py"]
    assert empty.library.text(retry.version_id) == FILES["app/retry.py"]


def test_a_changed_file_that_could_not_be_read_is_read_by_the_next_update(empty, origin):
    added(empty, address(origin))
    changed = "def wait():\n    return 2\n"
    commit(origin, {"app/retry.py": changed})

    def crash(name):
        raise ReaderCrashedError(name)

    empty.ingestion._pool.begin = crash
    assert items(empty, updated(empty))["app/retry.py"].status == "failed"
    assert only_source(empty).source.revision == head(origin)
    empty.ingestion._pool.begin = lambda name: None

    assert counts(updated(empty))["changed"] == 1

    retry = documents(empty)["app/retry.py"]
    assert empty.library.text(retry.version_id) == changed
    assert counts(updated(empty))["unchanged"] == 4


def test_erasing_a_document_forgets_the_repository_that_has_it(empty, origin):
    added(empty, address(origin))
    assert any(empty.settings.repositories_path.iterdir())

    empty.library.erase(documents(empty)["README.md"].id)

    assert not any(empty.settings.repositories_path.iterdir())
    commit(origin, {"app/extra.py": "EXTRA = 1\n"})
    assert updated(empty).status == "done"


def test_a_preview_counts_only_what_changed_though_the_repository_was_forgotten(empty, origin):
    added(empty, address(origin))
    empty.library.erase(documents(empty)["README.md"].id)
    commit(origin, {"app/retry.py": "def wait():\n    return 2\n"})

    found = empty.jobs.wait(empty.sources.update_preview(only_source(empty).source.id)).result

    assert found["paths"]["changed"] == ["app/retry.py"]
    assert (found["added"], found["unchanged"]) == (1, 2)


@pytest.mark.parametrize(
    "text", ["ext::sh -c true", "ssh://-oProxyCommand=true/x", "git@-x:y/z.git", "fd::3"]
)
def test_an_address_that_would_run_something_is_refused_at_once(empty, text):
    with pytest.raises(GitAddressError):
        empty.sources.add(workspace(empty), text)

    assert empty.store.jobs.recent() == ()


def test_a_token_in_an_address_is_refused_and_not_told_again(empty):
    with pytest.raises(GitAddressError) as refused:
        empty.sources.preview(workspace(empty), "https://ada:s3cr3t@example.org/orbit.git")

    assert "s3cr3t" not in str(refused.value) + refused.value.hint


def test_blame_of_a_repository_that_was_fetched_with_its_history(empty, origin):
    commit(origin, {"app/routes.py": FILES["app/routes.py"] + "\n\nEXTRA = 1\n"})
    added(empty, address(origin), history=True)
    routes = documents(empty)["app/routes.py"]

    lines = empty.code.blame(routes.version_id)

    assert lines[0].author == "Ada"
    assert len({line.commit for line in lines}) == 2
    assert lines[-1].commit == head(origin)


def test_a_working_tree_knows_its_commit_and_what_differs_from_it(empty, origin):
    write(origin, {"app/retry.py": "def wait():\n    return 2\n", "app/new.py": "NEW = 1\n"})

    added(empty, str(origin))

    assert only_source(empty).source.kind == "folder"
    assert only_source(empty).source.revision == head(origin)
    known = {each.path: each.revision for each in documents(empty).values()}
    assert known["README.md"] == head(origin)
    assert known["app/retry.py"] == known["app/new.py"] == ""


def test_a_working_tree_of_which_a_branch_is_asked_for_is_read_as_a_repository(empty, origin):
    write(origin, {"app/new.py": "NEW = 1\n"})

    added(empty, str(origin), ref="main")

    assert only_source(empty).source.kind == "git"
    assert "app/new.py" not in documents(empty)


def test_a_repository_that_was_only_looked_at_goes_after_a_day(empty, origin):
    looked(empty, address(origin))
    (kept,) = empty.settings.repositories_path.iterdir()
    empty.sources.clean()
    assert kept.exists()

    os.utime(kept, (0, 0))
    empty.sources.clean()

    assert not kept.exists()


def test_deleting_a_workspace_removes_its_repositories(empty, origin):
    added(empty, address(origin))

    empty.workspaces.delete(workspace(empty))

    assert not any(empty.settings.repositories_path.iterdir())
