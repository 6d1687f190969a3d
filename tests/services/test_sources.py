import shutil
import zipfile

import pytest

from docqa.errors import ReadError, SourceUploadedError
from tests.services import parts
from tests.services.parts import documents, ingest, items, pack_text, workspace
from tests.services.repositories import FILES, write

SECRET = 'PASSWORD = "tr0ub4dor-and-3-horses"\n'


@pytest.fixture
def code(tmp_path):
    return write(tmp_path / "orbit", FILES)


def only_source(app):
    (summary,) = app.sources.sources(workspace(app))
    return summary


def counts(job):
    (told,) = job.result["sources"]
    return {name: told[name] for name in ("added", "changed", "deleted", "unchanged")}


def added(app, *arguments, **options):
    return app.ingestion.wait(app.sources.add(workspace(app), *arguments, **options))


def updated(app):
    return app.ingestion.wait(app.sources.update(only_source(app).source.id))


def looked(app, *arguments, **options):
    return app.jobs.wait(app.sources.preview(workspace(app), *arguments, **options))


def test_a_preview_tells_what_a_folder_holds_and_adds_nothing(empty, code):
    job = looked(empty, str(code))

    assert job.status == "done", job.error
    found = job.result
    assert (found["name"], found["kind"], found["uri"]) == ("orbit", "folder", str(code))
    assert found["files"] == 4
    assert found["bytes"] == sum(len(text) for path, text in FILES.items() if "lock" not in path)
    assert 50 < found["tokens"] < 150
    assert found["left_out"] == {"lock": 1}
    ((path, reason, category, size),) = found["left_out_files"]
    assert (path, category) == ("package-lock.json", "lock")
    assert reason
    assert size == len(FILES[path])
    assert found["largest"][0][0] == "app/retry.py"
    assert documents(empty) == {}
    assert empty.sources.sources(workspace(empty)) == ()


def test_what_is_left_out_is_listed_and_can_be_put_back_and_left_out_again(empty, code):
    added(empty, str(code))
    source = only_source(empty)
    assert source.left_out == 1
    (lock,) = empty.sources.left_out(source.source.id)
    assert lock.can_be_put_back

    job = empty.ingestion.wait(empty.sources.put_back(source.source.id, [lock.path]))

    assert counts(job) == {"added": 1, "changed": 0, "deleted": 0, "unchanged": 4}
    assert documents(empty)[lock.path].status == "ready"
    assert only_source(empty).left_out == 0

    job = empty.ingestion.wait(empty.sources.leave_out(source.source.id, [lock.path]))

    assert counts(job) == {"added": 0, "changed": 0, "deleted": 1, "unchanged": 4}
    assert documents(empty)[lock.path].status == "removed"
    assert only_source(empty).left_out == 1


def test_what_was_put_back_stays_when_the_source_is_updated(empty, code):
    added(empty, str(code), put_back=["package-lock.json"])
    assert "package-lock.json" in documents(empty)

    job = updated(empty)

    assert counts(job) == {"added": 0, "changed": 0, "deleted": 0, "unchanged": 5}


def test_an_update_reads_only_what_changed(empty, code):
    added(empty, str(code))
    before = pack_text(empty)
    empty.ingestion._pool.names.clear()
    write(code, {"app/retry.py": "def wait():\n    return 2\n", "app/new.py": "NEW = 1\n"})
    (code / "README.md").unlink()

    job = updated(empty)

    assert counts(job) == {"added": 1, "changed": 1, "deleted": 1, "unchanged": 2}
    assert set(empty.ingestion._pool.names) == {"app/new.py", "app/retry.py"}
    assert set(items(empty, job)) == {"app/new.py", "app/retry.py"}
    assert pack_text(empty).startswith(before)
    known = documents(empty)
    assert known["README.md"].status == "removed"
    assert known["README.md"].removed
    assert known["app/retry.py"].version == 2
    assert (only_source(empty).documents, only_source(empty).removed) == (4, 1)


def test_an_update_that_finds_nothing_new_leaves_the_pack_as_it_is(empty, code):
    added(empty, str(code))
    before = empty.library.pack(workspace(empty))

    job = updated(empty)

    assert counts(job) == {"added": 0, "changed": 0, "deleted": 0, "unchanged": 4}
    assert empty.library.pack(workspace(empty)) == before
    assert items(empty, job) == {}


def test_what_a_user_excluded_is_excluded_when_its_file_comes_back(empty, code):
    added(empty, str(code))
    empty.library.exclude(documents(empty)["README.md"].id)
    readme = code / "README.md"
    text = readme.read_text()
    readme.unlink()
    updated(empty)
    assert documents(empty)["README.md"].status == "removed"
    readme.write_text(text)

    updated(empty)

    assert documents(empty)["README.md"].status == "excluded"


def test_a_file_that_comes_back_is_asked_about_again(empty, code):
    added(empty, str(code))
    readme = code / "README.md"
    text = readme.read_text()
    readme.unlink()
    updated(empty)
    assert documents(empty)["README.md"].status == "removed"
    empty.ingestion._pool.names.clear()
    readme.write_text(text)

    job = updated(empty)

    assert counts(job) == {"added": 0, "changed": 0, "deleted": 0, "unchanged": 4}
    assert empty.ingestion._pool.names == []
    back = documents(empty)["README.md"]
    assert (back.status, back.removed, back.version) == ("ready", "", 1)


def test_a_file_that_comes_back_with_other_text_is_asked_about_again(empty, code):
    added(empty, str(code))
    (code / "README.md").unlink()
    updated(empty)
    write(code, {"README.md": "# Orbit\n\nIt came back with other words in it.\n"})

    updated(empty)

    back = documents(empty)["README.md"]
    assert (back.status, back.removed, back.version) == ("ready", "", 2)


def test_a_file_that_comes_back_after_repacking_is_put_into_the_pack_again(empty, code):
    added(empty, str(code))
    text = (code / "README.md").read_text()
    (code / "README.md").unlink()
    updated(empty)
    empty.library.repack(workspace(empty))
    assert not documents(empty)["README.md"].published
    (code / "README.md").write_text(text)

    updated(empty)

    assert documents(empty)["README.md"].published
    assert "two data centres" in pack_text(empty)


def test_citing_a_file_that_is_gone_still_opens_it(empty, code):
    added(empty, str(code))
    readme = documents(empty)["README.md"]
    (code / "README.md").unlink()
    updated(empty)

    assert "two data centres" in empty.library.text(readme.version_id)
    assert empty.searching.search(workspace(empty), "data centres") == ()


def test_an_update_of_a_folder_that_cannot_be_opened_loses_nothing(empty, code):
    added(empty, str(code))
    shutil.move(code, code.with_name("elsewhere"))

    with pytest.raises(ReadError, match="no such file or folder"):
        updated(empty)
    code.mkdir()
    job = updated(empty)

    (item,) = empty.store.jobs.items(job.id)
    assert (item.status, item.error_type) == ("failed", "EmptyFileError")
    assert {each.status for each in documents(empty).values()} <= {"ready"}
    assert only_source(empty).documents == 4


def test_an_archive_at_the_same_path_is_updated(empty, code, tmp_path):
    archive = tmp_path / "orbit.zip"

    def pack():
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(code.rglob("*")):
                file.write(path, path.relative_to(code))

    pack()
    added(empty, str(archive))
    write(code, {"app/new.py": "NEW = 1\n"})
    (code / "README.md").unlink()
    pack()

    job = updated(empty)

    assert counts(job) == {"added": 1, "changed": 0, "deleted": 1, "unchanged": 3}


def test_what_an_uploaded_folder_does_not_have_is_not_gone(empty, code):
    def drop(*paths):
        files = [(f"orbit/{path}", (code / path).open("rb")) for path in paths]
        job_id = empty.ingestion.submit_folder(workspace(empty), files)
        for _, file in files:
            file.close()
        return empty.ingestion.wait(job_id)

    drop("README.md", "app/retry.py")
    drop("app/routes.py")

    assert {each.status for each in documents(empty).values()} == {"ready"}
    summary = only_source(empty)
    assert not summary.can_be_updated
    with pytest.raises(SourceUploadedError):
        empty.sources.update(summary.source.id)
    with pytest.raises(SourceUploadedError):
        empty.sources.put_back(summary.source.id, ["x"])


def test_an_update_can_be_looked_at_first(empty, code):
    added(empty, str(code))
    write(code, {"app/retry.py": "def wait():\n    return 2\n", "app/new.py": "NEW = 1\n"})
    (code / "README.md").unlink()

    job = empty.jobs.wait(empty.sources.update_preview(only_source(empty).source.id))

    assert job.status == "done", job.error
    found = job.result
    assert (found["added"], found["changed"], found["deleted"]) == (1, 1, 1)
    assert found["unchanged"] == 2
    assert found["paths"] == {
        "added": ["app/new.py"],
        "changed": ["app/retry.py"],
        "deleted": ["README.md"],
    }
    assert 0 < found["tokens"] < 50
    assert found["commits"] == []
    assert documents(empty)["README.md"].status == "ready"


def test_secrets_are_masked_and_shown_when_the_user_says_so(empty, code):
    write(code, {"app/config.py": f"HOST = 1\n{SECRET}"})
    added(empty, str(code))
    source = only_source(empty).source
    (place,) = empty.sources.secrets(source.id)
    assert (place.document, place.line, place.shown) == ("app/config.py", 2, False)
    assert only_source(empty).secrets == 1
    assert "tr0ub4dor" not in pack_text(empty)
    assert "tr0ub4dor" not in empty.library.text(place.version_id)

    empty.ingestion.wait(empty.sources.show_secrets(source.id, [place.path], shown=True))

    (shown,) = empty.sources.secrets(source.id)
    assert shown.shown
    assert "tr0ub4dor" in pack_text(empty)
    assert "tr0ub4dor" in empty.library.text(shown.version_id)
    assert documents(empty)["app/config.py"].version == 2
    assert counts(updated(empty))["unchanged"] == 5

    empty.ingestion.wait(empty.sources.show_secrets(source.id, [place.path], shown=False))

    (masked,) = empty.sources.secrets(source.id)
    assert not masked.shown
    assert "tr0ub4dor" not in empty.library.text(masked.version_id)


def test_all_secrets_of_a_source_can_be_shown_from_the_start_and_one_masked(empty, code):
    write(code, {"app/config.py": SECRET, "app/other.py": SECRET})
    added(empty, str(code), show_secrets=True)
    source = only_source(empty).source
    assert [place.shown for place in empty.sources.secrets(source.id)] == [True, True]

    empty.ingestion.wait(empty.sources.show_secrets(source.id, ["app/other.py"], shown=False))

    shown = {place.path: place.shown for place in empty.sources.secrets(source.id)}
    assert shown == {"app/config.py": True, "app/other.py": False}


def test_masking_one_file_where_all_secrets_were_shown_reads_no_other_file_again(empty, code):
    write(code, {"app/config.py": SECRET, "app/other.py": SECRET})
    added(empty, str(code), show_secrets=True)
    source_id = only_source(empty).source.id
    empty.ingestion._pool.names.clear()

    empty.ingestion.wait(empty.sources.show_secrets(source_id, ["app/other.py"], shown=False))
    job = updated(empty)

    assert empty.ingestion._pool.names == ["app/other.py"]
    assert counts(job) == {"added": 0, "changed": 0, "deleted": 0, "unchanged": 6}


def test_the_secrets_of_an_uploaded_file_are_masked_and_can_be_shown(empty):
    parts.upload(empty, "notes.txt", SECRET.encode())
    source = only_source(empty).source
    (place,) = empty.sources.secrets(source.id)
    assert "tr0ub4dor" not in pack_text(empty)

    empty.ingestion.wait(empty.sources.show_secrets(source.id, [place.path], shown=True))

    assert "tr0ub4dor" in pack_text(empty)
    assert len(documents(empty)) == 1


def test_a_job_that_is_retried_does_not_take_files_away_again(empty, code):
    write(code, {"broken.pdf": "no PDF at all, xref"})
    added(empty, str(code))
    readme = (code / "README.md").read_text()
    (code / "README.md").unlink()
    job = updated(empty)
    (code / "README.md").write_text(readme)
    updated(empty)
    failed = items(empty, job)["broken.pdf"]

    empty.ingestion.wait(empty.ingestion.retry(failed.id))

    assert documents(empty)["README.md"].status == "ready"


def test_a_stopped_update_takes_nothing_away_and_the_next_one_goes_on(empty, code):
    added(empty, str(code))
    write(code, {f"app/part{n}.py": f"PART = {n}\n" for n in range(20)})
    (code / "README.md").unlink()
    job_id = empty.sources.update(only_source(empty).source.id)
    empty.ingestion._pool.begin = lambda name: empty.ingestion.cancel(job_id)

    job = empty.ingestion.wait(job_id)

    assert job.status == "cancelled"
    assert documents(empty)["README.md"].status == "ready"
    empty.ingestion._pool.begin = lambda name: None
    job = updated(empty)
    assert counts(job)["deleted"] == 1
    assert documents(empty)["README.md"].status == "removed"
    assert only_source(empty).documents == 23


def test_a_folder_that_is_ingested_again_is_updated(empty, code):
    ingest(empty, code)
    (code / "README.md").unlink()

    job = ingest(empty, code)

    assert counts(job) == {"added": 0, "changed": 0, "deleted": 1, "unchanged": 3}
    assert documents(empty)["README.md"].status == "removed"
