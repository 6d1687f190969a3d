"""`docqa plan`, as a user types it."""

import json

import pytest
import typer

from docqa import cli
from docqa.cli_plan import tokens_of


@pytest.fixture
def docqa(monkeypatch, tmp_path, capsys):
    """Run the command line; its exit status, standard output and standard error."""
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCQA_ENGINE", "extractive")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["docqa", *arguments])
        try:
            cli.main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_the_designs_example_answers_with_its_fields(docqa):
    status, out, _ = docqa(
        "plan", "--model", "scout", "--gpus", "8xH200", "--tokens", "5000000", "--json"
    )

    report = json.loads(out)
    assert status == 0
    assert report["fits"] is True
    assert report["kv_bytes_per_token"] == 98_304
    assert report["max_tokens"] > 5_000_000
    assert report["weights_bytes"] > 200e9
    assert "sglang.launch_server" in report["command"]


def test_people_get_what_fits_the_estimates_and_the_command(docqa):
    status, out, _ = docqa("plan", "--gpus", "1xH200", "--tokens", "500k")

    assert status == 0
    assert "500,000 tokens fit" in out
    assert "Estimates, not measured" in out
    assert "--context-length 544768" in out
    assert "docqa serve --model scout --gpus 1xH200" in out


def test_what_does_not_fit_is_said_and_is_no_error(docqa):
    status, out, err = docqa("plan", "--gpus", "1xL4", "--tokens", "1M")

    assert status == 0
    assert "Does not fit" in out
    assert "more GPUs" in err


def test_behemoth_is_sized_and_nothing_is_launched(docqa):
    status, out, _ = docqa("plan", "--model", "behemoth", "--gpus", "4x8xB200")

    assert status == 0
    assert "never released" in out
    assert "sglang" not in out


def test_two_nodes_are_told_what_to_fill_in(docqa):
    _, out, _ = docqa("plan", "--gpus", "2x8xH100")

    assert "on node 0" in out
    assert "on node 1" in out
    assert "put the first node's address in place of HEAD_NODE" in out


def test_unknown_gpus_are_an_error_with_the_known_ones(docqa):
    status, out, err = docqa("plan", "--gpus", "8xQ900", "--json")

    assert status == 1
    assert json.loads(out)["error"]["type"] == "UnknownGpuError"
    assert "H200" in err


def test_an_unknown_model_is_an_error(docqa):
    status, _, err = docqa("plan", "--gpus", "H100", "--model", "nobody-knows")

    assert status == 1
    assert "scout" in err


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("5000000", 5_000_000), ("5M", 5_000_000), ("512k", 512_000), ("1,048,576", 1_048_576)],
)
def test_tokens_are_read_as_people_write_them(text, tokens):
    assert tokens_of(text) == tokens


@pytest.mark.parametrize("text", ["many", "-5", "5G", ""])
def test_other_words_are_no_tokens(text):
    with pytest.raises(typer.BadParameter):
        tokens_of(text)


def test_wrong_tokens_are_wrong_usage(docqa):
    status, _, _ = docqa("plan", "--gpus", "H100", "--tokens", "many")

    assert status == 2
