from pathlib import Path

import pytest
from rich.console import Console

from docqa.bench.asking import Arrivals, asked_about, measure, prepare, table
from docqa.bench.fake.sglang import Received

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def received(new_tokens: int):
    return Received("POST", "/generate", 10, {"sampling_params": {"max_new_tokens": new_tokens}})


def test_a_question_is_told_from_what_only_reads_or_forgets():
    arrivals = Arrivals()
    for new_tokens in (1, 1_024, 1, 1_024):
        arrivals.append(received(new_tokens))
    arrivals.at = [1.0, 2.0, 3.0, 4.0]

    assert arrivals.question_after(0.5) == 2.0
    assert arrivals.question_after(2.5) == 4.0
    with pytest.raises(RuntimeError, match="no question"):
        arrivals.question_after(4.5)


def test_two_workspaces_are_asked_in_turns_and_what_is_sent_does_not_depend_on_them(tmp_path):
    homes = [tmp_path / "small", tmp_path / "large"]
    for home, tokens in zip(homes, (500, 5_000), strict=True):
        prepare(SAMPLES, tokens, home)
        prepare(SAMPLES, tokens, home)

    small, large = measure(homes, asked_about(homes[0], 5), hints=False)

    assert small.tokens < large.tokens
    assert small.documents < large.documents
    assert len(small.sent_s) == len(large.sent_s) == 2
    for each in (small, large):
        assert min(*each.queued_s, *each.sent_s) > 0
        assert each.asked.rss_mb > 0
    assert small.sent_bytes == large.sent_bytes
    console = Console(width=200)
    with console.capture() as shown:
        console.print(table([small, large]))
    assert "1.00" in shown.get()
