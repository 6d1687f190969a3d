"""`docqa bench`: measures docqa, the raw library or the other way of doing it beside it."""

from pathlib import Path
from typing import Annotated

import typer

from docqa.console import err, out, print_json, say
from docqa.settings import load_settings

bench = typer.Typer(help="Measures docqa, the raw library beside it in the same run.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, progress aside.")]


@bench.command(name="ingest")
def bench_ingest(
    paths: Annotated[list[Path], typer.Argument(help="PDF files or folders of them.")],
    processes: Annotated[int, typer.Option(min=1, max=64, help="Reader processes.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Measure whole ingestion beside a bare PyMuPDF loop over the same files."""
    from docqa.bench.ingest import run_bench, table  # measuring tools: only for this command

    result = run_bench(paths, processes=processes)
    if as_json:
        print_json(result)
    else:
        out.print(table(result))


@bench.command(name="prefix")
def bench_prefix(
    tokens: Annotated[
        list[int] | None, typer.Option(min=500, help="Tokens of the corpus (repeatable) [6000].")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(exists=True, help="Folder to make the corpus of; else samples.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Engine; else the one in force.")] = "",
    base_url: Annotated[str, typer.Option(help="Its server's address.")] = "",
    model: Annotated[str, typer.Option(help="Its model.")] = "",
    hints: Annotated[
        bool, typer.Option("--hints/--no-hints", help="Repeat the best passages in questions.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also re-send the corpus, and flush the cache.")
    ] = False,
    cold: Annotated[int, typer.Option(min=1, help="Cold questions, a new corpus each.")] = 3,
    questions: Annotated[int, typer.Option(min=1, help="Warm questions.")] = 7,
    in_flight: Annotated[
        list[int] | None,
        typer.Option(min=0, help="Questions at once (repeatable; 0 is none) [1, 8, 32]."),
    ] = None,
    answer_tokens: Annotated[int, typer.Option(min=1, help="Longest answer, in tokens.")] = 16,
    plot: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Draw a picture (PNG) into this file.")
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="The engine may be on another machine.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure what a question costs when its corpus is cached, and when it is not."""
    from docqa.bench.prefix.measure import BenchOptions  # measuring tools: only for this command
    from docqa.bench.prefix.plot import check_plotting, draw
    from docqa.bench.prefix.report import markdown
    from docqa.bench.prefix.run import opened_target, run_prefix_bench

    if (base_url or model) and not engine:
        raise typer.BadParameter("--base-url and --model go with --engine")
    if plot is not None:
        check_plotting()
    options = BenchOptions(
        tokens=tuple(tokens or (6_000,)),
        hints=hints,
        cold_runs=cold,
        questions=questions,
        in_flight=tuple(level for level in in_flight or (1, 8, 32) if level),
        answer_tokens=answer_tokens,
    )
    chosen = {"engine": engine, "base_url": base_url, "model": model}
    settings = load_settings(**{name: value for name, value in chosen.items() if value})
    with (
        opened_target(settings, compare=compare, allow_remote=allow_remote) as target,
        err.status("measuring", spinner="dots") as status,
    ):
        report = run_prefix_bench(target, options, data, status.update)
    if plot is not None:
        draw(report, plot)
    if as_json:
        print_json(report.to_json())
    else:
        say(markdown(report))


@bench.command(name="code-scale")
def bench_code_scale(
    folder: Annotated[
        Path | None, typer.Argument(exists=True, help="Python files [this Python's library].")
    ] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="library, tree, update or tiny (repeatable) [all].")
    ] = None,
    files: Annotated[int, typer.Option(min=1, help="Files of the tree.")] = 30_000,
    tokens: Annotated[int, typer.Option(min=1, help="About how many tokens.")] = 10_000_000,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Reader processes.")] = 2,
    as_json: JsonOption = False,
) -> None:
    """Measure codebases: ingestion beside reading and tokenizing, a large tree, an update."""
    from docqa.bench.code_scale import (  # measuring tools: only for this command
        PARTS,
        ScaleOptions,
        run_code_scale,
        standard_library,
        table,
    )

    unknown = set(part or ()) - set(PARTS)
    if unknown:
        raise typer.BadParameter(f"there is no part {min(unknown)!r}; parts: {', '.join(PARTS)}")
    options = ScaleOptions(
        folder=folder or standard_library(),
        parts=tuple(part or PARTS),
        files=files,
        tokens=tokens,
        processes=processes,
    )
    result = run_code_scale(options, err.print)
    if as_json:
        print_json(result)
    else:
        out.print(table(result))
