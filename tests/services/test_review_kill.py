"""`kill -9`, twenty times, while a review is worked off, at moments that a generator chooses.

One process makes the app's imports and forks the processes that are killed: that is quick.
"""

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from docqa.core.checklists import Checklist, Requirement
from tests.services.parts import app_of, close, workspace

ROOT = Path(__file__).parents[2]
KILLS = 20
CELLS = 120
WORKS = """
import os, sys
from docqa.bootstrap import build_app
from docqa.settings import Settings
from docqa.tokenizers.registry import tokenizer

tokenizer("llama4").count("read once, before the first fork")
home, review_id = sys.argv[1], int(sys.argv[2])
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        app = build_app(Settings(home=home, engine="scripted", review_cells_at_once=3))
        record = app.store.reviews.record

        def told(*arguments, **options):
            finding = record(*arguments, **options)
            os.write(1, b"+")
            return finding

        app.store.reviews.record = told
        os.write(1, b"%d\\n" % os.getpid())
        app.reviewing.resume(review_id)
        app.reviewing.wait(review_id)
        os._exit(0)
    os.waitpid(child, 0)
    os.write(1, b"!")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_no_kill_loses_a_cell_or_answers_it_twice(home):
    chance = random.Random(20)
    app = app_of(home)
    requirements = tuple(
        Requirement(f"r{number}", f"Backups are kept for {number} days.")
        for number in range(CELLS // 4)
    )
    checklist = Checklist("killed", "Killed", "1", "", requirements)
    review_id = app.reviewing.submit(workspace(app), checklist)
    close(app)

    process = subprocess.Popen(
        [sys.executable, "-c", WORKS, str(home), str(review_id)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        interrupted = sum(killed(process, chance) for _ in range(KILLS))
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()

    app = app_of(home)
    app.start()
    app.reviewing.resume(review_id)
    assert app.reviewing.wait(review_id).status == "done"
    cells = app.reviewing.grid(review_id).cells
    assert {cell.state for cell in cells} == {"done"}
    assert [len(app.store.reviews.findings(cell.id)) for cell in cells] == [1] * CELLS
    recorded = [
        entry.detail["cell"]
        for entry in app.store.audit.entries()
        if entry.action == "review.finding"
    ]
    assert sorted(recorded) == sorted(cell.id for cell in cells)
    assert app.store.audit.verify() is None
    assert interrupted >= KILLS // 2
    close(app)


def killed(process, chance):
    """Kill the process that works on the review after some cells, at any moment of the next one.

    Returns whether it was killed on its way.
    """
    process.stdin.write(b"\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    for _ in range(chance.randrange(6)):
        if process.stdout.read1(1) == b"!":
            return False
    select.select([], [], [], chance.random() * 0.03)
    os.kill(child, signal.SIGKILL)
    while process.stdout.read1(1) != b"!":
        pass
    return True
