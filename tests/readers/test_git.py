import base64
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from docqa.errors import (
    EmptyRepositoryError,
    GitAccessError,
    GitCancelledError,
    GitError,
    GitMissingError,
    GitRefError,
    GitUnreachableError,
    RepositoryTooLargeError,
)
from docqa.readers.git import (
    Commit,
    FetchLimits,
    GitAddress,
    GitCredentials,
    TreeChange,
    blame,
    changes,
    fetch,
    log,
    read_blobs,
    size_hint,
    tree,
    working_tree,
)
from docqa.readers.git_messages import translated
from docqa.readers.git_process import Git
from docqa.readers.sources import SourceLimits
from tests.readers.repository_maker import Repository

TOKEN = "tok-0123456789abcdef"


@pytest.fixture
def origin(tmp_path):
    return Repository(tmp_path / "origin")


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept" / "origin.git"


@pytest.fixture
def server():
    """A server of this machine that answers every request alike, and keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append((self.path, self.headers.get("Authorization")))
            self.send_response(self.server.status)
            for name, value in self.server.answer.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as served:
        served.asked, served.status, served.answer = [], 401, {"WWW-Authenticate": "Basic"}
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def address_of(repository):
    return GitAddress.parse(str(repository.folder))


def http_address(server):
    return GitAddress.parse(f"http://127.0.0.1:{server.server_address[1]}/ann/secret.git")


def paths(listing):
    return [file.path for file in listing.files]


def test_one_commit_is_fetched_without_a_working_tree(origin, kept):
    first = origin.commit({"a.py": "a = 1\n"}, "First")
    second = origin.commit({"b/c.py": "c = 1\n"}, "Second")
    told = []

    fetched = fetch(address_of(origin), kept, on_progress=lambda *step: told.append(step))

    assert (fetched.revision, fetched.ref) == (second, "main")
    assert fetched.committed_at > 0
    assert fetched.bytes > 0
    assert [commit.id for commit in log(kept, "", second)] == [second]
    assert not (kept / "index").exists()
    assert not list(kept.glob("**/*.py"))
    assert first != second
    assert all(stage.islower() and done <= (total or done) for stage, done, total in told)


def test_branches_tags_and_commits_are_found_by_name(origin, kept):
    first = origin.commit({"a.py": "a = 1\n"})
    origin.git("tag", "--annotate", "v1", "--message", "One")
    origin.git("branch", "side/way")
    last = origin.commit({"a.py": "a = 2\n"})
    address = address_of(origin)

    hint = size_hint(address)

    assert (hint.revision, hint.ref, hint.default_branch) == (last, "main", "main")
    assert (hint.branches, hint.tags) == (("main", "side/way"), ("v1",))
    assert size_hint(address, ref="v1").revision == first
    for ref in ("v1", "side/way", first, "refs/tags/v1"):
        assert fetch(address, kept, ref=ref).revision == first
    assert fetch(address, kept).revision == last


@pytest.mark.parametrize(
    "ref",
    ["nowhere", "--upload-pack=x", "-x", "a..b", "a b", "x~1", "HEAD^", "a\n", "@{1}", "a" * 300],
)
def test_a_ref_that_is_not_there_or_no_ref_is_refused(origin, kept, ref):
    origin.commit({"a.py": "a = 1\n"})

    with pytest.raises(GitRefError):
        fetch(address_of(origin), kept, ref=ref)

    assert not kept.exists()


def test_an_update_tells_what_changed_and_keeps_what_was(origin, kept):
    old = origin.commit({"a.py": "1\n", "b.py": "b\n", "same.py": "s\n"}, "Begin")
    fetch(address_of(origin), kept)
    origin.commit({"a.py": "2\n"}, "Change a")
    (origin.folder / "b.py").unlink()
    new = origin.commit({"c.py": "c\n"}, "Replace b")

    fetch(address_of(origin), kept)

    assert changes(kept, old, new) == (
        TreeChange("a.py", "changed"),
        TreeChange("b.py", "deleted"),
        TreeChange("c.py", "added"),
    )
    assert [commit.subject for commit in log(kept, old, new)] == ["Replace b", "Change a"]
    assert log(kept, old, new)[0] == Commit(
        new, "Ann Author", log(kept, old, new)[0].at, "Replace b"
    )
    assert paths(tree(kept, old)) == ["a.py", "b.py", "same.py"]


def test_history_that_was_rewritten_is_an_update_like_others(origin, kept):
    origin.commit({"a.py": "1\n"})
    old = fetch(address_of(origin), kept).revision
    origin.git("checkout", "--quiet", "--orphan", "again")
    origin.commit({"a.py": "other\n"})
    origin.git("branch", "--force", "main")

    new = fetch(address_of(origin), kept, ref="main").revision

    assert changes(kept, old, new) == (TreeChange("a.py", "changed"),)


def test_blame_knows_what_was_fetched(origin, kept):
    first = origin.commit({"a.py": "one\ntwo\nthree\n"}, "First <b>words</b>")
    second = origin.commit({"a.py": "one\n2\nthree\n"}, "Second")

    fetch(address_of(origin), kept)
    shallow = blame(kept, second, "a.py")
    fetch(address_of(origin), kept, history=True)
    whole = blame(kept, second, "a.py")

    assert [(line.first, line.last, line.boundary) for line in shallow] == [(1, 3, True)]
    assert [(line.first, line.last, line.commit) for line in whole] == [
        (1, 1, first),
        (2, 2, second),
        (3, 3, first),
    ]
    assert not any(line.boundary for line in whole)
    assert (whole[0].summary, whole[0].author) == ("First <b>words</b>", "Ann Author")
    with pytest.raises(GitError):
        blame(kept, second, "no.py")


def test_the_tree_of_a_commit_is_sifted_and_odd_entries_are_named(origin, kept):
    origin.write(b"bad\xff.py", "x")
    origin.write("line\nfeed.py", "x")
    (origin.folder / "loop").symlink_to("loop")
    (origin.folder / "out").symlink_to("/etc/passwd")
    Repository(origin.folder / "sub").commit({"inner.py": "x\n"})
    origin.commit(
        {
            ".gitignore": "made/\n",
            ".gitattributes": "*.api linguist-generated\n",
            ".docqaignore": "notes/\n",
            "app.py": "run()\n",
            "schema.api": "x\n",
            "notes/todo.md": "x\n",
            "vendor/lib/x.go": "package x\n",
            "vendor/lib/y.go": "package y\n",
            "yarn.lock": "x\n",
            "logo.png": b"\x89PNG\x00\x00",
            "dump.sql": "x\n" * 600_000,
        }
    )
    origin.write("made/forced.py", "kept()\n")
    origin.git("add", "--force", "made/forced.py")
    revision = origin.commit()
    fetch(address_of(origin), kept)

    listing = tree(kept, revision, name="origin")
    back = tree(kept, revision, put_back=["vendor/", "dump.sql"])

    assert (listing.kind, listing.name, listing.revision) == ("git", "origin", revision)
    assert paths(listing) == [
        ".docqaignore",
        ".gitattributes",
        ".gitignore",
        "app.py",
        "made/forced.py",
    ]
    assert {each.path: each.category for each in listing.left_out} == {
        "bad\\udcff.py": "unsafe",
        "line\\nfeed.py": "unsafe",
        "loop": "link",
        "out": "link",
        "sub": "submodule",
        "schema.api": "generated",
        "notes/": "ignored",
        "vendor/": "vendored",
        "yarn.lock": "lock",
        "logo.png": "binary",
        "dump.sql": "huge",
    }
    assert {"vendor/lib/x.go", "dump.sql"} < set(paths(back))
    blob = next(file.location.blob_id for file in listing.files if file.path == "app.py")
    assert list(read_blobs(kept, [blob, blob])) == [(blob, b"run()\n")] * 2


def test_rules_that_are_submodules_and_links_of_megabytes_fail_no_tree(origin, kept):
    Repository(origin.folder / "x" / ".docqaignore").commit({"inner.py": "x\n"})
    origin.commit({"app.py": "run()\n", "link": "x" * 20_000_001})
    blob = origin.git("rev-parse", "HEAD:link")
    origin.git("update-index", "--cacheinfo", f"120000,{blob},link")
    origin.git("commit", "--quiet", "--message", "Link")
    fetch(address_of(origin), kept)

    listing = tree(kept, origin.git("rev-parse", "HEAD"))

    assert paths(listing) == ["app.py"]
    assert {each.path: each.reason for each in listing.left_out} == {
        "link": "a symbolic link, not followed",
        "x/.docqaignore": "a submodule, not fetched",
    }


def test_a_tree_with_too_many_files_is_refused(origin, kept):
    revision = origin.commit({f"{number}.py": "x\n" for number in range(4)})
    fetch(address_of(origin), kept)

    with pytest.raises(GitError, match="full name of a commit"):
        tree(kept, "main")
    with pytest.raises(GitError):
        tree(kept, "0" * 40)
    with pytest.raises(Exception, match="more than 3 files"):
        tree(kept, revision, limits=SourceLimits(max_files=3))


def test_blobs_that_are_not_there_or_too_large_are_errors(origin, kept):
    origin.commit({"a.py": "x" * 100})
    revision = fetch(address_of(origin), kept).revision
    blob = tree(kept, revision).files[0].location.blob_id

    with pytest.raises(GitError, match="has no file"):
        list(read_blobs(kept, ["1" * 40]))
    with pytest.raises(GitError):
        list(read_blobs(kept, ["HEAD\n" + blob]))
    with pytest.raises(Exception, match="limit"):
        list(read_blobs(kept, [blob], limit=10))


def test_an_empty_repository_is_told_as_one(origin, kept):
    with pytest.raises(EmptyRepositoryError):
        fetch(address_of(origin), kept)
    with pytest.raises(EmptyRepositoryError):
        size_hint(address_of(origin))


def test_a_fetch_that_is_cancelled_or_too_large_leaves_what_was(origin, kept):
    old = origin.commit({"a.py": "a\n"})
    told = []
    with pytest.raises(GitCancelledError):
        fetch(address_of(origin), kept, cancelled=lambda: True)
    with pytest.raises(GitCancelledError):
        fetch(
            address_of(origin),
            kept,
            on_progress=lambda *step: told.append(step),
            cancelled=lambda: bool(told),
        )
    assert told
    assert not kept.exists()

    fetch(address_of(origin), kept)
    origin.commit({"big.txt": "".join(f"{number**7}\n" for number in range(20_000))})
    with pytest.raises(RepositoryTooLargeError):
        fetch(address_of(origin), kept, limits=FetchLimits(max_fetch_bytes=10_000))

    assert paths(tree(kept, old)) == ["a.py"]
    assert not list(kept.glob("objects/pack/tmp_*"))


def test_what_a_killed_fetch_left_is_in_nobodys_way(origin, kept):
    origin.commit({"a.py": "a\n"})
    fetch(address_of(origin), kept)
    new = origin.commit({"a.py": "b\n"})
    for left in (kept / "shallow.lock", kept / "objects" / "pack" / "tmp_pack_x"):
        left.write_text("")
        os.utime(left, (0, 0))

    assert fetch(address_of(origin), kept).revision == new
    assert not list(kept.glob("objects/pack/tmp_*"))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:9/a/b.git", "ssh://git@127.0.0.1:9/a/b.git", "http://127.0.0.1:9/b"]
)
def test_a_host_that_does_not_answer_is_unreachable(kept, url):
    with pytest.raises(GitUnreachableError, match=r"127\.0\.0\.1"):
        fetch(GitAddress.parse(url), kept)

    assert not kept.exists()


def test_a_private_repository_without_a_token_says_which_setting_helps(server, kept):
    with pytest.raises(GitAccessError) as caught:
        fetch(http_address(server), kept)

    assert "DOCQA_GIT_TOKEN" in caught.value.hint
    assert all(authorization is None for _, authorization in server.asked)


def test_a_token_goes_to_its_host_and_into_no_message_or_file(server, kept):
    address = http_address(server)
    credentials = GitCredentials(address.host, TOKEN)

    with pytest.raises(GitAccessError) as caught:
        fetch(address, kept, credentials=credentials)

    sent = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert (server.asked[0][1] or "") == f"Basic {sent}"
    assert TOKEN not in f"{caught.value} {caught.value.hint} {credentials!r}"
    assert sent not in f"{caught.value}"
    assert not kept.exists()


def test_a_token_is_not_sent_to_other_hosts(server, kept):
    with pytest.raises(GitAccessError):
        fetch(http_address(server), kept, credentials=GitCredentials("github.com", TOKEN))

    assert server.asked
    assert all(authorization is None for _, authorization in server.asked)


def test_a_redirect_takes_no_token_along(server, kept):
    address = http_address(server)
    server.status, server.answer = 302, {"Location": "http://127.0.0.1:9/elsewhere.git"}

    with pytest.raises(GitError) as caught:
        fetch(address, kept, credentials=GitCredentials(address.host, TOKEN))

    assert len(server.asked) == 1
    assert TOKEN not in str(caught.value)


def test_git_knows_no_configuration_and_no_transport_but_ours(origin):
    git = Git("x", address=GitAddress.parse("https://example.org/a/b.git"))

    environment = git.environment()

    assert environment["GIT_ALLOW_PROTOCOL"] == "https"
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert environment["GIT_CONFIG_GLOBAL"] == "/dev/null"
    assert not any(name.startswith("DOCQA_") for name in environment)
    assert "core.hooksPath" in environment.values()
    assert Git("x").environment()["GIT_ALLOW_PROTOCOL"] == ""


def test_a_working_tree_tells_its_commit_and_runs_nothing_of_its_own(origin, tmp_path):
    marker = tmp_path / "owned"
    origin.git("config", "core.fsmonitor", f"touch {marker}")
    origin.git("config", "filter.evil.clean", f"touch {marker}; cat")
    revision = origin.commit({"a.py": "a\n", "b.py": "b\n", "sub/c.py": "c\n", "gone.py": "g\n"})
    origin.write(".gitattributes", "*.py filter=evil\n")
    origin.write("b.py", "B\n")
    origin.write("new.py", "n\n")
    (origin.folder / "gone.py").unlink()
    marker.unlink(missing_ok=True)

    found = working_tree(origin.folder)
    asked = working_tree(origin.folder, ["a.py", "b.py", "new.py"])
    below = working_tree(origin.folder / "sub")

    assert found.revision == asked.revision == below.revision == revision
    assert found.dirty == {"b.py", "gone.py"}
    assert asked.dirty == {"b.py", "new.py"}
    assert below.dirty == frozenset()
    assert not marker.exists()


def test_blame_of_a_users_own_repository_runs_none_of_its_converters(origin, tmp_path):
    marker = tmp_path / "owned"
    revision = origin.commit({"a.py": "one\n"})
    origin.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    for attributes in (".git/info/attributes", ".git/.gitattributes", ".gitattributes"):
        origin.write(attributes, "*.py diff=evil\n")

    lines = blame(origin.folder / ".git", revision, "a.py")

    assert [(line.first, line.last, line.commit) for line in lines] == [(1, 1, revision)]
    assert not marker.exists()


def test_a_folder_that_git_does_not_keep_has_no_commit(origin, tmp_path):
    (tmp_path / "plain").mkdir()

    assert working_tree(tmp_path / "plain") is None
    assert working_tree(origin.folder) is None


def test_a_machine_without_git_is_told_how_to_get_it(origin, kept, monkeypatch):
    address = address_of(origin)
    monkeypatch.setenv("PATH", str(kept))

    with pytest.raises(GitMissingError) as caught:
        fetch(address, kept)

    assert "apt-get install git" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "fatal: unable to access 'x': Could not resolve host: nowhere.example",
            GitUnreachableError,
        ),
        ("ssh: Could not resolve hostname x: Name or service not known", GitUnreachableError),
        ("fatal: unable to access 'x': SSL certificate problem: expired", GitUnreachableError),
        ("error: RPC failed; curl 18\nfatal: early EOF", GitUnreachableError),
        ("remote: Repository not found.\nfatal: repository 'x' not found", GitAccessError),
        (
            "fatal: could not read Username for 'https://x': terminal prompts disabled",
            GitAccessError,
        ),
        (
            "git@x: Permission denied (publickey).\nfatal: Could not read from remote",
            GitAccessError,
        ),
        ("Host key verification failed.\nfatal: Could not read from remote", GitAccessError),
        ("fatal: unable to access 'https://ssl.x/': returned error: 403", GitAccessError),
        ("fatal: detected dubious ownership in repository at '/x'", GitAccessError),
        ("fatal: couldn't find remote ref refs/heads/x", GitRefError),
        ("error: Server does not allow request for unadvertised object 12ab", GitRefError),
        ("fatal: transport 'ext' not allowed", GitError),
        (
            "error: object 1: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
            GitError,
        ),
        ("", GitError),
    ],
)
def test_what_git_says_becomes_an_error_of_ours(said, expected):
    error = translated("name", said, GitAddress.parse("https://example.org/a/b.git"))

    assert type(error) is expected
    assert error.hint
