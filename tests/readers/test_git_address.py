from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.errors import GitAddressError
from docqa.readers.git import GitAddress, is_git_address
from docqa.readers.home_paths import expanded

OWNER = "owner/name"


@pytest.mark.parametrize(
    ("text", "url", "scheme", "host", "name"),
    [
        ("https://github.com/pallets/flask", None, "https", "github.com", "flask"),
        (" https://github.com/pallets/flask.git/ ", None, "https", "github.com", "flask"),
        ("https://git.example.org:8443/a/b.git", None, "https", "git.example.org:8443", "b"),
        ("ssh://git@host.example/a/b.git", None, "ssh", "host.example", "b"),
        ("git@github.com:pallets/flask.git", None, "ssh", "github.com", "flask"),
        ("http://127.0.0.1:8000/a/b.git", None, "http", "127.0.0.1:8000", "b"),
        ("http://[::1]:8000/a/b.git", None, "http", "[::1]:8000", "b"),
    ],
)
def test_addresses_of_repositories_are_taken(text, url, scheme, host, name):
    address = GitAddress.parse(text)

    assert (address.scheme, address.host, address.name) == (scheme, host, name)
    assert address.url == text.strip().rstrip("/")
    assert address.display == address.url
    assert is_git_address(text)


def test_the_page_of_a_branch_is_the_repository_at_that_branch():
    address = GitAddress.parse("https://github.com/pallets/flask/tree/3.0.x")
    deep = GitAddress.parse("https://gitlab.com/group/sub/name/-/tree/feature/x")

    assert (address.url, address.ref) == ("https://github.com/pallets/flask", "3.0.x")
    assert (deep.url, deep.ref) == ("https://gitlab.com/group/sub/name", "feature/x")


def test_a_repository_of_this_machine_is_an_address_of_a_file(tmp_path):
    (tmp_path / "my tree" / ".git").mkdir(parents=True)
    bare = tmp_path / "bare.git"
    for name in ("objects", "refs"):
        (bare / name).mkdir(parents=True)
    (bare / "HEAD").write_text("ref: refs/heads/main\n")

    address = GitAddress.parse(str(tmp_path / "my tree"))

    assert address.url.startswith("file:///")
    assert address.url.endswith("/my%20tree")
    assert address.display == str(tmp_path / "my tree")
    assert GitAddress.parse(address.url) == address
    assert GitAddress.parse(str(bare)).name == "bare"
    assert is_git_address(str(bare))
    assert not is_git_address(str(tmp_path / "my tree"))
    assert not is_git_address(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ext::sh -c touch% owned",
        "ext::git-upload-pack x",
        "fd::17",
        "transport::address",
        "--upload-pack=touch owned",
        "-oProxyCommand=touch owned",
        "ssh://-oProxyCommand=touch/x",
        "ssh://git@-oProxyCommand=touch/x",
        "git@-oProxyCommand=touch:x",
        "-u@host:path",
        "git@host:-x",
        "https://host/--upload-pack=x/y.git",
        "https://host/%2D-upload-pack/y.git",
        "http://example.org/a/b.git",
        "git://example.org/a/b.git",
        "ftp://example.org/a/b.git",
        "https:///a/b.git",
        "https://host name/a.git",
        "https://example.org",
        "https://example.org/a/b.git?x=1",
        "https://example.org:port/a.git",
        "https://exam\nple.org/a.git",
        "file://elsewhere/home/x",
        "file:///no/such/repository",
        "/no/such/repository",
        "x" * 3_000,
    ],
)
def test_other_transports_options_and_what_is_no_address_are_refused(text):
    with pytest.raises(GitAddressError):
        GitAddress.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"https://ann:s3cr3t@example.org/{OWNER}",
        f"https://s3cr3t@example.org/{OWNER}",
        f"ssh://ann:s3cr3t@example.org/{OWNER}",
        f"ftp://ann:s3cr3t@example.org/{OWNER}",
        f"ext::https://ann:s3cr3t@example.org/{OWNER}",
        f"https://ann:s3cr3t@example.org/{OWNER}\x07",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(text):
    with pytest.raises(GitAddressError) as caught:
        GitAddress.parse(text)

    error = caught.value
    assert "s3cr3t" not in f"{error} {error.hint} {error.address} {error.__cause__}"


@pytest.mark.parametrize(
    "text",
    [
        "https://user:pa/ssw0rd@host/x.git",
        "https://user:p@ss/w0rd@host/x.git",
        "https://user:p@[ss/w0rd@host/x.git",
        "https://user:p@ss w0rd@host/x.git",
        "https://user:12/ssw0rd@host/x.git",
        "user:ssw0rd@host.io:x/y.git",
        "user:ssw0rd@host.io/y.git",
        "user:pa/ssw0rd@host.io:x/y.git",
        "git@user:p@ssw0rd@host.io:x/y.git",
        "user:-ssw0rd@host.io/y.git",
    ],
)
def test_no_part_of_a_password_is_shown_or_stored_whatever_is_in_it(text):
    with pytest.raises(GitAddressError) as caught:
        GitAddress.parse(text)

    error = caught.value
    assert "w0rd" not in f"{error} {error.hint} {error.address}"
    assert "user:" not in f"{error} {error.address}"


def test_an_at_sign_may_stand_in_the_name_of_a_repository():
    assert GitAddress.parse("git@host.io:team/x@2.git").name == "x@2"


def test_who_gives_credentials_is_told_of_the_setting():
    with pytest.raises(GitAddressError) as caught:
        GitAddress.parse("https://token@github.com/a/b")

    assert "DOCQA_GIT_TOKEN" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/a/b", True),
        ("https://example.org/team/b.git", True),
        ("https://gitlab.example.org/team/b", True),
        ("https://example.org/report.pdf", False),
        ("https://github.com/a", False),
        ("ssh://host/x", True),
        ("git://host/x", True),
        ("ext::sh -c x", True),
        ("git@host:x", True),
        ("notes.txt", False),
        ("C:\\papers", False),
        ("report: final.pdf", False),
        ("--help", False),
    ],
)
def test_what_is_meant_as_a_repository_is_told_from_other_inputs(text, expected):
    assert is_git_address(text) is expected


PIECES = st.sampled_from(
    (
        *("https://", "ssh://", "git@", "ext::", "file://", "-", "--", "@", ":", "/", "..", "%2d"),
        *("host", "example.org", "a.git", "?", "#", " ", "\n", "é", "[::1]", "\x00", "~", "\\"),
    )
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map("".join)))
def test_whatever_is_typed_git_gets_no_option_transport_or_credentials(text):
    is_git_address(text)
    try:
        address = GitAddress.parse(text)
    except GitAddressError:
        return

    assert address.scheme in ("https", "http", "ssh", "file")
    assert not address.url.startswith("-")
    assert not address.host.startswith("-")
    assert address.url.isprintable()
    assert "::" not in address.url.replace("[::1]", "")
    assert address.scheme == "ssh" or "@" not in address.url.partition("://")[2].partition("/")[0]
    assert address.name
    assert "/" not in address.name


def test_a_user_who_does_not_exist_has_no_home():
    assert expanded("~nobody-of-this-name/app") == Path("~nobody-of-this-name/app")
