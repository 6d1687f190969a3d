"""Write the README's tree, settings and commands from the program: `make readme`.

A test compares, so that the README cannot fall behind.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import typer

from docqa.cli import cli
from docqa.settings import Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DESCRIPTION_COLUMN = 32
HELP_WIDTH = 100

OTHER_FILES = {
    "Makefile": "`make run`, `make test` and what they need.",
    "pyproject.toml": "Dependencies and the settings of the tools.",
    ".importlinter": "Which package may import which; checked by `make lint`.",
    ".ci/run": "What CI runs: Chromium, then `make test` and `make test-sglang`.",
    ".streamlit/config.toml": "Settings of the web app: nothing leaves the machine.",
    "streamlit_app.py": "",
    "pages/": "One file per page: read widgets, call docqa, draw.",
    "docqa/": "",
    "docs/": "What this page links to: performance, deployment, prompts, security.",
    "data/samples/": "Sample documents of invented companies, one click away in the app.",
    "data/make_samples/": "The script that makes the sample PDFs, and their texts.",
    "tests/": "Mirrors docqa/; tests/pages runs pages, tests/browser a real browser.",
}
"""The top of the tree: path -> its line; empty for what has a docstring."""


def updated(text: str) -> str:
    """The README's text with its generated blocks made new."""
    for name, block in [("tree", tree()), ("settings", settings()), ("commands", commands())]:
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            message = f"README.md has no block called {name}"
            raise ValueError(message)
        text = pattern.sub(lambda match, block=block: match[1] + block + match[2], text)
    return text


def tree() -> str:
    """Top-level files, then every package and module of docqa with its docstring's first line."""
    lines: list[str] = []
    for path, description in OTHER_FILES.items():
        if path == "docqa/":
            lines.extend(_package(ROOT / "docqa", 0))
        elif (ROOT / path).exists():
            lines.append(_line(path, description or _summary(ROOT / path), 0))
            if path == "pages/":
                lines += [_line(page.name, _summary(page), 1) for page in _modules(ROOT / "pages")]
    return "```\n" + "\n".join(lines) + "\n```\n"


def settings() -> str:
    """The settings as a table, from `docqa.settings`."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else "(empty)"
        rows.append(f"| `DOCQA_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def commands() -> str:
    """What `docqa --help` prints."""
    group = typer.main.get_group(cli)
    with typer.Context(group, info_name="docqa", terminal_width=HELP_WIDTH) as context:
        return "```\n" + group.get_help(context).strip() + "\n```\n"


def _package(folder: Path, depth: int) -> Iterator[str]:
    yield _line(f"{folder.name}/", _summary(folder / "__init__.py"), depth)
    for module in _modules(folder):
        yield _line(module.name, _summary(module), depth + 1)
    for below in sorted(folder.iterdir()):
        if (below / "__init__.py").exists():
            yield from _package(below, depth + 1)


def _modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def _line(name: str, description: str, depth: int) -> str:
    return f"{'  ' * depth + name:<{DESCRIPTION_COLUMN}} {description}".rstrip()


def _summary(module: Path) -> str:
    """The first line of a module's docstring."""
    match = re.match(r'\s*r?"""(.+?)(?:"""|\n)', module.read_text("utf-8"))
    return match[1].strip() if match else ""


if __name__ == "__main__":
    README.write_text(updated(README.read_text("utf-8")), "utf-8")
