"""The README says what the program is; `make readme` brings it up to date."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "docs/update_readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("block", ["tree", "settings", "commands"])
def test_the_readme_is_up_to_date(writer: ModuleType, block: str):
    written = re.search(rf"<!-- {block} -->\n(.*?)<!-- /{block} -->", README, re.DOTALL)[1]

    assert written == getattr(writer, block)(), "run `make readme`"


def test_every_module_says_in_a_line_what_it_is(writer: ModuleType):
    lines = writer.tree().strip("`\n").splitlines()

    assert [line for line in lines if len(line.split(maxsplit=1)) < 2] == []


def test_every_link_to_a_file_leads_somewhere():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", document.read_text("utf-8"))
        dead = [link for link in links if not (document.parent / link).exists()]
        assert dead == [], document.name


def test_the_commands_of_the_readme_are_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets
