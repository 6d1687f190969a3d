"""A workspace that is several times as large as the window, with a fact in each document."""

import shutil

import pytest

from tests.services import parts

CITIES = ("Lisbon", "Porto", "Lyon", "Rome", "Oslo", "Bern", "Ghent", "Turin", "Malmo", "Cork")
QUESTION = "What is the access code of each vault?"
WINDOW = 4_096
FILLER = (
    "The warehouse of {city} counts its pallets on the {day}th of every month, and a clerk signs"
    " list number {day} before it goes to the archive in the cellar of the {city} office."
)


def code_of(city):
    return f"The access code of the vault in {city} is {3100 + 7 * CITIES.index(city)}."


def text_of(city):
    """Some 700 tokens with the fact in the middle."""
    lines = [FILLER.format(city=city, day=day) for day in range(1, 17)]
    lines.insert(8, code_of(city))
    return f"# {city}\n\n" + "\n\n".join(lines) + "\n"


def make_vaults(folder, cities=CITIES):
    folder.mkdir(parents=True, exist_ok=True)
    for number, city in enumerate(cities):
        (folder / f"{number:02}-{city.lower()}.md").write_text(text_of(city))
    return folder


@pytest.fixture(scope="session")
def vaults_home(tmp_path_factory):
    """A home with a document about each city; not to be written to."""
    folder = tmp_path_factory.mktemp("vaults")
    app = parts.app_of(folder / "home")
    assert parts.ingest(app, make_vaults(folder / "vaults")).status == "done"
    parts.close(app)
    return folder / "home"


@pytest.fixture
def home(tmp_path, vaults_home):
    """A copy of it."""
    return shutil.copytree(vaults_home, tmp_path / "home")


@pytest.fixture
def app(open_app, home):
    """An app whose engine has a window for a few of the documents."""
    return open_app(home, context_length=WINDOW)
