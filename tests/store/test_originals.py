import errno
import hashlib
import io

import pytest

from docqa.errors import StorageFullError, StoreError, UnknownItemError
from docqa.store.originals import OriginalStore
from tests.store.samples import pdf, publish, stage


@pytest.fixture
def originals(tmp_path):
    return OriginalStore(tmp_path / "originals")


class FullDisk(io.RawIOBase):
    """Gives some bytes, then what a full disk gives."""

    def __init__(self):
        self.reads = 0

    def read(self, _size=-1):
        self.reads += 1
        if self.reads > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return b"x" * 100


def test_bytes_are_kept_once_under_their_hash(originals, tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"some bytes")
    digest = hashlib.sha256(b"some bytes").hexdigest()

    kept = [
        originals.put_file(file),
        originals.put_bytes(b"some bytes"),
        originals.put_stream(io.BytesIO(b"some bytes")),
    ]

    assert kept == [(digest, 10)] * 3
    assert originals.path(digest).read_bytes() == b"some bytes"
    assert list(originals.hashes()) == [digest]
    assert file.exists()
    assert not list(originals.folder.glob("*.part"))


def test_a_file_can_be_moved_in(originals, tmp_path):
    file = tmp_path / "a.pdf"
    file.write_bytes(b"some bytes")

    digest, _ = originals.put_file(file, move=True)

    assert not file.exists()
    assert originals.contains(digest)


def test_a_full_disk_is_said_and_leaves_no_half_file(originals):
    with pytest.raises(StorageFullError):
        originals.put_stream(FullDisk())

    assert [path for path in originals.folder.rglob("*") if path.is_file()] == []


def test_a_file_that_is_not_there_is_a_store_error(originals, tmp_path):
    with pytest.raises(StoreError):
        originals.put_file(tmp_path / "missing")


@pytest.mark.parametrize("name", ["a" * 64, "../../etc/passwd", "", "A" * 64])
def test_what_is_not_kept_is_unknown(originals, name):
    assert not originals.contains(name)
    with pytest.raises(UnknownItemError):
        originals.path(name)


def test_originals_that_a_version_refers_to_are_not_deleted(store):
    used, _ = store.originals.put_bytes(b"used")
    free, _ = store.originals.put_bytes(b"free")
    stage(store, "a.pdf", pdf("one"), used)
    publish(store)

    assert store.delete_originals({used, free}) == 1

    assert store.originals.contains(used)
    assert not store.originals.contains(free)


def test_what_a_killed_process_left_is_collected_when_it_is_old(store):
    used, _ = store.originals.put_bytes(b"used")
    free, _ = store.originals.put_bytes(b"never staged")
    stage(store, "a.pdf", pdf("one"), used)
    (store.originals.folder / "1-abc.part").write_bytes(b"half")

    young = store.collect_originals()
    old = store.collect_originals(older_than_s=0)

    assert (young, old) == (0, 1)
    assert list(store.originals.hashes()) == [used]
    assert not list(store.originals.folder.glob("*.part"))
    assert store.originals.age_s(free) == float("inf")
