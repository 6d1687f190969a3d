"""The checklists that come with docqa."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from docqa.core.checklists import Checklist
from docqa.services.checklist_files import yaml_file


@cache
def builtin() -> Mapping[str, Checklist]:
    """The checklists of `docqa/checklists/`, by id in the order of their titles."""
    folder = resources.files("docqa") / "checklists"
    files = [item for item in folder.iterdir() if item.name.endswith(".yaml")]
    found = [yaml_file.checklist_of(item.read_bytes()) for item in files]
    return MappingProxyType({item.id: item for item in sorted(found, key=lambda c: c.title)})
