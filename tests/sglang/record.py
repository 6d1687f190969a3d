"""Write down what the real SGLang says: `python -m tests.sglang.record`, in the clone's root.

A few minutes; to be run again when SGLang's version or the conversation changes.
"""

import json
import tempfile
from pathlib import Path

from tests.sglang import environment
from tests.sglang.conversation import comparable, hold
from tests.sglang.server import CONTEXT_LENGTH, SGLangServer

RECORDED = Path(__file__).parent / "recorded.json"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = SGLangServer(environment.prepare(), Path(folder))
        try:
            server.start()
            with server.client() as client:
                heard = hold(client, CONTEXT_LENGTH)
        finally:
            server.stop()
    answers = [comparable(each) for each in heard]
    RECORDED.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
