"""One app that `docqa.bench.asking` asks: a process of its own, driven by lines of JSON.

It runs as the web app does, with its job runner's threads. A line that comes in is a question; the
line that goes out says when it was submitted and what was stored of its answer.
"""

import gc
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from docqa.bench.scale import WORKSPACE
from docqa.bootstrap import App, build_app
from docqa.settings import Settings


def asked(app: App, workspace_id: int, question: str) -> dict[str, Any]:
    """Ask in a new conversation and wait until the answer is final.

    Times are of the system's monotonic clock, which all processes of this machine share.
    """
    conversation = app.conversations.create(workspace_id).id
    submitted = time.monotonic()
    answer_id = app.answering.submit(conversation, question)
    queued = time.monotonic()
    answer = app.answering.wait(answer_id)
    return {
        "submitted": submitted,
        "queued": queued,
        "status": answer.status,
        "error": answer.error,
        "mode": answer.mode,
        "covered": answer.coverage is not None,
        "prompt_tokens": answer.usage.prompt_tokens,
        "cached_tokens": answer.usage.cached_tokens,
        "sent_bytes": answer.usage.sent_bytes,
    }


def memory() -> dict[str, Any]:
    """What this process holds, after a garbage collection."""
    gc.collect()
    return {
        "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
    }


def serve(app: App) -> None:
    """Answer the lines on standard input until it ends."""
    workspace_id = app.workspaces.get(WORKSPACE).id
    pack = app.library.pack(workspace_id)
    say({"tokens": pack.token_count, "documents": pack.segment_count} | memory())
    for line in sys.stdin:
        question = json.loads(line)
        say(asked(app, workspace_id, question) if question else memory())


def say(told: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main(
    home: Annotated[Path, typer.Argument(help="A DOCQA_HOME that `docqa.bench.asking` filled.")],
    base_url: Annotated[str, typer.Argument(help="Of the model server.")],
    hints: Annotated[bool, typer.Option(help="Repeat the best passages in the prompt.")] = False,
) -> None:
    """Run the app and answer what comes in."""
    settings = Settings(home=home, engine="sglang", base_url=base_url, hints=hints, workers=1)
    app = build_app(settings)
    app.start()
    try:
        serve(app)
    finally:
        app.close()


if __name__ == "__main__":
    typer.run(main)
