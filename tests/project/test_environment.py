"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN_CODE = sorted(
    [*ROOT.glob("docqa/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]
)
# Put together here, so that this file does not name what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~/-])/(?:" + "|".join(["work", "root", "opt", "tmp"]) + r")/\w"
)


def reads_the_environment(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                return True
            case ast.ImportFrom(module="os", names=names):
                if {name.name for name in names} & {"environ", "environb", "getenv"}:
                    return True
    return False


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of the project's files")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_only_the_settings_read_the_environment():
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in OWN_CODE
        if reads_the_environment(ast.parse(path.read_text("utf-8")))
    ]

    assert set(readers) <= {"docqa/settings.py"}


def test_no_file_names_a_path_of_one_machine():
    found = []
    for path in tracked_files():
        if not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}: {hit.group()}" for hit in MACHINE_PATHS.finditer(text)
        ]

    assert found == []


def test_no_package_is_called_after_nothing():
    banned = {"utils", "util", "common", "helpers", "misc", "manager"}

    assert [path for path in OWN_CODE if path.stem in banned] == []
