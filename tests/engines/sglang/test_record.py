from concurrent.futures import ThreadPoolExecutor
from functools import partial

from docqa.engines.locks import FileLock
from docqa.engines.sglang.record import MAX_APPENDED, Record, RecordFile, Root


def root(number, session="s1"):
    return Root(session, f"rid-{number}", f"hash-{number}", 100 * number)


def test_a_record_is_read_by_another_process_as_it_was_written(tmp_path):
    path = tmp_path / "1.json"
    written = RecordFile(path).change(
        lambda old: old.moved(root(1), "server").appended(root(2)).warmed(root(3, "s2"), "server")
    )

    assert RecordFile(path).read() == written


def test_a_damaged_record_counts_as_none(tmp_path):
    path = tmp_path / "1.json"
    path.write_text('{"roots": [{"session": ', encoding="utf-8")

    assert RecordFile(path).read() == Record()


def test_a_root_in_a_session_of_its_own_retires_the_others():
    record = Record().moved(root(1), "x").appended(root(2)).warmed(root(3, "s2"), "x")

    moved = record.moved(root(4, "s3"), "x")

    assert moved.roots == (root(4, "s3"),)
    assert moved.retired == ("s1", "s2")


def test_a_session_is_full_after_so_many_appended_roots():
    record = Record().moved(root(0), "x")
    for number in range(1, MAX_APPENDED + 1):
        assert not record.full
        record = record.appended(root(number))

    assert record.full


def test_a_late_complaint_about_an_old_root_does_not_take_the_new_one():
    record = Record().moved(root(2, "s2"), "x")

    assert record.without(root(1), "restarted") is record
    assert record.without(root(2, "s2"), "restarted").lost == "restarted"


def test_changes_of_many_threads_all_count(tmp_path):
    file = RecordFile(tmp_path / "1.json")

    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            pool.submit(file.change, partial(Record.appended, root=root(number)))

    assert len(file.read().roots) == 40


def test_a_lock_that_is_shared_cannot_be_had_alone(tmp_path):
    lock = FileLock(tmp_path / "lock")

    with lock.shared(), lock.attempt() as alone:
        assert not alone
    with lock.attempt() as alone:
        assert alone
