"""Re-ranking by meaning with the real model: the environment has torch, and the model beside it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CLAUSES = (
    "A tenant pays the rent on Mondays.",
    "Pets, puppies too, are welcome if the tenant asks first.",
    "Deliveries are made on weekdays.",
    "The roof is new.",
)
QUESTION = "Can a tenant have a dog?"
DOCQA = "import sys; sys.path += {paths}; sys.argv[0] = 'docqa'; from docqa.cli import main; main()"


@pytest.fixture
def docqa(sglang_environment, tmp_path):
    """Runs a docqa command that finds torch and the model; what it printed, one value a line."""
    (tmp_path / "terms.md").write_text(
        "\n\n".join(f"## Part {n}\n\n{clause}" for n, clause in enumerate(CLAUSES))
    )

    def run(*arguments, semantic="auto", embedding=None, status=0):
        paths = [str(sglang_environment.packages), str(embedding or sglang_environment.embedding)]
        settings = {
            "DOCQA_HOME": str(tmp_path / "home"),
            "DOCQA_ENGINE": "extractive",
            "DOCQA_WORKERS": "1",
            "DOCQA_SEMANTIC": semantic,
        }
        kept = {name: text for name, text in os.environ.items() if not name.startswith("DOCQA_")}
        done = subprocess.run(
            [sys.executable, "-c", DOCQA.format(paths=paths), *map(str, arguments), "--json"],
            env=kept | settings,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_vectors_are_those_of_the_published_model(sglang_environment):
    path = os.pathsep.join((str(REPOSITORY), str(sglang_environment.embedding)))

    said = subprocess.run(
        [sglang_environment.python, Path(__file__).with_name("compare_embeddings.py")],
        env=os.environ | {"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )

    worst = json.loads(said.stdout.splitlines()[-1])
    assert worst["float32"] > 0.99999
    assert worst["as docqa runs it"] > 0.999


def test_what_means_the_same_is_found_first_and_quoted_and_its_vectors_kept(docqa, tmp_path):
    docqa("ingest", tmp_path / "terms.md")

    by_words = docqa("search", QUESTION, semantic="off")
    by_meaning = docqa("search", QUESTION)
    [answer] = docqa("ask", QUESTION)

    assert "the rent" in _texts(by_words)[0]
    assert "puppies" in _texts(by_meaning)[0]
    assert "puppies" in answer["answer"]
    with sqlite3.connect(tmp_path / "home" / "docqa.db") as database:
        [(model, size)] = database.execute("SELECT DISTINCT model, length(vector) FROM vectors")
    database.close()
    assert (model, size) == ("all-MiniLM-L6-v2/1", 768)


def test_doctor_says_that_a_model_file_was_changed(docqa, sglang_environment, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(sglang_environment.embedding, changed)
    with next(changed.rglob("model.safetensors")).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0\0\0\0")

    [checks] = docqa("doctor", embedding=changed, status=1)

    [check] = [each for each in checks if each["check"] == "ranking by meaning"]
    assert "is not the published file" in check["detail"]
    assert "pip install" in check["hint"]


def _texts(printed):
    [results] = printed
    return [result["text"] for result in results]
