import json
import os
import shutil
import threading
from dataclasses import replace

import pytest

from docqa.core.checklists import Checklist, Requirement
from docqa.core.judgements import RATIONALE_CHARACTERS
from docqa.errors import (
    ChecklistError,
    EngineKeyRefusedError,
    EngineLeavesMachineError,
    EngineUnavailableError,
    InputError,
    JobFailedError,
    NothingToAskError,
    StaleError,
    UnknownItemError,
)
from docqa.services.jobs import JobCancelled, JobContext
from docqa.services.publishing import Publisher
from docqa.services.review_cells import CellWorkers
from docqa.services.review_runner import ReviewRunner
from tests.services.parts import (
    BACKUPS,
    BREACH,
    INVOICES,
    RESTART,
    Recorder,
    app_of,
    close,
    documents,
    ingest,
    make_folder,
    workspace,
)

NOTIFIES = Requirement("breach", "The supplier notifies the customer of a personal data breach.")
BACKED_UP = Requirement("backups", "Nightly backups are kept in two data centres.")
FED = Requirement("zebras", "Zebras are fed with quinoa.")


@pytest.fixture(autouse=True)
def _no_waiting_for_engines(monkeypatch):
    monkeypatch.setattr(CellWorkers, "retry_s", 0.0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, filled_home):
    """An app that has the folder's documents; to be reviewed, and not changed otherwise."""
    app = app_of(shutil.copytree(filled_home, tmp_path_factory.mktemp("shared") / "home"))
    yield app
    close(app)


def checklist(*requirements):
    return Checklist("freight", "Freight rules", "2", "A book", requirements)


def asking(text, **more):
    return Requirement("asked", text, **more)


def submit(app, *requirements, names=("agreement.pdf",), **options):
    """A review of some documents (all if no names are given) that is not worked on yet."""
    ids = [documents(app)[name].id for name in names]
    return app.reviewing.submit(
        workspace(app), checklist(*requirements), document_ids=ids, **options
    )


def done(app, review_id):
    """The review's cells once it is worked off here."""
    app.reviewing.wait(review_id)
    return app.reviewing.grid(review_id).cells


def found(app, cell):
    return app.store.reviews.finding(cell.finding_id).found


def reviewed(app, *requirements, **options):
    """What was found, requirement by requirement."""
    return [found(app, cell) for cell in done(app, submit(app, *requirements, **options))]


def test_every_requirement_is_answered_for_every_document(shared):
    app = shared
    review_id = submit(app, NOTIFIES, FED, names=(), title=" Our \n review ")

    cells = done(app, review_id)

    review = app.reviewing.review(review_id)
    assert (review.status, review.title, review.counts.done) == ("done", "Our review", 8)
    assert [cell.requirement_id for cell in cells] == ["breach", "zebras"] * 4
    assert {cell.document: cell.status for cell in cells if cell.row == 0} == {
        "agreement.pdf": "met",
        "runbook.md": "not_found",
        "orbit/__init__.py": "not_found",
        "orbit/retry.py": "not_found",
    }
    assert app.store.audit.verify() is None


def test_a_finding_tells_what_it_rests_on_and_how_it_was_made(shared):
    app = shared
    (answer,) = reviewed(app, NOTIFIES)

    (citation,) = answer.citations
    assert (answer.status, answer.proposed, answer.rationale) == ("met", "met", BREACH)
    assert (citation.quote, citation.page, citation.origin) == (BREACH, 1, "model")
    assert citation.rects
    assert answer.coverage.complete
    assert answer.coverage.documents == 1
    assert answer.version_id == documents(app)["agreement.pdf"].version_id
    assert answer.pack == app.library.pack(workspace(app)).hash
    assert (answer.engine, answer.model, answer.prompt_version) == (
        "scripted",
        "scripted",
        "1/review-1",
    )
    assert answer.params["mode"] == "whole"
    assert answer.usage.prompt_tokens


def test_all_cells_are_asked_over_one_prefix_and_the_scope_stands_behind_it(app):
    engine = Recorder(app)

    reviewed(app, NOTIFIES, BACKED_UP, names=())

    assert len(engine.prompts) == 8
    assert {prompt.prefix.hash for prompt in engine.prompts} == {
        app.library.pack(workspace(app)).hash
    }
    assert {prompt.prefix.family for prompt in engine.prompts} != {""}
    assert sum('1 "agreement.pdf"' in prompt.tail for prompt in engine.prompts) == 2
    assert all(params.json_schema for params in engine.params)
    assert all(params.max_tokens > 6 * RATIONALE_CHARACTERS for params in engine.params)


@pytest.mark.parametrize("trick", ["@met_garbage", "@met_outside", "@met_uncited", "@invented"])
def test_met_without_a_verified_quote_in_scope_is_never_shown(shared, trick):
    app = shared
    (answer,) = reviewed(app, asking(f"{NOTIFIES.text} {trick}"))

    assert (answer.status, answer.proposed) == ("needs_person", "met")
    assert answer.reasons
    assert all(citation.document == "agreement.pdf" for citation in answer.citations)


def test_absence_comes_with_what_was_read(shared):
    app = shared
    (answer,) = reviewed(app, FED)

    assert (answer.status, answer.citations) == ("not_found", ())
    assert answer.coverage.sentence() == "In the window: 1 of 1 documents, 2 of 2 pages."


def test_absence_that_the_ranking_doubts_shows_the_quotes(shared):
    app = shared
    (answer,) = reviewed(app, asking(f"{NOTIFIES.text} @notfound"))

    assert answer.status == "not_found"
    assert [citation.origin for citation in answer.citations] == ["docqa"]
    assert BREACH.startswith(answer.citations[0].quote[:40])


def test_a_value_that_the_document_does_not_state_needs_a_person(shared):
    app = shared
    right = asking("For how many days are nightly backups kept?", kind="amount")
    wrong = replace(right, id="wrong", text=f"{right.text} @badvalue")

    good, bad = reviewed(app, right, wrong)

    assert (good.status, good.value) == ("met", "35 days")
    assert (bad.status, bad.proposed) == ("needs_person", "met")


def test_an_answer_that_breaks_the_schema_is_asked_once_more(shared):
    app = shared
    once, never, wordy = reviewed(
        app,
        asking(f"{BACKED_UP.text} @badonce"),
        Requirement("never", f"{BACKED_UP.text} @badjson"),
        Requirement("wordy", f"{BACKED_UP.text} @prose"),
    )

    assert (once.status, once.params["tries"]) == ("met", 2)
    assert (wordy.status, wordy.params["tries"]) == ("met", 1)
    assert (never.status, never.params["tries"]) == ("needs_person", 2)
    assert never.reasons[0].startswith("the model's answer could not be read")
    assert never.raw.startswith('{"citations": [1]')


def test_without_a_model_the_best_quotes_are_left_to_the_person(open_app, home):
    app = open_app(home, engine="extractive")

    quoted, nothing = reviewed(app, NOTIFIES, FED)

    assert (quoted.status, quoted.proposed, quoted.engine) == ("needs_person", "", "extractive")
    assert [citation.quote for citation in quoted.citations][:1] == [BREACH]
    assert quoted.reasons[0] == "no model judged"
    assert (nothing.status, nothing.citations) == ("needs_person", ())
    assert "no evidence found" in nothing.reasons
    assert nothing.coverage.complete


def test_the_packaged_small_model_judges_nothing(open_app, home):
    app = open_app(home, engine="embedded")

    (answer,) = reviewed(app, NOTIFIES)

    assert (answer.status, answer.proposed) == ("needs_person", "")
    assert answer.reasons[0] == "no model judged: the packaged small one cannot"
    assert answer.citations


def test_a_requirement_may_be_asked_of_the_whole_workspace(shared):
    app = shared
    restarted = Requirement("restart", "The engineer on duty restarts the dispatcher.")
    review_id = submit(app, NOTIFIES, restarted, names=(), target="workspace")

    cells = done(app, review_id)

    assert [(cell.document_id, cell.status) for cell in cells] == [(None, "met")] * 2
    assert [found(app, cell).citations[0].document for cell in cells] == [
        "agreement.pdf",
        "runbook.md",
    ]
    assert found(app, cells[0]).coverage.documents == 4
    assert found(app, cells[0]).version_id == 0


def test_documents_that_are_not_in_a_workspaces_scope_are_never_cited(shared):
    app = shared
    review_id = submit(app, NOTIFIES, names=("runbook.md",), target="workspace")

    (cell,) = done(app, review_id)

    assert (cell.status, cell.quotes) == ("not_found", 0)


def limited(open_app, home, fewer, *, of="the pack"):
    """An app whose windows hold so many tokens fewer than the pack or the agreement needs."""
    app = open_app(home)
    pack = app.library.pack(workspace(app))
    segment = app.store.packs.segments(pack.id)[0].segment
    tokens = pack.token_count if of == "the pack" else pack.head_tokens + segment.token_count
    return open_app(home, whole_limit=tokens - fewer)


def test_a_document_alone_is_the_prefix_where_the_pack_does_not_fit(open_app, home):
    app = limited(open_app, home, 1)
    engine = Recorder(app)
    names = ("agreement.pdf", "runbook.md")

    cells = done(app, submit(app, NOTIFIES, BACKED_UP, names=names))

    assert [cell.status for cell in cells] == ["met", "met", "not_found", "not_found"]
    prefixes = {prompt.prefix.hash: "".join(prompt.prefix.read_text()) for prompt in engine.prompts}
    assert len(prefixes) == 2
    for text in prefixes.values():
        assert text.count("<document ") == 1
        assert text.startswith("<instructions>")
    assert found(app, cells[0]).coverage.complete
    assert found(app, cells[0]).params["mode_reason"].startswith("the document alone")


def test_passages_are_selected_where_the_document_does_not_fit(open_app, home):
    app = limited(open_app, home, 1, of="the agreement")

    (answer,) = reviewed(app, BACKED_UP)

    assert answer.status == "met"
    assert answer.params["mode"] == "select"
    assert 0 < answer.coverage.passages_in_window < answer.coverage.passages
    assert not answer.coverage.complete


def test_nothing_is_called_absent_from_what_was_only_read_in_part(open_app, home):
    app = limited(open_app, home, 1, of="the agreement")

    (answer,) = reviewed(app, asking("@notfound Backups are kept."))

    assert (answer.status, answer.proposed) == ("needs_person", "not_found")
    assert "were in the window" in answer.reasons[0]


def test_a_window_without_room_for_a_passage_fails_the_cell(open_app, home):
    app = limited(open_app, home, 150, of="the agreement")

    (cell,) = done(app, submit(app, BACKED_UP))

    assert (cell.state, cell.error_type, cell.finding_id) == ("failed", "ContextOverflowError", 0)


def test_a_cell_that_fails_fails_alone(shared):
    app = shared
    down = Requirement("down", f"{NOTIFIES.text} @down")
    cells = done(app, submit(app, down, NOTIFIES))

    assert [cell.state for cell in cells] == ["failed", "done"]
    assert (cells[0].error_type, cells[0].finding_id) == ("EngineUnavailableError", 0)
    assert cells[0].error_hint


def test_a_bug_ends_its_cell_alone(open_app, home, caplog):
    app = open_app(home, review_cells_at_once=1)
    engine = Recorder(app)
    answers = iter([ZeroDivisionError, None])
    whole = engine.stream

    def stream(prompt, params):
        if error := next(answers):
            raise error
        return whole(prompt, params)

    engine.stream = stream
    cells = done(app, submit(app, NOTIFIES, BACKED_UP))

    assert [cell.state for cell in cells] == ["failed", "done"]
    assert cells[0].error == "an unexpected error in docqa (ZeroDivisionError)"
    assert "hit a bug" in caplog.text


@pytest.mark.parametrize("error", [EngineUnavailableError, EngineKeyRefusedError])
def test_an_engine_that_is_gone_pauses_the_review_instead_of_failing_it(app, error):
    engine = Recorder(app)
    whole = engine.stream

    def gone(prompt, params):
        raise error("scripted", "is gone")

    engine.stream = gone
    requirements = [Requirement(f"r{number}", BACKED_UP.text) for number in range(12)]
    review_id = submit(app, *requirements)

    with pytest.raises(JobFailedError, match="is gone"):
        app.reviewing.wait(review_id)

    review = app.reviewing.review(review_id)
    assert (review.status, review.counts.queued) == ("paused", 12)

    engine.stream = whole
    app.reviewing.resume(review_id)
    assert {cell.status for cell in done(app, review_id)} == {"met"}


def test_failed_cells_can_be_asked_again(app):
    engine = Recorder(app, "")
    whole = engine.stream

    def gone(prompt, params):
        raise EngineUnavailableError("scripted", "is gone")

    engine.stream = gone
    review_id = submit(app, NOTIFIES)
    assert done(app, review_id)[0].state == "failed"
    engine.stream, engine._answer = whole, None

    assert app.reviewing.rerun(review_id, failed=True) == 1

    assert done(app, review_id)[0].state == "done"


@pytest.fixture
def stalled(open_app, home):
    """An app that works in the background on a review whose cells do not come to an end."""
    app = open_app(home, review_cells_at_once=2)
    app.start()
    stalls = [Requirement(f"r{number}", f"{NOTIFIES.text} @stall") for number in range(5)]
    return app, submit(app, *stalls)


def until(condition):
    """Wait for something that is bound to happen."""
    polls = threading.Event()
    for _ in range(1_000):
        if condition():
            return
        polls.wait(0.02)
    raise AssertionError("it did not happen")


def counts(app, review_id):
    return app.reviewing.review(review_id).counts


def test_a_paused_review_goes_on_where_it_was(stalled):
    app, review_id = stalled
    until(lambda: counts(app, review_id).running == 2)

    app.reviewing.pause(review_id, user="ada")
    until(lambda: counts(app, review_id).queued == 5 and not app.store.jobs.active())
    assert app.reviewing.review(review_id).status == "paused"

    app.engines.engine().close()
    app.reviewing.resume(review_id, user="ada")

    assert {cell.status for cell in done(app, review_id)} == {"met"}
    assert app.reviewing.review(review_id).status == "done"
    acts = [entry.action for entry in app.store.audit.entries() if entry.user == "ada"]
    assert acts[:2] == ["review.paused", "review.resumed"]
    assert acts[2:] == ["review.finding"] * 5


def test_a_review_resumed_at_once_is_answered_once(stalled):
    app, review_id = stalled
    until(lambda: counts(app, review_id).running == 2)

    app.reviewing.pause(review_id)
    app.reviewing.resume(review_id)
    app.engines.engine().close()

    cells = done(app, review_id)
    until(lambda: app.reviewing.review(review_id).status == "done")
    assert [len(app.store.reviews.findings(cell.id)) for cell in cells] == [1] * 5


def test_a_cancelled_review_leaves_out_what_waited(stalled):
    app, review_id = stalled
    until(lambda: counts(app, review_id).running == 2)

    app.reviewing.cancel(review_id)

    until(lambda: counts(app, review_id).cancelled == 5)
    assert app.reviewing.review(review_id).status == "cancelled"

    app.engines.engine().close()
    app.reviewing.resume(review_id)
    assert {cell.state for cell in done(app, review_id)} == {"done"}


def test_a_deleted_review_ends_its_job(stalled):
    app, review_id = stalled
    until(lambda: counts(app, review_id).running == 2)

    app.reviewing.delete(review_id)

    until(lambda: not app.store.jobs.active())
    with pytest.raises(UnknownItemError):
        app.reviewing.review(review_id)


def test_a_review_without_a_job_gets_one_at_the_start(open_app, home):
    app = open_app(home)
    review_id = submit(app, NOTIFIES)
    for job in app.store.jobs.active():
        app.store.jobs.cancel(job.id)

    app.start()

    assert done(app, review_id)[0].state == "done"


def test_what_a_killed_job_had_taken_is_asked_again(shared):
    app = shared
    review_id = submit(app, NOTIFIES, BACKED_UP)
    taken = app.store.reviews.claim(review_id, "a dead job's token", 1)

    cells = done(app, review_id)

    assert [cell.state for cell in cells] == ["done", "done"]
    late = app.store.reviews.record(
        taken[0].id, "a dead job's token", found(app, cells[0]), user="x", keep=False
    )
    assert late is None


def test_a_job_that_another_runner_took_leaves_the_review_to_it(app):
    review_id = submit(app, NOTIFIES, BACKED_UP)
    job_id = app.reviewing.review(review_id).job_id
    job = app.store.jobs.claim("awake", os.getpid(), 0.0, job_ids=[job_id])
    asleep = JobContext(job, app.store.jobs, "asleep")
    runner = ReviewRunner(app.settings, app.store, app.engines, Publisher(app.store))

    with pytest.raises(JobCancelled):
        runner.handle(asleep)

    assert app.reviewing.review(review_id).status != "paused"
    runner.handle(JobContext(job, app.store.jobs, "awake"))
    cells = app.reviewing.grid(review_id).cells
    assert [cell.state for cell in cells] == ["done", "done"]
    assert [len(app.store.reviews.findings(cell.id)) for cell in cells] == [1, 1]


def test_cells_a_row_or_a_column_are_asked_again(shared):
    app = shared
    review_id = submit(app, NOTIFIES, FED, names=())
    cells = done(app, review_id)
    rerun = app.reviewing.rerun

    assert rerun(review_id, cells=[cells[3].id]) == 1
    assert rerun(review_id, requirement="zebras") == 3, "one of them waits already"
    assert rerun(review_id, document_id=cells[0].document_id) == 1
    assert rerun(review_id, document_id=cells[2].document_id, requirement="breach") == 1
    assert rerun(review_id, changed=True) == 0
    with pytest.raises(InputError):
        rerun(review_id)

    done(app, review_id)
    numbers = [len(app.store.reviews.findings(cell.id)) for cell in cells]
    assert numbers == [2, 2, 2, 2, 1, 2, 1, 2]


def test_a_person_chooses_among_the_verdicts_that_the_requirement_allows(shared):
    rule = replace(NOTIFIES, verdicts=("met", "not_met"))
    (cell,) = done(shared, submit(shared, rule))

    with pytest.raises(InputError, match="none of this requirement's verdicts: met, not_met"):
        shared.reviewing.decide(cell.id, "change", verdict="not_applicable", revision=cell.revision)
    shared.reviewing.decide(cell.id, "change", verdict="not_met", revision=cell.revision)

    assert shared.store.reviews.cell(cell.id).verdict == "not_met"


def test_a_run_that_changes_nothing_keeps_the_decision(shared):
    app = shared
    review_id = submit(app, NOTIFIES)
    (cell,) = done(app, review_id)
    app.reviewing.decide(cell.id, "approve", revision=cell.revision, user="ada")

    app.reviewing.rerun(review_id, cells=[cell.id])
    (again,) = done(app, review_id)

    assert (again.review_state, again.changed, again.unreviewed) == ("approved", False, False)
    assert again.finding_id != cell.finding_id
    actions = [decision.action for decision in app.reviewing.detail(cell.id).decisions]
    assert actions == ["keep", "approve"]


def test_a_new_version_asks_only_for_the_cells_that_changed(empty, tmp_path):
    app, folder = empty, make_folder(tmp_path / "freight")
    ingest(app, folder)
    review_id = submit(app, *new_version_requirements(), names=("runbook.md",))
    for cell in done(app, review_id):
        app.reviewing.decide(cell.id, "approve", revision=cell.revision)
    assert app.reviewing.grid(review_id).stale == frozenset()

    changed = f"# Runbook\n\n{RESTART}\n\nBackups of the dispatcher are kept for 14 days.\n"
    (folder / "runbook.md").write_text(changed)
    ingest(app, folder)
    assert app.reviewing.rerun(review_id, changed=True) == 2
    same, new = done(app, review_id)

    assert (same.review_state, same.changed) == ("approved", False)
    assert (new.review_state, new.changed, new.unreviewed) == ("draft", True, True)
    detail = app.reviewing.detail(new.id)
    assert (detail.previous.found.status, detail.finding.found.status) == ("not_found", "met")


def test_a_label_of_an_earlier_version_is_not_in_scope(empty, tmp_path):
    app, folder = empty, make_folder(tmp_path / "freight")
    ingest(app, folder)
    old = documents(app)["runbook.md"]
    first = app.store.packs.label_of(app.library.pack(workspace(app)).id, old.version_id)
    (folder / "runbook.md").write_text(f"# Runbook\n\n{RESTART} Then it is left alone.\n")
    ingest(app, folder)
    labels = list(range(first, first + old.passages))
    said = {"citations": labels, "rationale": RESTART, "verdict": "met"}
    Recorder(app, json.dumps(said))

    (answer,) = reviewed(app, asking(RESTART), names=("runbook.md",))

    assert (answer.status, answer.proposed) == ("needs_person", "met")
    assert answer.unresolved == len(labels)
    assert {citation.origin for citation in answer.citations} == {"docqa"}


def new_version_requirements():
    return (
        Requirement("restart", "The engineer on duty restarts the dispatcher."),
        Requirement("kept", "Backups of the dispatcher are kept for days."),
    )


def test_documents_that_contradict_each_other_are_linked(open_app, empty_home, tmp_path):
    app = open_app(empty_home)
    for name, days in (("a.md", 35), ("b.md", 14), ("c.md", 35)):
        (tmp_path / name).write_text(f"Nightly backups of our systems are kept for {days} days.\n")
    ingest(app, *(tmp_path / name for name in ("a.md", "b.md", "c.md")))
    kept = Requirement("kept", "Nightly backups are kept for how many days?", kind="amount")

    review_id = submit(app, kept, names=())
    a, b, c = done(app, review_id)

    assert [cell.value for cell in (a, b, c)] == ["35 days", "14 days", "35 days"]
    assert app.reviewing.grid(review_id).conflicts == {
        a.id: (b.id,),
        b.id: (a.id, c.id),
        c.id: (b.id,),
    }
    assert [cell.document for cell in app.reviewing.detail(b.id).conflicts] == ["a.md", "c.md"]


def test_a_document_that_is_gone_fails_its_cells_and_keeps_their_findings(app):
    review_id = submit(app, NOTIFIES)
    (cell,) = done(app, review_id)
    app.library.exclude(cell.document_id)

    app.reviewing.rerun(review_id, cells=[cell.id])
    (after,) = done(app, review_id)

    assert (after.state, after.error_type) == ("failed", "DocumentGoneError")
    assert after.finding_id == cell.finding_id


def test_a_document_that_came_later_has_no_cells_and_is_named(app, tmp_path):
    review_id = submit(app, NOTIFIES, names=())
    (tmp_path / "later.md").write_text("Late payments bear interest.\n")

    ingest(app, tmp_path / "later.md")

    grid = app.reviewing.grid(review_id)
    assert grid.added == ("later.md",)
    assert len(grid.cells) == 4


def test_a_whole_workspaces_answers_are_stale_when_its_pack_grows(app, tmp_path):
    review_id = submit(app, NOTIFIES, names=(), target="workspace")
    (cell,) = done(app, review_id)
    assert app.reviewing.grid(review_id).stale == frozenset()
    (tmp_path / "later.md").write_text("Late payments bear interest.\n")

    ingest(app, tmp_path / "later.md")

    assert app.reviewing.grid(review_id).stale == {cell.id}


def test_two_people_do_not_overwrite_each_other(shared):
    app = shared
    (cell,) = done(app, submit(app, NOTIFIES))
    app.reviewing.decide(cell.id, "approve", revision=cell.revision, user="ada")

    with pytest.raises(StaleError):
        app.reviewing.decide(
            cell.id, "change", verdict="not_met", revision=cell.revision, user="bob"
        )


def test_the_next_unreviewed_cell_wraps(shared):
    app = shared
    review_id = submit(app, NOTIFIES, BACKED_UP, FED)
    first, second, third = done(app, review_id)
    app.reviewing.decide(second.id, "approve", revision=second.revision)
    grid = app.reviewing.grid(review_id)

    after = [app.reviewing.next_unreviewed(grid, cell) for cell in (None, first.id, third.id)]

    assert after == [first.id, third.id, first.id]


def test_the_user_of_the_settings_is_on_record_where_nobody_else_is(open_app, home):
    app = open_app(home, user="grace")
    done(app, submit(app, NOTIFIES))

    assert {entry.user for entry in app.store.audit.entries()[-2:]} == {"grace"}


@pytest.mark.parametrize(
    ("requirements", "problem"),
    [
        ((), "no requirements"),
        ((NOTIFIES, NOTIFIES), "id already"),
        ((asking("x" * 20_000),), "20,000"),
        (tuple(Requirement(f"r{number}", "x") for number in range(10_000)), "10,000"),
    ],
)
def test_a_checklist_that_cannot_be_used_makes_no_review(app, requirements, problem):
    with pytest.raises(ChecklistError, match=problem):
        submit(app, *requirements)

    assert app.reviewing.reviews(workspace(app)) == ()


def test_an_empty_workspace_cannot_be_reviewed(empty):
    with pytest.raises(NothingToAskError):
        submit(empty, NOTIFIES, names=())


def test_a_document_that_cannot_be_reviewed_is_named(app):
    agreement = documents(app)["agreement.pdf"]
    app.library.exclude(agreement.id)

    with pytest.raises(InputError, match=r"'agreement.pdf', number 999"):
        app.reviewing.submit(workspace(app), checklist(NOTIFIES), document_ids=[agreement.id, 999])


def test_a_remote_engine_is_refused_before_anything_is_made(open_app, home):
    app = open_app(home, engine="openai_compatible", base_url="http://192.0.2.1/v1", model="m")

    with pytest.raises(EngineLeavesMachineError):
        submit(app, NOTIFIES)

    assert app.reviewing.reviews(workspace(app)) == ()


def test_hints_stand_in_the_tail_and_can_be_turned_off(open_app, home):
    app = open_app(home)
    engine = Recorder(app)
    reviewed(app, BACKED_UP)
    assert f"{BACKUPS}" in engine.tail

    other = open_app(home, hints=False)
    bare = Recorder(other)
    reviewed(other, BACKED_UP)
    assert "<hints>" not in bare.tail
    assert INVOICES not in bare.tail
