import threading
from dataclasses import replace

import pytest

from docqa.errors import InputError, ReaderCrashedError, ReadError
from docqa.readers.stamps import Stamp, stamp_of
from docqa.services import watching
from docqa.services.glances import Glances
from docqa.services.input_listing import InputListing
from docqa.services.watching import WatchingService
from docqa.store.values import Source
from tests.services import parts
from tests.services.parts import documents, workspace
from tests.services.repositories import FILES, repository, write
from tests.services.test_sources import added, only_source


@pytest.fixture
def code(tmp_path):
    return write(tmp_path / "orbit", FILES)


@pytest.fixture
def watched(empty, code):
    """An app that watches the folder and has looked at it until there was nothing new."""
    added(empty, str(code))
    empty.watching.watch(only_source(empty).source.id)
    rounds(empty, 4)
    assert status(empty) == "same"
    return empty


def rounds(app, number=1):
    """So many looks; what they begin to read is read to the end before the next."""
    for _ in range(number):
        app.watching.look()
        for job in app.store.jobs.active():
            app.jobs.run(job.id)


def state(app):
    return app.watching.state(only_source(app).source)


def status(app):
    return state(app).status


def test_a_source_is_not_watched_unless_a_user_wants_it(empty, code):
    added(empty, str(code))
    source = only_source(empty).source

    rounds(empty, 3)
    assert empty.watching.state(source) is None

    empty.watching.watch(source.id)
    assert status(empty) == "waiting"

    empty.watching.stop(source.id)
    assert state(empty) is None


def test_what_changed_is_read_once_the_folder_has_settled(watched, code):
    (code / "README.md").write_text("# Orbit\n\nOrbit dispatches freight by rail.\n")

    watched.watching.look()
    assert status(watched) == "settling"
    assert documents(watched)["README.md"].version == 1

    rounds(watched)
    assert documents(watched)["README.md"].version == 2
    assert status(watched) == "reading"

    rounds(watched)
    assert status(watched) == "same"
    assert state(watched).looked_at > 0


def test_a_folder_that_goes_on_changing_is_not_read_yet(watched, code):
    for number in range(4):
        (code / "README.md").write_text("# Orbit\n" + "more\n" * number)
        rounds(watched)

    assert status(watched) == "settling"
    assert documents(watched)["README.md"].version == 1


def test_new_and_deleted_files_are_found(watched, code):
    (code / "notes.md").write_text("# Notes\n\nThe dispatcher sleeps on Sundays.\n")
    (code / "README.md").unlink()

    rounds(watched, 3)

    assert documents(watched)["notes.md"].status == "ready"
    assert documents(watched)["README.md"].status == "removed"


def test_nothing_is_read_where_nothing_changed_nor_after_a_restart(watched, code, open_app):
    jobs = len(watched.store.jobs.recent(limit=100))
    rounds(watched, 3)

    again = open_app(watched.settings.home)
    rounds(again, 3)

    assert len(again.store.jobs.recent(limit=100)) == jobs
    assert status(again) == "same"


def test_what_was_begun_before_a_restart_is_read_once(watched, code, open_app):
    (code / "README.md").write_text("# Orbit\n\nOrbit has moved.\n")
    watched.watching.look()
    watched.watching.look()
    (begun,) = watched.store.jobs.active()

    again = open_app(watched.settings.home)
    again.watching.look()
    assert [job.id for job in again.store.jobs.active()] == [begun.id]
    assert status(again) == "reading"
    rounds(again, 3)

    assert status(again) == "same"
    assert documents(again)["README.md"].version == 2
    assert again.store.jobs.recent(limit=1)[0].id == begun.id


def test_files_that_are_never_read_are_no_change(watched, code):
    write(code, {".git/index": "moved", "package-lock.json": "{}"})
    jobs = len(watched.store.jobs.recent(limit=100))

    rounds(watched, 3)

    assert len(watched.store.jobs.recent(limit=100)) == jobs


def test_a_folder_that_is_away_has_not_lost_its_files(watched, code):
    code.rename(code.parent / "elsewhere")

    rounds(watched, 3)

    assert status(watched) == "away"
    assert "No such file" in state(watched).detail
    since = state(watched).since
    assert 0 < since <= state(watched).looked_at
    rounds(watched)
    assert state(watched).since == since
    assert {each.status for each in documents(watched).values()} == {"ready"}

    (code.parent / "elsewhere").rename(code)
    jobs = len(watched.store.jobs.recent(limit=100))
    rounds(watched, 2)

    assert status(watched) == "same"
    assert len(watched.store.jobs.recent(limit=100)) == jobs


def test_an_empty_folder_is_taken_for_a_share_that_is_not_mounted(watched, code):
    code.rename(code.parent / "elsewhere")
    code.mkdir()

    rounds(watched, 3)

    assert status(watched) == "away"
    assert {each.status for each in documents(watched).values()} == {"ready"}


def test_two_updates_never_run_at_once(watched, code):
    source = only_source(watched).source
    waiting = watched.sources.update(source.id)
    (code / "README.md").write_text("# Orbit\n\nOrbit has moved.\n")

    for _ in range(3):
        watched.watching.look()

    assert [job.id for job in watched.store.jobs.active()] == [waiting]

    watched.jobs.run(waiting)
    rounds(watched, 2)
    assert status(watched) == "same"


def test_what_could_not_be_read_is_told_and_tried_again_later(watched, code, monkeypatch):
    (code / "README.md").write_text("# Orbit\n\nOrbit has moved.\n")
    watched.watching.look()
    watched.watching.look()
    (job,) = watched.store.jobs.active()
    watched.store.jobs.finish(job.id, "failed", error="the disk is full")

    rounds(watched, 3)
    assert (status(watched), state(watched).detail) == ("failed", "the disk is full")
    assert documents(watched)["README.md"].version == 1

    monkeypatch.setattr(watching, "RETRY_S", 0.0)
    rounds(watched, 2)
    assert status(watched) == "same"
    assert documents(watched)["README.md"].version == 2


def test_files_that_were_away_when_they_were_to_be_read_are_read_later(watched, code, monkeypatch):
    (code / "README.md").write_text("# Orbit\n\nOrbit has moved.\n")
    listed = InputListing.add_files_of

    def vanish(self, item):
        listed(self, item)
        code.rename(code.parent / "elsewhere")

    with monkeypatch.context() as vanishing:
        vanishing.setattr(InputListing, "add_files_of", vanish)
        rounds(watched, 2)
    rounds(watched)
    assert status(watched) == "away"
    (code.parent / "elsewhere").rename(code)

    rounds(watched, 3)
    assert status(watched) == "failed"
    assert "cannot be opened: No such file" in state(watched).detail
    assert documents(watched)["README.md"].version == 1

    monkeypatch.setattr(watching, "RETRY_S", 0.0)
    rounds(watched, 2)
    assert status(watched) == "same"
    assert documents(watched)["README.md"].version == 2


def test_a_file_on_which_the_reader_crashed_is_tried_again_a_few_times(watched, code, monkeypatch):
    run = parts.InProcessPool.run

    def crash(self, task, **given):
        if task["task"] == "read":
            raise ReaderCrashedError(given["name"])
        return run(self, task, **given)

    monkeypatch.setattr(parts.InProcessPool, "run", crash)
    monkeypatch.setattr(watching, "RETRY_S", 0.0)
    before = len(watched.store.jobs.recent(limit=100))
    (code / "README.md").write_text("# Orbit\n\nOrbit has moved.\n")

    rounds(watched, 10)

    assert len(watched.store.jobs.recent(limit=100)) == before + watching.MOST_CRASHES
    assert status(watched) == "same"


def test_only_folders_and_archives_of_this_machine_are_watched(empty, tmp_path):
    added(empty, f"file://{repository(tmp_path / 'orbit')}")

    with pytest.raises(InputError, match="only those are watched"):
        empty.watching.watch(only_source(empty).source.id)


def test_a_folder_can_be_added_to_be_watched(empty, code):
    source_options = replace(only_options(), watch=True)
    empty.ingestion.wait(empty.sources.add_all(workspace(empty), [str(code)], source_options))

    assert only_source(empty).source.options.watch

    empty.ingestion.wait(empty.sources.update(only_source(empty).source.id))
    assert only_source(empty).source.options.watch


def only_options():
    return Source(0, 0, "folder", "", "", 0.0).options


def test_erasing_a_document_stops_the_watch_that_would_bring_it_back(watched):
    watched.library.erase(documents(watched)["README.md"].id)
    rounds(watched, 3)

    assert "README.md" not in documents(watched)
    assert not only_source(watched).source.options.watch


def test_a_folder_that_does_not_answer_holds_up_no_other(empty, code, tmp_path):
    quick = write(tmp_path / "quick", {"a.md": "# A\n\nRailways.\n"})
    parts.ingest(empty, code, quick)
    slow, other = (summary.source for summary in empty.sources.sources(workspace(empty)))
    answer = threading.Event()

    def look(source):
        if source.id == slow.id:
            answer.wait()
        return watching.look_at_folder(source)

    service = WatchingService(empty.settings, empty.store, empty.sources, look=look)
    service._glances = Glances(look, patience_s=0.05)
    for source in (slow, other):
        service.watch(source.id)
    service.look()
    try:
        slow, other = (summary.source for summary in empty.sources.sources(workspace(empty)))
        assert service.state(slow).status == "away"
        assert service.state(slow).detail == "it does not answer"
        assert service.state(other).status == "settling"
    finally:
        answer.set()


def test_a_folder_that_takes_long_to_look_at_is_left_alone_for_longer(watched, monkeypatch):
    looks = []

    def look(source):
        looks.append(source.id)
        return watching.look_at_folder(source)

    watched.watching._glances = Glances(look, patience_s=10.0)
    rounds(watched, 2)
    assert len(looks) == 2

    monkeypatch.setattr(watching, "REST", 1e9)
    rounds(watched, 3)

    assert len(looks) == 3


def test_a_stamp_tells_names_sizes_and_times_apart(code):
    before = stamp_of(code)
    assert before == stamp_of(code)
    assert isinstance(before, Stamp)
    assert before.files == 4

    (code / "new.md").write_text("new")
    assert stamp_of(code) != before
    (code / "new.md").unlink()
    (code / "package-lock.json").write_text("{}")
    assert stamp_of(code) == before
    assert stamp_of(code, ["package-lock.json"]) != before


def test_a_stamp_of_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ReadError, match="No such file"):
        stamp_of(tmp_path / "gone")
