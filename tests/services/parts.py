"""Apps over small documents. Files are read in this process unless a test is about workers."""

import io
import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf

from docqa.bootstrap import App, build_app
from docqa.core.answers import Usage
from docqa.engines.base import Delta
from docqa.errors import DocqaError, ReaderCrashedError
from docqa.services.reading import TaskReader
from docqa.settings import Settings
from docqa.store.values import JobInfo, JobItem
from docqa.worker import error_event

BREACH = (
    "The Supplier must notify the Customer of a personal data breach within 72 hours after"
    " becoming aware of it."
)
INVOICES = "Invoices are payable within 30 days of receipt, and late payments bear interest."
BACKUPS = "Orbit Freight keeps nightly backups for 35 days in two separate data centres."
RESTART = "The engineer on duty restarts the dispatcher and then waits for five minutes."
PAGES = (
    ("Data processing agreement", BREACH, INVOICES),
    ("Operations", BACKUPS, "The agreement ends on 31 December 2027 unless it is renewed."),
)
CODE = '''"""Retries."""


def wait_before_retry(attempt: int) -> float:
    """Seconds to wait before the given attempt of a dispatch."""
    return min(60.0, 0.5 * 2**attempt)
'''


class InProcessPool:
    """Reads files in this process: faster than `WorkerPool`, and MuPDF runs in one thread."""

    size = 1

    def __init__(self, settings: Settings) -> None:
        self._on_event = None
        self.names: list[str] = []
        """Of the files that were begun, in order."""
        self._reader = TaskReader(settings, self._say)

    @contextmanager
    def worker(self):
        yield self

    def run(self, task, *, name, idle_timeout_s, on_event, stopped) -> None:
        """As `WorkerProcess.run`; what crosses is JSON here too."""
        names = {file["item_id"]: file["name"] for file in task["files"]}

        def heard(event: dict[str, Any]) -> None:
            if event["event"] == "begin":
                self.names.append(names[event["item_id"]])
                on_event(event)
                self.begin(names[event["item_id"]])
            else:
                on_event(event)

        self._on_event = heard
        try:
            self._reader.run(json.loads(json.dumps(task)))
        except ReaderCrashedError:
            raise
        except DocqaError as error:
            heard(error_event(error))

    def begin(self, name: str) -> None:
        """What else happens when a file is begun; for tests to say."""

    def close(self) -> None:
        self._reader._store.close()

    def _say(self, event: dict[str, Any]) -> None:
        self._on_event(json.loads(json.dumps(event)))


def settings_of(home: Path, **settings: Any) -> Settings:
    return Settings(**{"home": home, "engine": "scripted", "workers": 1} | settings)


def app_of(home: Path, *, pool: type[InProcessPool] | None = InProcessPool, **settings: Any) -> App:
    """The app on this home; `pool` None reads files in worker processes, as people do."""
    app = build_app(settings_of(home, **settings))
    if pool is not None:
        app.ingestion._pool = pool(app.settings)
    return app


def close(app: App) -> None:
    if isinstance(app.ingestion._pool, InProcessPool):
        app.ingestion._pool.close()
    app.close()


def workspace(app: App, name: str = "default") -> int:
    return app.workspaces.get_or_create(name).id


def ingest(app: App, *paths: Path, workspace_id: int | None = None, **options: Any) -> JobInfo:
    where = workspace_id or workspace(app)
    return app.ingestion.wait(app.ingestion.submit_paths(where, paths, **options))


def upload(app: App, name: str, content: bytes, **options: Any) -> JobInfo:
    job_id = app.ingestion.submit_uploads(workspace(app), [(name, io.BytesIO(content))], **options)
    return app.ingestion.wait(job_id)


def items(app: App, job: JobInfo) -> dict[str, JobItem]:
    return {item.name: item for item in app.ingestion.items(job.id)}


def only(app: App, job: JobInfo) -> JobItem:
    (item,) = app.ingestion.items(job.id)
    return item


def documents(app: App, workspace_id: int | None = None) -> dict[str, Any]:
    return {each.name: each for each in app.library.documents(workspace_id or workspace(app))}


def pack_text(app: App, workspace_id: int | None = None) -> str:
    pack = app.library.pack(workspace_id or workspace(app))
    return "".join(app.store.packs.iter_text(pack.id))


def ask(app: App, question: str, *, conversation: int | None = None, **options: Any):
    """The final answer; words come without waiting."""
    engine = app.engines.engine()
    if engine is not None:
        engine.close()
    where = conversation or app.conversations.create(workspace(app)).id
    return app.answering.wait(app.answering.submit(where, question, **options))


def make_pdf(path: Path, pages=PAGES, *, password: str | None = None) -> Path:
    """A PDF with these paragraphs on its pages."""
    document = pymupdf.open()
    for paragraphs in pages:
        page = document.new_page()
        for number, paragraph in enumerate(paragraphs):
            top = 72 + 70 * number
            page.insert_textbox((72, top, 520, top + 60), paragraph, fontsize=11)
    options: dict[str, Any] = {"no_new_id": True}
    if password is not None:
        options |= {
            "encryption": pymupdf.PDF_ENCRYPT_AES_256,
            "owner_pw": f"{password} of the owner",
            "user_pw": password,
        }
    document.save(path, **options)
    document.close()
    return path


def make_folder(folder: Path) -> Path:
    """A PDF, a text and a package of code."""
    (folder / "orbit").mkdir(parents=True)
    make_pdf(folder / "agreement.pdf")
    (folder / "runbook.md").write_text(f"# Runbook\n\n## Dispatcher\n\n{RESTART}\n")
    (folder / "orbit" / "__init__.py").write_text('"""Dispatching freight."""\n')
    (folder / "orbit" / "retry.py").write_text(CODE)
    return folder


def bytes_under(folder: Path) -> bytes:
    """Every byte of every file in the folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


class Recorder:
    """An engine that keeps the prompts it gets and answers by the script, or with a text."""

    def __init__(self, app: App, answer: str | None = None) -> None:
        self._engine = app.engines.engine()
        self._answer = answer
        self.prompts: list[Any] = []
        self.params: list[Any] = []
        self.name, self.model = "scripted", "scripted"
        self.leaves_machine = False
        self.tokenizer = self._engine.tokenizer
        self.context_length = self._engine.context_length
        app.engines.engine = lambda: self

    def stream(self, prompt, params):
        self.prompts.append(prompt)
        self.params.append(params)
        if self._answer is None:
            return self._engine.stream(prompt, params)
        return iter((Delta(self._answer), Delta(usage=Usage(10, 0, 5), finish_reason="stop")))

    def close(self) -> None:
        self._engine.close()

    @property
    def prefix(self) -> str:
        """Of the last prompt."""
        return "".join(self.prompts[-1].prefix.read_text())

    @property
    def tail(self) -> str:
        """Of the last prompt."""
        return self.prompts[-1].tail
