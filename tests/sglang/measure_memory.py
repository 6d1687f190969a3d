"""The server's memory over many questions: `python -m tests.sglang.measure_memory [QUESTIONS]`.

One pack of 6,000 tokens, one question after another, each a branch of its own. Prints the resident
memory of the server's processes every ten questions, and how much it grew after the first twenty.
"""

import sys
import tempfile
from pathlib import Path

import psutil

from docqa.engines.base import SamplingParams
from docqa.engines.config import EngineConfig
from docqa.engines.sglang.engine import SGLangEngine
from docqa.tokenizers.registry import tokenizer
from tests.sglang import environment
from tests.sglang.packs import answer, document, pack, question
from tests.sglang.server import SGLangServer

SETTLED_AFTER = 20
EVERY = 10


def main(questions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = SGLangServer(environment.prepare(), Path(folder))
        try:
            server.start()
            sizes = measure(server, Path(folder), questions)
        finally:
            server.stop()
    settled = sizes[SETTLED_AFTER]
    grown = max(sizes[asked] for asked in sizes if asked >= SETTLED_AFTER) - settled
    say(f"after question {SETTLED_AFTER}: at most {grown / 1e6:+.1f} MB ({grown / settled:+.2%})")


def measure(server: SGLangServer, folder: Path, questions: int) -> dict[int, int]:
    """Bytes of all of the server's processes, by the number of questions asked."""
    config = EngineConfig("sglang", folder, base_url=server.base_url, api_key=server.key)
    engine = SGLangEngine(config, tokenizer)
    texts = [document(50, 5_700, engine.tokenizer)]
    prefix = pack(texts, engine.tokenizer, family="family")
    for _ in engine.prefill(prefix):
        pass
    sizes = {0: resident(server)}
    for asked in range(1, questions + 1):
        got = answer(
            engine, question(prefix, f"What is in line {asked}?"), SamplingParams(max_tokens=2)
        )
        assert got.usage.cached_tokens >= 0.995 * prefix.token_count
        if asked % EVERY == 0:
            sizes[asked] = resident(server)
            say(f"{asked:4} questions  {sizes[asked] / 1e6:8.1f} MB")
    engine.close()
    return sizes


def resident(server: SGLangServer) -> int:
    """Bytes; pages that its processes share count once (`pss` where the system tells)."""
    top = psutil.Process(server.pid)
    return sum(each.memory_full_info().pss for each in [top, *top.children(recursive=True)])


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
