"""Which files of a tree are not worth reading, by name, size and first bytes. Pure.

Only trees are sifted: a file that is added for itself is always read.
"""

import re

from docqa.core.left_out import LeftOut, LeftOutCategory
from docqa.readers.formats import format_of
from docqa.readers.signatures import unsupported_reason
from docqa.readers.text import MARKDOWN_SUFFIXES, TEXT_SUFFIXES

HEAD_BYTES = 16_384
"""First bytes of a file that are looked at."""
HUGE_BYTES = 1_000_000
"""Code and data beyond this are not written by hand."""
HUGE_PROSE_BYTES = 5_000_000
MARKER_LINES = 15
MINIFIED_LINE = 5_000
"""Bytes of a line on average; style sheets and scripts are minified from `MINIFIED_SCRIPT` on."""
MINIFIED_SCRIPT = 1_000

_PROSE = MARKDOWN_SUFFIXES | TEXT_SUFFIXES - {".log", ".csv", ".tsv"}
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar", ".jar", ".whl")
_SCRIPTS = (".js", ".mjs", ".cjs", ".css")
_VENDORED = frozenset(
    (
        *("node_modules", "bower_components", "jspm_packages", "site-packages", "dist-packages"),
        *("Pods", "Carthage", "__pypackages__", "elm-stuff"),
        *(".venv", ".tox", ".nox", ".yarn", ".pnpm-store", ".bundle", ".eggs", ".gradle"),
    )
)
_VENDORED_IN_CODE = frozenset(
    (
        *("vendor", "vendors", "vendored", "_vendor", "_vendored"),
        *("third_party", "third-party", "thirdparty", "3rdparty", "3rd_party"),
    )
)
"""Folders that may as well hold contracts with vendors, unless there is code around them."""
_MANIFESTS = frozenset(
    (
        *(".git", ".gitignore", ".gitattributes", "package.json", "pyproject.toml", "setup.py"),
        *("go.mod", "Cargo.toml", "composer.json", "Gemfile", "pom.xml", "build.gradle"),
        *(
            "build.gradle.kts",
            "CMakeLists.txt",
            "Makefile",
            "configure.ac",
            "WORKSPACE",
            "deno.json",
        ),
    )
)
_CODE_SUFFIXES = frozenset(
    (
        *(".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".h", ".hpp", ".java", ".js", ".kt", ".lua"),
        *(
            ".m",
            ".mjs",
            ".php",
            ".pl",
            ".py",
            ".r",
            ".rb",
            ".rs",
            ".scala",
            ".swift",
            ".ts",
            ".tsx",
        ),
    )
)
_LOCKS = frozenset(
    (
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
        *("bun.lockb", "deno.lock", "Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock"),
        *("Pipfile.lock", "pixi.lock", "Gemfile.lock", "composer.lock", "go.sum", "go.work.sum"),
        *("mix.lock", "rebar.lock", "pubspec.lock", "Podfile.lock", "Package.resolved"),
        *("Cartfile.resolved", "packages.lock.json", "gradle.lockfile", "flake.lock"),
        *("conan.lock", "cabal.project.freeze", "stack.yaml.lock", "buf.lock", "shard.lock"),
        *("MODULE.bazel.lock", ".terraform.lock.hcl", "project.assets.json", "Brewfile.lock.json"),
    )
)
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|mjs|cjs|css|html)$", re.IGNORECASE)
_GENERATED_NAME = re.compile(
    r"(?:\.pb(?:\.gw)?\.go|\.pb\.(?:cc|h|swift|dart)|_pb2(?:_grpc)?\.pyi?|_pb\.(?:js|d\.ts|rb)"
    r"|\.designer\.(?:cs|vb)|\.g\.(?:cs|i\.cs|dart)|\.freezed\.dart|\.(?:generated|gen)\.\w+"
    r"|_generated\.\w+|(?:^|/)zz_generated\.[^/]*|\.(?:js|mjs|cjs|css|ts)\.map|\.tsbuildinfo"
    r"|(?:^|/)__snapshots__/[^/]*\.snap)$",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"\s*(?:[#;%*@{]|//|/\*|--|<!--|\(\*|\"\"\"|'''|rem\b)", re.IGNORECASE)
_GENERATED = re.compile(
    rb"code generated (?:by|from)\b|@generated\b|\bdo not edit\b|\bdo not modify by hand\b"
    rb"|\b(?:auto(?:matically)?[ -]?)generated (?:by|from)\b"
    rb"|\bthis file (?:is|was|has been) (?:auto(?:matically)?[ -]?)?generated\b",
    re.IGNORECASE,
)
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def left_out(path: str, size: int, head: bytes) -> LeftOut | None:
    """Why a file of a code tree is left out; None if it is read.

    `path` is relative to the source, with `/`; `head` has its first `HEAD_BYTES` bytes.
    """
    folders = path.split("/")[:-1]
    found = next((reason for name in folders if (reason := vendored(name, in_code=True))), "")
    if found:
        return LeftOut(path, found, "vendored", size)
    return by_name(path, size) or by_content(path, size, head, in_code=True)


def vendored(folder: str, *, in_code: bool) -> str:
    """Why a folder of this name is not the project's own; empty if it is.

    `in_code` says whether it stands among code.
    """
    if folder in _VENDORED or (in_code and folder.lower() in _VENDORED_IN_CODE):
        return f"vendored: {folder}/ holds the code of others"
    return ""


def is_code_root(names: frozenset[str] | set[str]) -> bool:
    """Whether a folder with files and folders of these names is one of code."""
    return not _MANIFESTS.isdisjoint(names) or any(
        _suffix(name) in _CODE_SUFFIXES for name in names
    )


def _suffix(path: str) -> str:
    base, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.lower()}" if dot and base else ""


def by_name(path: str, size: int) -> LeftOut | None:
    """Why a file is left out, as far as its name and size tell."""
    if size == 0:
        return LeftOut(path, "empty", "empty")
    name = path.rpartition("/")[2]
    if name in _LOCKS:
        return LeftOut(path, "a lock file: what a package manager wrote", "lock", size)
    if _MINIFIED_NAME.search(name):
        return LeftOut(path, "minified, as its name says", "minified", size)
    if _GENERATED_NAME.search(path):
        return LeftOut(path, "generated, as its name says", "generated", size)
    return None


def by_content(path: str, size: int, head: bytes, *, in_code: bool) -> LeftOut | None:
    """Why a file is left out, as far as its size and first bytes tell."""
    if head.startswith(_LFS_POINTER):
        return LeftOut(path, "a Git LFS pointer: the file itself was not fetched", "binary", size)
    if reason := unsupported_reason(path, head, in_code=in_code):
        if "archive" in reason and path.lower().endswith(_ARCHIVES):
            reason = "an archive; unpack it to add what is in it"
        return LeftOut(path, reason, "binary", size)
    if format_of(path, head, in_code=in_code) != "text":
        return None
    suffix = _suffix(path)
    limit = HUGE_PROSE_BYTES if suffix in _PROSE else HUGE_BYTES
    if size > limit:
        reason = f"has {size / 1e6:,.1f} MB, more than the {limit / 1e6:,.0f} MB of a file of code"
        return LeftOut(path, reason, "huge", size)
    if suffix in _PROSE:
        return None
    return _of_no_author(path, size, head, suffix)


def _of_no_author(path: str, size: int, head: bytes, suffix: str) -> LeftOut | None:
    """Why text that is no prose was not written by a person."""
    category: LeftOutCategory = "minified"
    longest = MINIFIED_SCRIPT if suffix in _SCRIPTS else MINIFIED_LINE
    if len(head) > longest * (head.count(b"\n") + 1):
        return LeftOut(path, "minified: its lines are thousands of characters long", category, size)
    for line in head.split(b"\n", MARKER_LINES)[:MARKER_LINES]:
        if _COMMENT.match(line) and _GENERATED.search(line[:500]):
            return LeftOut(path, "generated, as it says itself", "generated", size)
    return None
