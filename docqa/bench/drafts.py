"""`python -m docqa.bench.drafts`: the packaged model's drafts on questions with known answers.

For every question: whether the draft holds a right string, whether the quotes above it do, how many
of its sentences no passage supports, and the seconds it took.
"""

import json
import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from docqa.bootstrap import App, build_app
from docqa.core.answers import Answer
from docqa.settings import EngineName, Settings

WORKSPACE = "drafts"


def ask_all(
    app: App, haystack: Path, items: list[dict[str, Any]]
) -> list[tuple[Answer, bool, bool]]:
    """Each answer, whether its quotes and whether its draft hold a right string."""
    workspace_id = app.workspaces.get_or_create(WORKSPACE).id
    app.ingestion.wait(app.ingestion.submit_paths(workspace_id, [haystack]))
    results = []
    for item in items:
        conversation = app.conversations.create(workspace_id)
        answer_id = app.answering.submit(conversation.id, item["question"], mode="select")
        answer = app.answering.wait(answer_id)
        strings = [string.lower() for string in item["answers"]]
        results.append(
            (
                answer,
                any(string in " ".join(answer.text.lower().split()) for string in strings),
                any(string in answer.draft.lower() for string in strings),
            )
        )
    return results


def summary(results: list[tuple[Answer, bool, bool]]) -> dict[str, Any]:
    """Shares of questions, shares of sentences, and seconds."""
    answers = [answer for answer, _, _ in results]
    claims = [check for answer in answers for check in answer.sentences if check.mark != "no_claim"]
    unsupported = sum(check.mark == "unsupported" for check in claims)
    seconds = [answer.total_s or 0.0 for answer in answers]
    first = [answer.ttft_s for answer in answers if answer.ttft_s is not None]
    return {
        "questions": len(results),
        "failed": sum(answer.status == "failed" for answer in answers),
        "right_in_quotes": share(quoted for _, quoted, _ in results),
        "right_in_draft": share(drafted for _, _, drafted in results),
        "claims": len(claims),
        "claims_not_supported": round(unsupported / max(1, len(claims)), 3),
        "first_token_median_s": round(statistics.median(first or [0.0]), 2),
        "total_median_s": round(statistics.median(seconds), 2),
        "total_max_s": round(max(seconds), 2),
    }


def share(values: Iterable[bool]) -> float:
    """The share of true values."""
    known = list(values)
    return round(sum(known) / max(1, len(known)), 3)


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the unpacked benchmark bundle.")],
    size: Annotated[int, typer.Option(help="60 or 400 passages.")] = 60,
    questions: Annotated[int, typer.Option(help="Ask only the first so many.")] = 1_000,
    engine: Annotated[str, typer.Option(help="embedded or extractive.")] = "embedded",
) -> None:
    """Print the figures."""
    folder = data / "nq_haystack"
    items = json.loads((folder / f"items_{size}.json").read_text(encoding="utf-8"))[:questions]
    name: EngineName = "extractive" if engine == "extractive" else "embedded"
    with tempfile.TemporaryDirectory(prefix="docqa-drafts-") as home:
        app = build_app(Settings(home=Path(home), engine=name))
        try:
            results = ask_all(app, folder / f"haystack_{size}.md", items)
        finally:
            app.close()
    Console().print_json(data=summary(results))


if __name__ == "__main__":
    typer.run(main)
