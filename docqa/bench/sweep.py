"""`python -m docqa.bench.sweep DATA`: does a sweep find facts that are spread over a large corpus?

Paragraphs of real contracts are made into documents of together so many windows, and sentences
with a code each are put among them, at places that a seed decides. One question asks for all codes.
A fact counts as found if the answer, or the draft under it, has its code, and as cited if a
citation points to the passage that it stands in. The question is then asked again in other words:
what of its prompts was cached. Prints JSON.
"""

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from docqa.bootstrap import App, build_app
from docqa.core.answers import Answer
from docqa.settings import EngineName, Settings
from docqa.tokenizers.registry import tokenizer

WORKSPACE = "sweep"
QUESTION = "Which locker codes are given for the reserves?"
AGAIN = "Give the locker code of every reserve."
WORDINGS = (
    "The locker code for the reserve of {name} is {code}.",
    "{name} keeps its reserve behind locker code {code}.",
    "For the reserve of {name}, the locker code reads {code}.",
)
NAMES = (
    "Alder",
    "Briar",
    "Cedar",
    "Dahlia",
    "Elder",
    "Fennel",
    "Ginger",
    "Hazel",
    "Iris",
    "Juniper",
)
DOCUMENT_TOKENS = 2_500
SEED = 7


def facts_of(count: int) -> dict[str, str]:
    """The sentence that each code stands in."""
    chance = random.Random(SEED)
    codes = [f"{number}" for number in chance.sample(range(100_000, 999_999), count)]
    sentences = (
        WORDINGS[number % len(WORDINGS)].format(
            name=f"{NAMES[number % len(NAMES)]} House {number // len(NAMES) + 1}", code=code
        )
        for number, code in enumerate(codes)
    )
    return dict(zip(codes, sentences, strict=True))


def paragraphs_of(data: Path) -> Iterator[str]:
    """Paragraphs of the contracts, again and again, numbered from the second time on."""
    texts = [path.read_text(errors="replace") for path in sorted(data.rglob("cuad25/**/*.txt"))]
    found = [" ".join(part.split()) for text in texts for part in text.split("\n\n")]
    found = [part for part in found if len(part) > 200]
    if not found:
        raise typer.BadParameter(f"{data} has no texts of contracts (cuad25)")
    turn = 0
    while True:
        yield from (f"({turn}) {part}" if turn else part for part in found)
        turn += 1


def make_corpus(folder: Path, data: Path, tokens: int, facts: dict[str, str]) -> int:
    """Write the documents; how many there are."""
    counter = tokenizer("llama4")
    documents: list[list[str]] = [[]]
    total = size = 0
    for paragraph in paragraphs_of(data):
        count = counter.count(paragraph)
        if size + count > DOCUMENT_TOKENS and documents[-1]:
            documents.append([])
            size = 0
        documents[-1].append(paragraph)
        size += count
        total += count
        if total >= tokens:
            break
    chance = random.Random(SEED)
    # One a document where there are enough: the scripted engine gives three sentences of a part.
    chosen = chance.sample(documents * -(-len(facts) // len(documents)), len(facts))
    for sentence, document in zip(facts.values(), chosen, strict=True):
        document.insert(chance.randrange(len(document) + 1), sentence)
    folder.mkdir(parents=True)
    for number, document in enumerate(documents, 1):
        (folder / f"document-{number:04}.txt").write_text("\n\n".join(document) + "\n")
    return len(documents)


def ask(app: App, workspace_id: int, question: str) -> tuple[Answer, float]:
    """The final answer of a sweep, and its seconds."""
    begun = time.monotonic()
    conversation = app.conversations.create(workspace_id).id
    answer_id = app.answering.submit(conversation, question, mode="sweep")
    return app.answering.wait(answer_id), time.monotonic() - begun


def told(app: App, facts: dict[str, str], answer: Answer, seconds: float) -> dict[str, Any]:
    """What came of one sweep."""
    said = f"{answer.text}\n{answer.draft}"
    pack = app.store.packs.find(app.workspaces.get(WORKSPACE).id)
    assert pack is not None
    labels = {citation.label for citation in answer.citations}
    cited = app.store.packs.passages(pack.id, labels)
    passages = " ".join(packed.passage.text for packed in cited.values())
    draft = answer.draft or ("" if answer.engine == "extractive" else answer.text)
    return {
        "status": answer.status,
        "shards": dict(Counter(report.status for report in answer.shards)),
        "found": sum(code in said for code in facts),
        "found_by_the_model": sum(code in draft for code in facts),
        "cited_to_its_place": sum(code in said and code in passages for code in facts),
        "statements": len(answer.sentences),
        "citations": len(answer.citations),
        "prompt_tokens": answer.usage.prompt_tokens,
        "cached_share": answer.usage.cached_share,
        "seconds": round(seconds, 1),
        "error": answer.error,
    }


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the unpacked benchmark bundle.")],
    engine: Annotated[EngineName, typer.Option(help="Engine that is asked.")] = "scripted",
    window: Annotated[int, typer.Option(help="The engine's window in tokens.")] = 8_192,
    times: Annotated[int, typer.Option(help="The corpus in windows.")] = 20,
    facts: Annotated[int, typer.Option(help="Sentences that are put in.")] = 30,
    base_url: Annotated[str, typer.Option(help="Of a server.")] = "",
    api_key: Annotated[str, typer.Option(help="Of a server.")] = "",
    answer_tokens: Annotated[int, typer.Option(help="Most tokens of a part's answer.")] = 1_024,
    at_once: Annotated[int, typer.Option(help="Parts that are asked at the same time.")] = 4,
) -> None:
    """Make the corpus, sweep it twice, and print what was found."""
    planted = facts_of(facts)
    with tempfile.TemporaryDirectory() as folder:
        documents = make_corpus(Path(folder) / "corpus", data, window * times, planted)
        settings = Settings(
            home=Path(folder) / "home",
            engine=engine,
            base_url=base_url,
            api_key=api_key,
            context_length=window,
            max_answer_tokens=answer_tokens,
            sweep_at_once=at_once,
        )
        app = build_app(settings)
        app.start()
        try:
            if engine == "scripted" and (script := app.engines.engine()):
                script.close()  # its words come without waiting then
            workspace_id = app.workspaces.get_or_create(WORKSPACE).id
            job = app.ingestion.submit_paths(workspace_id, [Path(folder) / "corpus"])
            app.ingestion.wait(job)
            pack = app.library.pack(workspace_id)
            estimate = app.estimating.sweep(workspace_id, (), QUESTION).sentence()
            first = told(app, planted, *ask(app, workspace_id, QUESTION))
            again = app.estimating.sweep(workspace_id, (), AGAIN).sentence()
            second = told(app, planted, *ask(app, workspace_id, AGAIN))
        finally:
            app.close()
    result = {
        "engine": engine,
        "window": window,
        "documents": documents,
        "tokens": pack.token_count,
        "facts": facts,
        "estimate": estimate,
        "first": first,
        "estimate_of_the_second": again,
        "second": second,
    }
    typer.echo(json.dumps(result, indent=1))


if __name__ == "__main__":
    typer.run(main)
