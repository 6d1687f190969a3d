import pytest

from docqa.errors import EngineLeavesMachineError, EngineUnavailableError, StaleError
from tests.services.keeping import KeepingEngine
from tests.services.parts import documents, ingest, workspace


def warmings(app, workspace_id=None):
    """All warm jobs, oldest first."""
    jobs = app.store.jobs.recent(workspace_id or workspace(app), 100)
    return [job for job in reversed(jobs) if job.kind == "warm"]


@pytest.fixture
def sglang(open_app, home):
    """An app whose engine keeps prefixes."""
    app = open_app(home, engine="sglang", model="scout")
    return app, KeepingEngine(app)


def test_warming_reads_the_whole_pack_and_says_how_far_it_is(sglang):
    app, engine = sglang
    shown = []

    job = app.jobs.follow(app.warming.submit(workspace(app)), shown.append)

    pack = app.library.pack(workspace(app))
    assert (job.status, job.result["pack"], job.result["tokens"]) == (
        "done",
        pack.hash,
        pack.token_count,
    )
    assert (shown[-1].progress_done, shown[-1].progress_total) == (
        pack.token_count,
        pack.token_count,
    )
    assert engine.read == [pack.hash]


def test_stopping_keeps_what_was_read_and_the_next_warming_goes_on_there(sglang):
    app, engine = sglang
    engine.go.clear()
    app.start()
    first = app.warming.submit(workspace(app))
    assert engine.at_step.wait(60)
    engine.done = dict.fromkeys(engine.done, 100)

    app.warming.stop_and_wait(workspace(app))
    engine.go.set()
    second = app.jobs.wait(app.warming.submit(workspace(app)))

    assert app.store.jobs.get(first).status == "cancelled"
    assert engine.closed_steps == 2
    assert (second.status, second.result["cached_tokens"]) == ("done", 100)


def test_the_same_pack_is_not_warmed_twice_at_once(sglang):
    app, engine = sglang
    engine.go.clear()
    app.start()

    first = app.warming.submit(workspace(app))
    assert engine.at_step.wait(60)
    again = app.warming.submit(workspace(app))
    engine.go.set()

    assert again == first
    assert app.jobs.wait(first).status == "done"
    assert len(engine.read) == 1


def test_a_newer_pack_version_waits_for_the_older_one_and_takes_the_place_of_others(
    sglang, tmp_path
):
    app, engine = sglang
    engine.go.clear()
    app.start()
    first = app.warming.submit(workspace(app))
    assert engine.at_step.wait(60)

    for name in ("one.md", "two.md"):
        (tmp_path / name).write_text(f"# {name}\n\nThis came later.\n")
        ingest(app, tmp_path / name)
    queued = [job for job in warmings(app) if job.status == "queued"]
    engine.go.set()

    assert len(queued) == 1
    assert queued[0].payload["pack"] == app.library.pack(workspace(app)).hash
    assert app.jobs.wait(first).status == "done"
    assert app.jobs.wait(queued[0].id).result["pack"] == app.library.pack(workspace(app)).hash


def test_what_was_ingested_is_warmed_by_itself(open_app, empty_home, folder):
    app = open_app(empty_home, engine="sglang", model="scout")
    engine = KeepingEngine(app)

    job = ingest(app, folder)

    [warming] = warmings(app)
    assert job.status == "done"
    assert app.jobs.wait(warming.id).status == "done"
    assert engine.read == [app.library.pack(workspace(app)).hash]


@pytest.mark.parametrize(
    "settings",
    [
        {"engine": "sglang", "warm_after_ingest": False},
        {"engine": "scripted"},
        {"engine": "extractive"},
    ],
)
def test_nothing_is_warmed_where_that_is_not_wanted(open_app, empty_home, folder, settings):
    app = open_app(empty_home, **settings)
    if settings["engine"] == "sglang":
        KeepingEngine(app)

    ingest(app, folder)

    assert warmings(app) == []


def test_a_remote_engine_is_not_warmed_before_it_is_allowed(open_app, empty_home, folder):
    app = open_app(empty_home, engine="sglang", base_url="https://elsewhere.example")
    engine = KeepingEngine(app)
    engine.leaves_machine = True

    assert ingest(app, folder).status == "done"
    assert warmings(app) == []
    with pytest.raises(EngineLeavesMachineError):
        app.warming.submit(workspace(app))


def test_an_engine_that_cannot_be_made_does_not_fail_the_ingestion(open_app, empty_home, folder):
    app = open_app(empty_home, engine="sglang")

    def unreachable():
        raise EngineUnavailableError("sglang", "nobody listens")

    app.engines.engine = unreachable

    assert ingest(app, folder).status == "done"
    assert warmings(app) == []


def test_repacking_forgets_the_old_pack_and_warms_the_new_one(sglang):
    app, engine = sglang
    old = app.library.pack(workspace(app))

    new = app.library.repack(workspace(app))

    assert engine.forgotten == [str(old.id)]
    assert [job.payload["pack"] for job in warmings(app)] == [new.hash]


def test_erasing_stops_warming_first_and_forgets_the_pack(sglang):
    app, engine = sglang
    engine.go.clear()
    app.start()
    warming = app.warming.submit(workspace(app))
    assert engine.at_step.wait(60)
    old = app.library.pack(workspace(app))

    app.library.erase(documents(app)["runbook.md"].id)
    engine.go.set()

    assert app.store.jobs.get(warming).status == "cancelled"
    assert engine.forgotten == [str(old.id)]
    assert app.jobs.wait(warmings(app)[-1].id).status == "done"


def test_ids_kept_for_one_engine_go_although_another_is_in_force(app):
    pack = app.library.pack(workspace(app))
    folder = app.settings.cache_path / "sglang"
    folder.mkdir(parents=True)
    (folder / f"{pack.id}-llama4.ids").write_bytes(b"ids")
    (folder / "9999-llama4.ids").write_bytes(b"others")

    app.library.erase(documents(app)["runbook.md"].id)

    assert [path.name for path in folder.iterdir()] == ["9999-llama4.ids"]


def test_deleting_a_workspace_forgets_its_pack(sglang):
    app, engine = sglang
    pack = app.library.pack(workspace(app))

    app.workspaces.delete(workspace(app))

    assert engine.forgotten == [str(pack.id)]


def test_warming_a_pack_that_was_built_anew_meanwhile_is_no_failure(sglang):
    app, engine = sglang
    job_id = app.warming.submit(workspace(app))

    def prefill(prefix):
        app.ingestion._publisher.repack(workspace(app))
        raise StaleError("the pack has been built anew")

    engine.prefill = prefill

    job = app.jobs.wait(job_id)

    assert job.status == "cancelled"


def test_a_job_that_only_warms_is_not_done_before_a_command(sglang):
    app, _ = sglang
    app.warming.submit(workspace(app))

    assert app.jobs.unfinished(workspace(app)) == ()


def test_packs_asked_of_late_are_kept_warm(open_app, home):
    app = open_app(home, engine="sglang", model="scout", keep_warm_minutes=5)
    KeepingEngine(app)
    conversation = app.conversations.create(workspace(app)).id
    answer = app.answering.wait(app.answering.submit(conversation, "What is kept?"))

    app.warming.keep_warm()
    just_asked = len(warmings(app))
    with app.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE answers SET created_at = created_at - 1000")
    app.warming.keep_warm()
    app.warming.keep_warm()

    assert answer.mode == "whole"
    assert just_asked == 0
    assert len(warmings(app)) == 1
    assert app.warming.routine().every_s == 300


def test_packs_that_nobody_asked_for_a_day_are_let_go(open_app, home):
    app = open_app(home, engine="sglang", model="scout", keep_warm_minutes=5)
    KeepingEngine(app)
    conversation = app.conversations.create(workspace(app)).id
    app.answering.wait(app.answering.submit(conversation, "What is kept?"))
    with app.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE answers SET created_at = created_at - 90000")

    app.warming.keep_warm()

    assert warmings(app) == []
    assert open_app(home, engine="sglang").warming.routine() is None
