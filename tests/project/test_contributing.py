"""CONTRIBUTING gives a reason for every dependency, and its commands exist."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def names(requirements: list[str]) -> list[str]:
    return [re.match(r"[\w.-]+", requirement)[0] for requirement in requirements]


@pytest.mark.parametrize("name", names(PROJECT["project"]["dependencies"]))
def test_every_dependency_has_its_reason(name: str):
    assert re.search(rf"^\| {name} \| \S.+ \|$", CONTRIBUTING, re.MULTILINE)


@pytest.mark.parametrize("name", names(PROJECT["dependency-groups"]["dev"]))
def test_every_tool_is_named(name: str):
    assert name in CONTRIBUTING


def test_no_reason_is_left_for_what_is_gone():
    table = CONTRIBUTING.split("## Dependencies")[1].split("The packaged model")[0]
    listed = re.findall(r"^\| ([\w-]+) \|", table, re.MULTILINE)

    assert set(listed) - {"package"} == set(names(PROJECT["project"]["dependencies"]))


def test_its_commands_are_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert set(re.findall(r"^make ([a-z]+)", CONTRIBUTING, re.MULTILINE)) <= targets
