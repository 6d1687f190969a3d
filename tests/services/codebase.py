"""A small codebase in two languages."""

FILES = {
    "README.md": "# Acme\n\nDispatches freight with `Router`.\n",
    "acme/__init__.py": "from acme.app import App\n",
    "acme/app.py": (
        "from acme.routing import Router, join_path\n"
        "from acme import util\n"
        "import json\n"
        "\n"
        "\n"
        "class App:\n"
        "    def __init__(self):\n"
        "        self.router = Router()\n"
        "\n"
        "    def dispatch(self, path):\n"
        "        text = join_path('/', path)\n"
        "        util.log_line(text)\n"
        "        return json.dumps(self.router.match_route(text))\n"
    ),
    "acme/routing.py": (
        "from acme.util import log_line\n"
        "\n"
        "\n"
        "class Router:\n"
        "    def match_route(self, path):\n"
        "        log_line(path)\n"
        "        return path\n"
        "\n"
        "\n"
        "def join_path(one, two):\n"
        "    return one + two\n"
    ),
    "acme/util.py": "def log_line(text):\n    print(text)\n",
    "acme/other.py": "def join_path(parts):\n    return '/'.join(parts)\n",
    "tests/test_app.py": (
        "from acme.app import App\n\n\ndef test_dispatch():\n    assert App().dispatch('x')\n"
    ),
    "web/main.ts": (
        "import { fetchJson } from './net';\n\nexport function start() {\n  fetchJson('/x');\n}\n"
    ),
    "web/net.ts": "export async function fetchJson(url: string) {\n  return fetch(url);\n}\n",
}


def make_code(folder):
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder
