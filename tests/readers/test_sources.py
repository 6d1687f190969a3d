import errno
import os
import stat
import warnings
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docqa.errors import (
    ArchiveBombError,
    BrokenFileError,
    FileTooLargeError,
    NotBuiltError,
    ReadError,
    UnsafePathError,
)
from docqa.readers.sources import SourceLimits, extract_member, is_archive, is_remote, list_source


@pytest.fixture
def tree(tmp_path):
    def tree(**files):
        root = tmp_path / "tree"
        root.mkdir(exist_ok=True)
        for path, data in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data if isinstance(data, bytes) else data.encode())
        return root

    return tree


@pytest.fixture
def archive(tmp_path):
    def archive(members, name="code.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for member, data in members:
                out.writestr(member, data)
        return path

    return archive


def paths(listing):
    return [file.path for file in listing.files]


def test_a_folder_is_listed_in_path_order_with_what_was_left_out(tree):
    root = tree(
        **{
            "b/z.py": "x",
            "b.py": "x",
            "a.md": "x",
            ".git/config": "x",
            "logo.png": b"\x89PNG\x00\x00",
            "b/__init__.py": "",
        }
    )

    listing = list_source(root)

    assert listing.kind == "folder"
    assert listing.name == "tree"
    assert paths(listing) == ["a.md", "b/z.py", "b.py"]
    assert dict(listing.skipped)["b/__init__.py"] == "empty"
    assert "picture" in dict(listing.skipped)["logo.png"]
    assert all(file.size == 1 and file.location.is_file() for file in listing.files)


def test_gitignore_rules_nest_and_can_be_negated(tree):
    root = tree(
        **{
            ".gitignore": "*.log\nbuild/\n/only_top.txt\n",
            "sub/.gitignore": "!keep.log\nlocal.txt\n",
            "a.log": "x",
            "sub/keep.log": "x",
            "sub/other.log": "x",
            "sub/local.txt": "x",
            "build/out.txt": "x",
            "only_top.txt": "x",
            "sub/only_top.txt": "x",
            "local.txt": "x",
        }
    )

    listing = list_source(root)

    assert paths(listing) == [
        ".gitignore",
        "local.txt",
        "sub/.gitignore",
        "sub/keep.log",
        "sub/only_top.txt",
    ]
    assert dict(listing.skipped)["build/"] == "ignored by .gitignore"


def test_huge_files_are_skipped_and_named(tree):
    listing = list_source(tree(**{"a.txt": "x" * 50}), limits=SourceLimits(max_file_bytes=10))

    assert listing.files == ()
    assert "limit" in dict(listing.skipped)["a.txt"]


def test_links_that_leave_the_folder_are_refused_by_name(tree, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    root = tree(**{"real.txt": "x"})
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    (root / "same.txt").symlink_to("real.txt")
    (root / "loop").symlink_to("loop")
    (root / "gone").symlink_to("nowhere")

    listing = list_source(root)

    skipped = dict(listing.skipped)
    assert paths(listing) == ["real.txt"]
    assert "refused" in skipped["out.txt"]
    assert "refused" in skipped["up"]
    assert "'real.txt'" in skipped["same.txt"]
    assert "nowhere" in skipped["loop"]
    assert "nowhere" in skipped["gone"]


def test_what_is_no_regular_file_is_not_opened(tree):
    root = tree(**{"a.txt": "x"})
    os.mkfifo(root / "pipe")

    assert ("pipe", "not a regular file") in list_source(root).skipped


def test_names_that_are_no_text_are_skipped_and_shown_escaped(tree):
    root = tree(**{"a.txt": "x"})
    with open(os.fsencode(root) + b"/bad\xff.txt", "wb") as file:
        file.write(b"x")
    (root / "line\nfeed.txt").write_text("x")

    skipped = dict(list_source(root).skipped)

    assert "its name is not valid text" in skipped["bad\\udcff.txt"]
    assert "line\\nfeed.txt" in skipped


def test_a_folder_with_too_many_files_is_refused(tree):
    with pytest.raises(ReadError, match="more than 1 files"):
        list_source(tree(**{"a.txt": "x", "b.txt": "x"}), limits=SourceLimits(max_files=1))


def test_an_archive_is_listed_like_a_folder(archive):
    path = archive(
        [
            ("top/b.py", "x = 1"),
            ("top/.gitignore", "*.log\nout/\n"),
            ("top/a.log", "x"),
            ("top/out/c.txt", "x"),
            ("top/.git/config", "x"),
            ("top/in.zip", b"PK\x03\x04\x00"),
            ("top/empty.py", ""),
            ("top/image.gif", b"GIF89a\x00"),
        ]
    )

    listing = list_source(path)

    skipped = dict(listing.skipped)
    assert listing.kind == "archive"
    assert paths(listing) == ["top/.gitignore", "top/b.py"]
    assert skipped["top/in.zip"] == "an archive; unpack it to add what is in it"
    assert skipped["top/a.log"] == skipped["top/out/"] == "ignored by .gitignore"
    assert skipped["top/empty.py"] == "empty"


@pytest.mark.parametrize(
    "member", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "..\\evil.txt", "C:\\evil.txt"]
)
def test_members_that_climb_out_are_refused_by_name(archive, tmp_path, member):
    path = archive([("good.txt", "x"), (member, "x")])

    with pytest.raises(UnsafePathError, match="evil"):
        list_source(path)
    with pytest.raises(UnsafePathError):
        extract_member(path, member, tmp_path, 1_000)


def test_links_in_an_archive_are_refused_by_name(archive):
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    listing = list_source(archive([("a.txt", "x"), (link, "/etc/passwd")]))

    assert paths(listing) == ["a.txt"]
    assert "refused" in dict(listing.skipped)["link.txt"]


def test_zip_bombs_are_refused(archive):
    with pytest.raises(ArchiveBombError, match=r"bomb\.txt"):
        list_source(archive([("bomb.txt", b"\0" * 30_000_000)]))
    with pytest.raises(ArchiveBombError, match="3 files"):
        list_source(
            archive([(f"{n}.txt", "x") for n in range(3)]), limits=SourceLimits(max_files=2)
        )
    with pytest.raises(ArchiveBombError, match="unpacks to"):
        list_source(
            archive([("a.txt", "x" * 99), ("b.txt", "x" * 99)]),
            limits=SourceLimits(max_unpacked_bytes=100),
        )


def test_a_member_that_claims_to_be_small_is_stopped_at_the_limit(archive, tmp_path):
    path = archive([("big.txt", "words " * 10_000)])

    with pytest.raises(FileTooLargeError):
        extract_member(path, "big.txt", tmp_path, 100)


def test_a_member_is_unpacked_under_a_name_of_ours(archive, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    target = extract_member(archive([("deep/down/a.py", "x = 1")]), "deep/down/a.py", out, 1_000)

    assert target.read_text() == "x = 1"
    assert target.parent == out
    assert list(out.iterdir()) == [target]


MEMBERS = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from(["a", "..", ".", "", "node_modules", "x.py", "C:", "\\"])).map(
            "/".join
        ),
    ),
    max_size=5,
)


@given(MEMBERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_members_are_called_only_safe_paths_are_listed(tmp_path, members):
    path = tmp_path / "any.zip"
    with zipfile.ZipFile(path, "w") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that occur twice
        for member in members:
            try:
                out.writestr(member, "x = 1")
            except (UnicodeEncodeError, IndexError, ValueError):
                continue  # a name that no archive can have

    try:
        listing = list_source(path)
    except UnsafePathError:
        return

    for file in listing.files:
        assert file.path.isprintable()
        assert not file.path.startswith("/")
        assert ".." not in file.path.split("/")
    for left in listing.left_out:
        assert left.path.isprintable()


def test_a_missing_or_damaged_member_is_a_read_error(archive, tmp_path):
    path = archive([("a.txt", "words and more words " * 50)])
    with pytest.raises(ReadError, match="not in the archive"):
        extract_member(path, "b.txt", tmp_path, 1_000)

    data = bytearray(path.read_bytes())
    data[45:60] = b"\xff" * 15
    path.write_bytes(data)

    with pytest.raises(BrokenFileError):
        extract_member(path, "a.txt", tmp_path, 10_000)


@pytest.fixture
def damaged(tmp_path):
    def damaged(how, name):
        """An archive of a damaged member of this name, and of one that is not."""
        path = tmp_path / "code.zip"
        with zipfile.ZipFile(path, "w") as out:
            out.writestr(name, " ".join(map(str, range(200))), how)
            out.writestr("b.txt", "words")
        data = bytearray(path.read_bytes())
        begin = 30 + len(name)
        data[begin + 9 : begin + 40] = b"\xff" * 31
        path.write_bytes(data)
        return path

    return damaged


COMPRESSIONS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("name", [".gitignore", "a.txt"])
@pytest.mark.parametrize("how", COMPRESSIONS)
def test_a_damaged_member_fails_no_other(damaged, tmp_path, how, name):
    path = damaged(how, name)

    assert "b.txt" in paths(list_source(path))
    assert extract_member(path, "b.txt", tmp_path, 1_000).read_text() == "words"
    with pytest.raises(BrokenFileError):
        extract_member(path, name, tmp_path, 10_000)


def test_a_member_whose_own_name_is_no_text_fails_no_other(tmp_path):
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("é.txt", "words")
        out.writestr("b.txt", "words")
    data = path.read_bytes()
    path.write_bytes(data.replace("é".encode(), b"\xff\xff", 1))

    assert "b.txt" in paths(list_source(path))
    with pytest.raises(BrokenFileError):
        extract_member(path, "é.txt", tmp_path, 10_000)


def test_a_full_disk_is_no_damage_of_the_archive(archive, tmp_path, monkeypatch):
    path = archive([("a.txt", "words")])

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("docqa.readers.archives._chunks", full)

    with pytest.raises(OSError, match="No space left"):
        extract_member(path, "a.txt", tmp_path, 1_000)


def test_a_single_file_is_its_own_source(tree):
    listing = list_source(tree(**{"a.txt": "x"}) / "a.txt")

    assert (listing.kind, paths(listing)) == ("file", ["a.txt"])


def test_only_zip_archives_are_opened(archive, tree):
    path = archive([("a.txt", "x")])

    assert is_archive(path, "code.zip")
    assert not is_archive(path, "letter.docx")
    assert not is_archive(tree(**{"a.zip": "no archive"}) / "a.zip", "a.zip")


def test_an_office_file_is_no_archive_whatever_it_is_called(archive):
    letter = archive([("[Content_Types].xml", "x"), ("word/document.xml", "x")])

    assert not is_archive(letter, "letter")
    assert not is_archive(letter, "letter.zip")


def test_an_archive_of_office_files_is_one(archive):
    assert is_archive(archive([("letter.docx", "word/document.xml")]), "letters.zip")


@pytest.mark.parametrize(
    "url", ["https://example.org/x.git", "git@example.org:x/y.git", "ssh://git@example.org/x"]
)
def test_addresses_are_not_built_yet(url):
    assert is_remote(url)
    with pytest.raises(NotBuiltError, match="not built yet"):
        list_source(url)


def test_a_path_that_does_not_exist_is_a_read_error(tmp_path):
    with pytest.raises(ReadError, match="no such"):
        list_source(tmp_path / "nothing")
