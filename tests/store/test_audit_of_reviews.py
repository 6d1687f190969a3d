"""The record of findings and decisions: what is changed behind docqa's back shows."""

import hashlib
import json
import shutil

import pytest
from sqlalchemy import text

from docqa.store.audit_verification import FIRST, entry_hash
from docqa.store.store import Store
from tests.store.reviewed import recorded, review


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A home with six cells: approved, changed and kept, rejected and run again, commented on."""
    home = tmp_path_factory.mktemp("reviewed")
    with Store(home) as store:
        cells = [cell.id for cell in store.reviews.cells(review(store))]
        for cell_id in cells[:5]:
            recorded(store, cell_id)
        store.reviews.decide(cells[0], "approve", comment="fine", user="anna", revision=1)
        store.reviews.decide(cells[1], "change", verdict="not_met", user="bert", revision=1)
        recorded(store, cells[1], keep=True)
        store.reviews.decide(cells[2], "reject", user="bert", revision=1)
        recorded(store, cells[2], "partly_met")
        store.reviews.decide(cells[3], "comment", comment="hm", user="anna", revision=1)
        store.reviews.decide(cells[4], "approve", user="anna", revision=1)
        store.reviews.decide(cells[4], "reopen", user="anna", revision=2)
    return home


@pytest.fixture
def store(reviewed, tmp_path):
    shutil.copy(reviewed / "docqa.db", tmp_path)
    with Store(tmp_path) as opened:
        yield opened


def change(store, *statements):
    with store.database.write() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            connection.execute(text(statement))


def test_a_record_that_nobody_touched_verifies(store):
    assert store.audit.verify() is None
    assert store.audit.verify(expect=store.audit.head()) is None


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE findings SET content = replace(content, '72', '73') WHERE id = 2", "finding 2"),
        ("UPDATE findings SET hash = hash || ' ' WHERE id = 3", "finding 3"),
        ("UPDATE findings SET cell_id = 6 WHERE id = 5", "finding 5"),
        ("UPDATE findings SET created_at = created_at + 1 WHERE id = 1", "finding 1"),
        ("UPDATE findings SET erased = 1 WHERE id = 1", "finding 1"),
        ("UPDATE findings SET erased = 2 WHERE id = 1", "finding 1 is blank"),
        ("DELETE FROM findings WHERE id = 4", "finding 4 is not there"),
        ("DELETE FROM decisions WHERE id = 2", "decision 2 is not there"),
        ("UPDATE decisions SET comment = 'fine!' WHERE id = 1", "decision 1"),
        ("UPDATE decisions SET user = 'bert' WHERE id = 1", "decision 1"),
        ("UPDATE decisions SET verdict = 'met' WHERE id = 2", "decision 2"),
        ("UPDATE decisions SET erased = 1 WHERE id = 1", "decision 1"),
        ("UPDATE review_cells SET verdict = 'met' WHERE id = 2", "cell 2 shows"),
        ("UPDATE review_cells SET verdict = 'met' WHERE id = 3", "cell 3 shows"),
        ("UPDATE review_cells SET review_state = 'approved' WHERE id = 4", "cell 4 shows"),
        ("UPDATE review_cells SET finding_id = 2 WHERE id = 2", "cell 2 shows"),
        ("UPDATE review_cells SET value = '30 days' WHERE id = 1", "cell 1 shows"),
        ("UPDATE review_cells SET verdict = 'met' WHERE id = 6", "cell 6 shows"),
        ("UPDATE review_cells SET row = 2 - row", "finding 1"),
        ("DELETE FROM review_cells WHERE id = 6", "has 5 of 6 cells"),
        ("DELETE FROM reviews", "is not there any more"),
        ("UPDATE reviews SET checklist = replace(checklist, 'staff', 'cook')", "has changed"),
    ],
)
def test_a_changed_row_shows(store, statement, what):
    change(store, statement)

    problem = store.audit.verify()

    assert problem is not None
    assert what in problem.what


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "INSERT INTO findings SELECT 99, 6, 1, content, hash, 0, created_at"
            " FROM findings LIMIT 1",
            "no entry tells of finding 99",
        ),
        (
            "INSERT INTO decisions SELECT 99, cell_id, finding_id, action, verdict, comment,"
            " comment_hash, user, hash, 0, created_at FROM decisions LIMIT 1",
            "no entry tells of decision 99",
        ),
        (
            "INSERT INTO reviews SELECT 99, workspace_id, title, checklist, target, scope, status,"
            " job_id, created_at, created_by FROM reviews",
            "no entry tells of review 99",
        ),
    ],
)
def test_a_row_that_no_entry_tells_of_shows(store, statement, what):
    change(store, statement)

    problem = store.audit.verify()

    assert (problem.entry_id, problem.what) == (0, what)


@pytest.mark.parametrize("column", ["user", "action", "detail", "previous_hash", "hash"])
def test_a_changed_byte_of_an_entry_shows(store, column):
    """Bytes all over it, also where JSON would read the same, or the text becomes invalid."""
    query = text(f"SELECT CAST({column} AS BLOB) FROM audit WHERE id = 3")
    with store.database.read() as connection:
        told = connection.scalar(query)
    setting = text(f"UPDATE audit SET {column} = CAST(:bytes AS TEXT) WHERE id = 3")
    for place in range(0, len(told), 1 + len(told) // 20):
        for new in {told[place] ^ 1, 0x09, 0xFF} - {told[place]}:
            with store.database.write() as connection:
                bad = told[:place] + bytes([new]) + told[place + 1 :]
                connection.execute(setting, {"bytes": bad})

            assert store.audit.verify().entry_id == 3

    with store.database.write() as connection:
        connection.execute(setting, {"bytes": told})
    assert store.audit.verify() is None


def test_white_space_in_an_entrys_json_shows(store):
    change(store, "UPDATE audit SET detail = detail || ' ' WHERE id = 2")

    assert store.audit.verify().entry_id == 2


def test_entries_cut_off_at_the_end_show(store):
    last = store.audit.count()
    change(store, f"DELETE FROM audit WHERE id = {last}")

    problem = store.audit.verify()

    assert problem.entry_id == last - 1


def test_entries_cut_off_with_all_that_they_tell_of_show_against_a_noted_head(store):
    head = store.audit.head()
    newest = max(finding.id for finding in store.reviews.findings(2))
    store.reviews.decide(1, "comment", comment="late", user="anna", revision=2)
    later = store.audit.head()
    change(
        store,
        "DELETE FROM decisions WHERE comment = 'late'",
        f"DELETE FROM audit WHERE hash = '{later}'",
        "UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM audit) WHERE name = 'audit'",
    )

    assert newest > 2
    assert store.audit.verify() is None
    assert store.audit.verify(expect=head) is None
    assert "does not contain" in store.audit.verify(expect=later).what


def test_a_log_that_was_written_anew_shows_against_a_noted_head(store):
    head = store.audit.head()
    entries = store.audit.entries()
    previous = FIRST
    with store.database.write() as connection:
        for entry in entries:
            user = "mallory" if entry.user == "bert" else entry.user
            digest = entry_hash(previous, entry.id, entry.at, user, entry.action, entry.detail)
            told = {"id": entry.id, "user": user, "before": previous, "hash": digest}
            connection.execute(
                text(
                    "UPDATE audit SET user = :user, previous_hash = :before, hash = :hash"
                    " WHERE id = :id"
                ),
                told,
            )
            previous = digest

    assert store.audit.verify() is None
    assert "does not contain" in store.audit.verify(expect=head).what


def test_a_head_is_taken_with_white_space_and_in_capitals(store):
    assert store.audit.verify(expect=f" {store.audit.head().upper()}\n") is None
    assert store.audit.verify(expect=FIRST) is None


def test_deleting_a_review_is_no_fault(store):
    store.reviews.delete(1, user="anna")

    assert store.audit.verify() is None


def test_deleting_a_workspace_is_no_fault(store):
    store.workspaces.delete(1, user="anna")

    assert store.audit.verify() is None
    entry = store.audit.entries()[-1]
    assert (entry.user, entry.action) == ("anna", "workspace.deleted")
    assert entry.detail["reviews"] == [1]


def test_an_auditor_can_compute_the_hashes_from_what_is_exported(store):
    (_, finding, _), *_ = store.reviews.export_rows(1)
    with store.database.read() as connection:
        content = connection.scalar(
            text("SELECT content FROM findings WHERE id = :id"), {"id": finding.id}
        )

    told = json.dumps(
        json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )

    assert hashlib.sha256(told.encode()).hexdigest() == finding.hash
