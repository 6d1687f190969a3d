import io
import zipfile
from itertools import pairwise

import pytest

from docqa.errors import BrokenFileError, DocumentBombError, ReadError
from docqa.readers.office import zipped
from docqa.readers.office.xml import feed, tree
from docqa.readers.office.zipped import opened


def archive(tmp_path, parts):
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return path


def test_parts_are_found_whatever_their_case(tmp_path):
    with opened(archive(tmp_path, {"Word/Document.XML": b"<a/>"}), "a.docx") as parts:
        assert "word/document.xml" in parts
        assert parts.read("/word/document.xml".strip("/")) == b"<a/>"


def test_what_unpacks_to_far_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "SMALL_BYTES", 100_000)
    path = archive(tmp_path, {"word/document.xml": b"0" * 1_000_000})

    with pytest.raises(DocumentBombError, match=r"unpacks to 1 MB from 0\.00 MB"):
        opened(path, "bomb.docx").__enter__()


def test_too_many_parts_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_PARTS", 3)
    path = archive(tmp_path, {f"{n}.xml": b"" for n in range(4)})

    with pytest.raises(DocumentBombError, match="holds 4 parts, at most 3"):
        opened(path, "bomb.docx").__enter__()


def test_parts_that_are_too_large_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_BYTES", 3_000_000)
    path = archive(tmp_path, {f"{n}.xml": b"ab" * 500_000 for n in range(4)})

    with pytest.raises(DocumentBombError, match="unpacks to 4 MB, at most 3 MB"):
        opened(path, "bomb.docx").__enter__()


def test_parts_that_are_dense_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "SMALL_BYTES", 1_500_000)
    path = archive(tmp_path, {f"{n}.xml": b"0" * 1_000_000 for n in range(2)})

    with pytest.raises(DocumentBombError, match=r"its parts unpack to 2 MB from 0\.00 MB"):
        opened(path, "bomb.docx").__enter__()


def test_a_part_that_should_be_small_is_not_read_further(tmp_path):
    with (
        opened(archive(tmp_path, {"styles.xml": b"ab" * 1_000}), "a.docx") as parts,
        pytest.raises(DocumentBombError, match="has more than"),
    ):
        parts.read("styles.xml", most=100)


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x03\x04 torn"])
def test_what_is_no_archive_is_named_as_broken(tmp_path, damage):
    path = tmp_path / "file"
    path.write_bytes(damage)

    with pytest.raises(BrokenFileError, match="cannot be unpacked"):
        opened(path, "a.docx").__enter__()


def test_a_damaged_part_is_named_as_broken(tmp_path):
    path = archive(tmp_path, {"a.xml": b"<a>" + bytes(range(256)) * 50 + b"</a>"})
    data = bytearray(path.read_bytes())
    data[60:80] = b"\xff" * 20
    path.write_bytes(data)

    with opened(path, "a.docx") as parts, pytest.raises(BrokenFileError):
        parts.read("a.xml")


def test_an_encrypted_part_is_named_as_such(tmp_path):
    path = archive(tmp_path, {"a.xml": b"<a/>"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    with opened(path, "a.docx") as parts, pytest.raises(ReadError, match="is encrypted"):
        parts.read("a.xml")


class Told:
    def __init__(self):
        self.events = []

    def start(self, tag, attributes):
        self.events.append(f"<{tag}>")

    def end(self, tag):
        self.events.append(f"</{tag}>")

    def data(self, text):
        self.events.append(text)


def test_elements_come_without_namespaces_and_without_what_is_skipped():
    told = Told()

    feed(
        io.BytesIO(b'<w:p xmlns:w="x"><w:t>a</w:t><w:del><w:t>b</w:t></w:del></w:p>'),
        told,
        "a.docx",
        skipped=("del",),
    )

    assert told.events == ["<p>", "<t>", "a", "</t>", "</p>"]


def test_entities_that_grow_are_refused():
    told = Told()
    tens = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefgh"))
    laughs = f'<!DOCTYPE z [<!ENTITY a "{"ha" * 500}">{tens}]><z>&h;</z>'

    with pytest.raises(BrokenFileError, match="XML that cannot be read"):
        feed(io.BytesIO(laughs.encode()), told, "a.docx")

    assert sum(map(len, told.events)) < 10_000_000


def test_entities_of_other_files_are_not_fetched():
    told = Told()
    fetches = b'<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/hostname">]><z>&a;</z>'

    feed(io.BytesIO(fetches), told, "a.docx")

    assert told.events == ["<z>", "</z>"]


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a><", b"\x00\x01"])
def test_what_is_no_xml_is_named_as_broken(data):
    with pytest.raises(BrokenFileError, match="XML"):
        feed(io.BytesIO(data), Told(), "a.docx")
    with pytest.raises(BrokenFileError, match="XML"):
        tree(data, "a.docx")
