import io
import zipfile

import pytest

from docqa.errors import ArchiveBombError, BrokenFileError
from docqa.readers.office.zipped import open_zipped


def file(tmp_path, members, compression=zipfile.ZIP_DEFLATED):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_members_are_read_by_name_and_in_parts(tmp_path):
    with open_zipped(file(tmp_path, {"word/document.xml": b"abcdef"}), "a.docx") as document:
        assert "word/document.xml" in document
        assert "word/other.xml" not in document
        assert document.size("word/document.xml") == 6
        assert document.read("word/document.xml") == b"abcdef"
        assert list(document.chunks("word/document.xml", 4)) == [b"abcd", b"ef"]
        with pytest.raises(BrokenFileError, match="missing"):
            document.read("word/other.xml")


def test_a_bomb_is_refused_before_anything_is_unpacked(tmp_path):
    path = file(tmp_path, {"word/document.xml": bytes(30_000_000)})

    with pytest.raises(ArchiveBombError, match="30 MB"), open_zipped(path, "a.docx"):
        pass


def test_a_file_of_too_many_parts_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("docqa.readers.office.zipped.MOST_MEMBERS", 3)
    path = file(tmp_path, {f"{n}.xml": b"" for n in range(4)})

    with pytest.raises(ArchiveBombError, match="4 parts"), open_zipped(path, "a.docx"):
        pass


def test_what_is_no_zip_file_or_damaged_is_said(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(BrokenFileError, match="opened"), open_zipped(path, "a.docx"):
        pass

    data = bytearray(file(tmp_path, {"a.xml": b"words" * 99}, zipfile.ZIP_STORED).read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with open_zipped(path, "a.docx") as document, pytest.raises(BrokenFileError, match="unpacked"):
        document.read("a.xml")


def test_a_part_too_large_to_be_held_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("docqa.readers.office.zipped.MOST_PART_BYTES", 3)

    with (
        open_zipped(file(tmp_path, {"a.xml": b"words"}), "a.docx") as document,
        pytest.raises(ArchiveBombError),
    ):
        document.read("a.xml")


def test_an_encrypted_member_is_told_from_a_damaged_one(tmp_path):
    out = io.BytesIO(file(tmp_path, {"a.xml": b"words"}).read_bytes())
    data = bytearray(out.getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "b.docx"
    path.write_bytes(data)

    with pytest.raises(BrokenFileError, match="password"), open_zipped(path, "b.docx"):
        pass
