"""The command line over a real SGLang: documents in, questions out."""

import json
import sys

import pytest

from docqa import cli

TEXT = "The supplier notifies the customer of a data breach within 72 hours. "


@pytest.fixture
def run(server, tmp_path, monkeypatch, capsys):
    """Runs a command with --json; what it printed, one value a line."""
    settings = {
        "HOME": str(tmp_path / "home"),
        "ENGINE": "sglang",
        "BASE_URL": server.base_url,
        "API_KEY": server.key,
        "WORKERS": "1",
        "HINTS": "false",
        "MAX_ANSWER_TOKENS": "16",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"DOCQA_{name}", value)

    def run_(*arguments, status=0):
        monkeypatch.setattr(sys, "argv", ["docqa", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == status, said.err
        return [json.loads(line) for line in said.out.splitlines()]

    return run_


def test_documents_are_warmed_and_asked(run, tmp_path, monkeypatch):
    contract, notes = tmp_path / "contract.txt", tmp_path / "notes.txt"
    contract.write_text("\n\n".join(f"Clause {n}. {TEXT * 2}" for n in range(30)))
    notes.write_text("\n\n".join(f"Note {n}. Backups are kept for 35 days." for n in range(10)))
    run("ingest", contract)

    [warmed] = run("warm")
    [asked] = run("ask", "Within how many hours?")
    run("ingest", notes)
    [grown] = run("ask", "How long are backups kept?")

    assert warmed["tokens"] > 1_000
    assert asked["engine"] == "sglang"
    assert asked["mode"] == "whole"
    assert asked["usage"]["cached_tokens"] >= 0.995 * warmed["tokens"]
    assert grown["usage"]["cached_tokens"] >= 0.995 * warmed["tokens"]
    assert grown["usage"]["prompt_tokens"] > asked["usage"]["prompt_tokens"] + 100

    monkeypatch.setenv("DOCQA_API_KEY", "another")
    [refused] = run("ask", "Within how many hours?", status=1)
    assert refused["status"] == "failed"
    assert refused["error"]["type"] == "EngineKeyRefusedError"
