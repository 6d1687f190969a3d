"""Stands in for SGLang's server process: loads, is healthy, dies, as its arguments say.

Takes SGLang's arguments, and behaves as `--behaviour` or a file of this name in its folder says.
What it is waiting for is told by files in its folder and by requests: no test waits for a time.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--config", type=Path)
parser.add_argument("--behaviour", default="serve")
parser.add_argument("--lives", type=Path, help="A file that gets a line for every start.")
options, _ = parser.parse_known_args()
if Path("behaviour").exists():
    options.behaviour = Path("behaviour").read_text()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        loading = options.behaviour == "slow" and not Path("loaded").exists()
        self.send_response(503 if loading else 200)
        self.end_headers()
        if loading:
            Path("asked").touch()

    def do_POST(self) -> None:
        say("RuntimeError: asked to die")
        os._exit(1)

    def log_message(self, *arguments: object) -> None:
        pass


if options.lives:
    with options.lives.open("a") as file:
        file.write(f"{os.getpid()}\n")
key = json.loads(options.config.read_text())["api-key"] if options.config else ""
say(f"server_args={{'api_key': '{key}', 'port': {options.port}}}")
say("[2026-11-22 02:00:00] Load weight begin. avail mem=139.00 GB")
sys.stdout.write("Loading safetensors checkpoint shards:  45% Completed | 5/11 [00:10<00:12]\r")
sys.stdout.flush()
match options.behaviour:
    case "out-of-memory":
        say("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
        say("RuntimeError: Rank 0 scheduler died during initialization (exit code: 1).")
        sys.exit(1)
    case "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    case "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    case "dies-after-first-life" if len(options.lives.read_text().splitlines()) > 1:
        say("RuntimeError: cannot start again")
        sys.exit(1)
    case "family":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path("child").write_text(str(child.pid))
server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
say("The server is fired up and ready to roll!")
server.serve_forever()
