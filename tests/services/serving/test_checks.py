"""What is said before anything is launched: no model, no SGLang, no port."""

import socket
import sys

import pytest

from docqa.errors import ModelMissingError, PortInUseError, ServerNotInstalledError
from docqa.services.serving.checks import check_port, server_python, sglang_version
from docqa.services.serving.models import find_model, is_here
from docqa.settings import Settings, server_environment
from tests.services.serving.conftest import free_port, model_in

SCOUT = "meta-llama/Llama-4-Scout-17B-16E-Instruct"


def cached(cache, name, **shape):
    repository = cache / ("models--" + name.replace("/", "--"))
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    return model_in(repository / "snapshots" / "abc", **shape)


def test_a_directory_is_a_model(tmp_path):
    folder = model_in(tmp_path / "scout")

    assert find_model(str(folder), tmp_path) == folder


def test_a_hub_name_is_found_where_the_hubs_tools_keep_it(tmp_path):
    folder = cached(tmp_path, SCOUT)

    assert find_model(SCOUT, tmp_path) == folder


def test_without_a_main_revision_the_copy_there_is_taken(tmp_path):
    folder = cached(tmp_path, SCOUT)
    (tmp_path / f"models--{SCOUT.replace('/', '--')}" / "refs" / "main").unlink()

    assert find_model(SCOUT, tmp_path) == folder


def test_a_model_that_is_not_here_comes_with_the_command_that_gets_it(tmp_path):
    with pytest.raises(ModelMissingError, match="is not on this machine") as caught:
        find_model(SCOUT, tmp_path)

    assert f"hf download {SCOUT}" in caught.value.hint


def test_a_download_that_did_not_end_is_said_to_be_incomplete(tmp_path):
    cached(tmp_path, SCOUT, shards=5, present=3)

    with pytest.raises(ModelMissingError, match="2 of 5 files of weights are missing") as caught:
        find_model(SCOUT, tmp_path)

    assert "hf download" in caught.value.hint
    assert not is_here(SCOUT, tmp_path)


def test_a_link_to_weights_that_are_not_there_is_no_weights(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").symlink_to(tmp_path / "blobs" / "missing")

    with pytest.raises(ModelMissingError, match="no weights"):
        find_model(str(folder), tmp_path)
    assert find_model(str(folder), tmp_path, with_weights=False) == folder


@pytest.mark.parametrize("name", ["/no/such/folder", "../here", "scouty", "a b/c", "a/b/c"])
def test_a_name_that_means_nothing_lists_what_would(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ModelMissingError, match="no model directory") as caught:
        find_model(name, tmp_path)

    assert "scout" in caught.value.hint


def test_a_folder_without_a_configuration_and_a_file_are_no_models(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")

    with pytest.raises(ModelMissingError, match="no config"):
        find_model(str(tmp_path), tmp_path)
    with pytest.raises(ModelMissingError, match="is a file"):
        find_model(str(tmp_path / "model.gguf"), tmp_path)


def test_a_python_without_sglang_is_refused_with_the_command_that_installs_it(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho\n")
    python.chmod(0o700)

    with pytest.raises(ServerNotInstalledError, match="no package sglang") as caught:
        sglang_version(str(python), tmp_path)

    assert 'pip install "docqa[gpu]"' in caught.value.hint
    assert "DOCQA_SERVE_PYTHON" in caught.value.hint


def test_another_python_is_asked_what_it_has(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 0.5.23\n")
    python.chmod(0o700)

    assert sglang_version(str(python), tmp_path) == "0.5.23"
    python.write_text("#!/bin/sh\necho broken >&2; exit 1\n")
    with pytest.raises(ServerNotInstalledError, match="broken"):
        sglang_version(str(python), tmp_path)
    with pytest.raises(ServerNotInstalledError, match="cannot be run"):
        sglang_version(str(tmp_path / "none"), tmp_path)


def test_the_servers_python_is_docqas_own_unless_another_is_chosen():
    assert server_python("") == sys.executable
    assert server_python("/some/python") == "/some/python"


def test_a_port_that_is_taken_is_refused_with_another_one():
    port = free_port()
    check_port("127.0.0.1", port)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()

        with pytest.raises(PortInUseError) as caught:
            check_port("127.0.0.1", port)

    assert f"--port {port + 1}" in caught.value.hint


def test_the_server_asks_no_hub_and_gets_no_key_of_ours(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCQA_API_KEY", "secret")
    monkeypatch.setenv("DOCQA_GIT_TOKEN", "secret")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)

    assert server_environment()["HF_HUB_OFFLINE"] == "1"
    assert "secret" not in server_environment().values()
    assert Settings().hub_cache == tmp_path / "hub"
