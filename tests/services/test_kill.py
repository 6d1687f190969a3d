"""`kill -9`, twenty times, at moments that a seeded generator chooses.

Real processes of the command line are killed while they add documents and while they write
answers. After each kill the data folder is checked, and another process takes the work up.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from docqa.store.store import Store
from tests.services.parts import app_of, close, documents, make_pdf, workspace

ROOT = Path(__file__).parents[2]
RANDOM = random.Random(20)
INGESTIONS = 10
ANSWERS = 10
FILES = 20


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Small texts and two PDFs: reading takes long enough to be killed in its middle."""
    folder = tmp_path_factory.mktemp("many") / "many"
    folder.mkdir()
    for number in range(FILES - 2):
        text = f"Meeting {number} about freight.\n\nThe dispatcher was restarted.\n\n"
        (folder / f"{number:02}.md").write_text(text * 20)
    for number in range(2):
        make_pdf(folder / f"{number}.pdf", [(f"Page {page}", "Freight.") for page in range(15)])
    return folder


@pytest.fixture(scope="module")
def killed_home(tmp_path_factory):
    """The one home that all of these processes work on."""
    return tmp_path_factory.mktemp("killed") / "home"


def command_line(home, *arguments):
    """A process of the command line, with a worker of its own."""
    settings = {"DOCQA_HOME": str(home), "DOCQA_ENGINE": "scripted", "DOCQA_WORKERS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "docqa.cli", *arguments],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_when(process, reached):
    """Kill the process as soon as the moment is there, if it has not ended before."""
    polls = threading.Event()
    while process.poll() is None and not reached():
        polls.wait(0.02)
    try:
        workers = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        workers = []
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left, "a worker outlived its parent"


def check_sound(store):
    """No half document, no locked and no damaged database, no file without its bytes."""
    assert store.database.check() == ()
    store.preferences.set("probe", 1)
    with store.database.read() as connection:
        versions = connection.exec_driver_sql(
            "SELECT v.id, v.passage_count, v.page_count, v.published, v.content_hash,"
            " d.workspace_id, (SELECT count(*) FROM passages p WHERE p.version_id = v.id),"
            " (SELECT count(*) FROM pages p WHERE p.version_id = v.id),"
            " (SELECT count(*) FROM segments s WHERE s.version_id = v.id)"
            " FROM versions v JOIN documents d ON d.id = v.document_id WHERE v.status = 'ready'"
        ).all()
        for row in versions:
            version, passages, pages, published, digest, where, has, has_pages, segments = row
            assert (has, has_pages) == (passages, pages), "half a document"
            indexed = connection.exec_driver_sql(
                f"SELECT count(*) FROM fts_w{where} WHERE rowid IN"
                " (SELECT id FROM passages WHERE version_id = ?)",
                (version,),
            ).scalar()
            assert indexed == passages, "half an index"
            assert segments == published, "a version that is published without its segment"
            assert store.originals.contains(digest), "a document without its file"


def moment(home, name):
    """A condition that some random moment of an ingestion into this workspace meets."""
    wanted = RANDOM.choice(["begun", "listed", "packing", *["reading"] * 5])
    files = RANDOM.randrange(1, FILES)
    store = None

    def reached():
        nonlocal store
        if store is None:
            if not (home / "docqa.db").exists():
                return False
            store = Store(home)
        summaries = {each.workspace.name: each.workspace.id for each in store.workspaces.all()}
        jobs = store.jobs.active(summaries[name]) if name in summaries else ()
        if not jobs:
            return False
        done = store.jobs.item_counts(jobs[0].id)
        return {
            "begun": True,
            "listed": sum(done.values()) > FILES // 2,
            "reading": done.get("done", 0) > files,
            "packing": jobs[0].progress_text == "packing" or done.get("done", 0) > FILES,
        }[wanted]

    return reached


# Two at a time, so that a killed process also leaves another one in its middle.
def test_no_kill_during_ingestion_loses_or_halves_a_document(killed_home, sources):
    with closing(Store(killed_home)):
        pass
    interrupted = 0
    for number in range(0, INGESTIONS, 2):
        names = [f"round {number}", f"round {number + 1}"]
        kills = []
        with ThreadPoolExecutor() as threads:
            for name in names:
                process = command_line(killed_home, "ingest", str(sources), "--workspace", name)
                kills.append(threads.submit(kill_when, process, moment(killed_home, name)))
        assert [kill.result() for kill in kills] == [None, None]
        with Store(killed_home) as store:
            check_sound(store)
            interrupted += len(store.jobs.active())

        app = app_of(killed_home)
        app.start()
        for job in app.store.jobs.active():
            assert app.jobs.wait(job.id).status == "done"
        for name in names:
            where = workspace(app, name)
            assert len(documents(app, where)) == FILES
            assert all(each.published for each in documents(app, where).values())
            assert not app.store.documents.unpublished(where)
        check_sound(app.store)
        close(app)
    assert interrupted >= INGESTIONS // 2


def test_no_kill_during_an_answer_loses_it(home):
    interrupted = 0
    for number in range(ANSWERS):
        words = RANDOM.randrange(-2, 5)
        question = f"Who restarts the dispatcher? @slow {number}"
        process = command_line(home, "ask", question)
        kill_when(process, written(home, question, words))
        with Store(home) as store:
            check_sound(store)
            (answer,) = store.conversations.recent(limit=1)
            assert answer.question == question
            interrupted += answer.running

        app = app_of(home)
        app.engines.engine().close()
        app.start()
        app.answering.wait(answer.id)
        finished = app.answering.answer(answer.id)
        assert finished.status == "answered"
        assert finished.citations
        assert finished.text.startswith(answer.text.split("[")[0].rstrip())
        assert not app.store.jobs.active()
        close(app)
    assert interrupted >= ANSWERS // 2


def written(home, question, words):
    """A condition that is met when the answer has so many words; below 0, before its first."""
    store = Store(home)

    def reached():
        found = [each for each in store.conversations.recent(limit=1) if each.question == question]
        if not found or store.conversations.job_of(found[0].id) is None:
            return False
        if words < 0:
            return words == -2 or found[0].status == "running"
        return found[0].text.count(" ") >= words

    return reached
