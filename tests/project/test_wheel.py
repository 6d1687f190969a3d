"""The wheel carries everything that `docqa app` needs in a directory that is not a clone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("docqa-*.whl")
    return zipfile.Path(built)


def names_under(folder: Path) -> list[str]:
    """Files of a folder of the project, caches left out."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "cache" not in path.as_posix()
    )


@pytest.mark.parametrize(
    ("project", "packaged"),
    [
        ("docqa", "docqa"),
        ("pages", "docqa/webapp/pages"),
        (".streamlit", "docqa/webapp/.streamlit"),
        ("data/samples", "docqa/webapp/samples"),
    ],
)
def test_the_wheel_has_every_file_of(wheel: zipfile.Path, project: str, packaged: str):
    names = set(wheel.root.namelist())

    missing = [n for n in names_under(ROOT / project) if f"{packaged}/{n}" not in names]
    assert missing == []


def test_the_wheel_has_the_entry_of_the_app(wheel: zipfile.Path):
    assert "docqa/webapp/streamlit_app.py" in wheel.root.namelist()


def test_the_command_runs_from_any_directory(wheel: zipfile.Path, tmp_path: Path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel.root.filename) as packed:
        packed.extractall(site)
    elsewhere.mkdir()
    start = (
        "import docqa, sys; from docqa.cli import main; print(docqa.__file__, flush=True); "
        "sys.argv = ['docqa', '--help']; main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(site), "DOCQA_HOME": str(tmp_path / "home")}

    done = subprocess.run(
        [sys.executable, "-P", "-c", start],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    assert "ingest" in done.stdout
