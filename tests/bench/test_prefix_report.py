from dataclasses import replace

import pytest
from PIL import Image

from docqa.bench.prefix.plot import check_plotting, draw
from docqa.bench.prefix.report import markdown
from docqa.bench.prefix.results import Asked, Level, PrefixReport, SizeResult, Way
from docqa.errors import MissingPackageError


def asked(first: float, *, sent: int | None = 900, miss: str = "") -> Asked:
    return Asked(first, first + 1, 6_060, 6_020, 16, 60, sent, miss)


def ways(scale: float = 1.0, *, sent: int | None = 900) -> tuple[Way, ...]:
    return (
        Way(
            "docqa",
            (asked(20 * scale), asked(22 * scale), asked(21 * scale)),
            (asked(0.4, sent=sent), asked(0.5, sent=sent), asked(0.6, sent=sent)),
            (
                Level(1, 8, 16.0, (asked(0.5),) * 8),
                Level(32, 32, 16.0, (asked(2.5),) * 31, ("sglang: died",)),
            ),
        ),
        Way("chat", (asked(21 * scale),), (asked(0.8 * scale, sent=24_500),)),
        Way("flushed", skipped="this server has no cache to flush"),
    )


def report(*sizes: SizeResult) -> PrefixReport:
    return PrefixReport(
        date="2026-11-22T03:00:00Z",
        docqa_version="0.1.0",
        engine="sglang",
        model="SmolLM2-135M-Instruct",
        address="http://127.0.0.1:30000",
        context_length=8_192,
        hints=False,
        answer_tokens=16,
        cold_runs=3,
        questions=3,
        in_flight=(1, 32),
        corpus="the sample documents and changed copies of them",
        client="2 cores",
        sizes=sizes or (SizeResult(6_000, 6_000, True, 9, 99, 24_000, ways()),),
        server={"version": "0.5.23", "max_total_tokens": 40_000},
    )


def test_the_report_says_what_was_measured_and_how_often():
    said = " ".join(markdown(report()).split())

    assert "Measured 2026-11-22T03:00:00Z with docqa 0.1.0" in said
    assert "engine sglang at http://127.0.0.1:30000, model SmolLM2-135M-Instruct" in said
    assert "version 0.5.23, max_total_tokens 40,000" in said
    assert "Hints off" in said
    assert "3 cold and 3 warm questions" in said


def test_the_tables_are_markdown_with_a_row_for_each_way():
    lines = markdown(report()).splitlines()

    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    assert rows[2][:4] == ["6,000", "docqa", "21.0 s (20.0 to 22.0)", "0.500 s (0.400 to 0.600)"]
    assert rows[2][4:] == ["99.34%", "60", "900"]
    assert rows[3][1] == "corpus re-sent as chat messages"
    assert ["6,000", "docqa", "0.500 (0.500 s)", "1.94 (2.50 s, 1 failed)"] in rows
    assert ["first token, cold : warm", "42.0"] in rows
    assert ["bytes sent, re-sent as chat : docqa", "27.2"] in rows
    assert ["questions per second, 32 in flight : 1", "3.88"] in rows
    assert ["part of the corpus that was cached, the least", "100.00%"] in rows
    tables = [line for line in lines if line.startswith("|--") or line.startswith("|-")]
    assert len(tables) == 3


def test_what_was_not_measured_and_what_failed_is_named():
    said = markdown(report())

    assert "this server has no cache to flush." in said
    assert "Failed with 32 in flight (docqa): sglang: died" in said


def test_a_miss_while_warm_is_named_with_its_cause():
    missed = Way("docqa", (asked(9.0),), (asked(8.0, miss="the server was restarted"),))

    said = markdown(report(SizeResult(6_000, 6_000, True, 9, 99, 24_000, (missed,))))

    assert "Not cached although warm (docqa, 6,000 tokens): the server was restarted" in said


def test_counts_that_are_estimates_are_marked():
    said = markdown(report(SizeResult(6_000, 6_000, False, 9, 99, 24_000, ways(sent=None))))

    assert "6,000 (estimate)" in said
    assert "part of the corpus that was cached" not in said


def test_a_plot_is_drawn_of_one_size_and_of_several(tmp_path):
    sizes = [
        SizeResult(tokens, tokens, True, 9, 99, 24_000, ways(tokens / 6_000))
        for tokens in (1_000, 6_000)
    ]
    uncounted = SizeResult(6_000, 6_000, True, 9, 99, 24_000, ways(sent=None)[:1])

    for number, each in enumerate((report(), report(*sizes), report(uncounted))):
        file = tmp_path / f"{number}.png"
        draw(replace(each), file)
        with Image.open(file) as picture:
            assert picture.format == "PNG"
            assert picture.width > 1_000


def test_without_matplotlib_the_error_has_the_command_to_type(monkeypatch):
    monkeypatch.setattr("docqa.bench.prefix.plot.find_spec", lambda name: None)

    with pytest.raises(MissingPackageError) as caught:
        check_plotting()

    assert 'pip install "docqa[bench]"' in caught.value.hint
