"""Checks of the installation, the store and the engine, each with what to do."""

import importlib.metadata
import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docqa.embeddings.registry import create_embedder
from docqa.embeddings.weights import INSTALL_COMMAND
from docqa.engines.config import EngineConfig
from docqa.engines.packaged_model import model_file
from docqa.errors import DocqaError, EmbeddingError, GitMissingError
from docqa.readers.git_process import git_program
from docqa.services.engines import EngineService
from docqa.services.ocr import setup_of
from docqa.settings import Settings
from docqa.store.store import Store
from docqa.store.values import AuditProblem
from docqa.tokenizers.registry import tokenizer

MIN_FREE_BYTES = 1_000_000_000
PACKAGES = ("streamlit", "pymupdf", "sqlalchemy", "tiktoken", "xllamacpp", "openai")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str
    hint: str = ""


def run_checks(settings: Settings, store: Store, engines: EngineService) -> Iterator[Check]:
    """Yield every check; what fails says what to do."""
    for package in PACKAGES:
        yield _package(package)
    yield _vocabularies()
    yield _packaged_model(settings)
    yield _meaning(settings)
    yield _git()
    yield _ocr(settings)
    yield _disk(settings.home)
    problems = store.database.check()
    yield Check(
        "database",
        not problems,
        "; ".join(problems) or f"{settings.database_path} is sound",
        "Restore the last backup with `docqa restore FILE`." if problems else "",
    )
    missing = [
        digest
        for digest in store.documents.content_hashes()
        if not store.originals.contains(digest)
    ]
    yield Check(
        "originals",
        not missing,
        f"{len(missing)} original files are missing" if missing else "all are there",
        "Add these documents again; their text is still there, their pages cannot be shown."
        if missing
        else "",
    )
    broken = store.audit.verify()
    yield Check(
        "audit log",
        broken is None,
        "the chain holds" if broken is None else _told(broken),
        "" if broken is None else "Someone changed the log; keep this database as evidence.",
    )
    health = engines.health()
    yield Check("engine", health.ok, f"{engines.choice().label}: {health.detail}", health.hint)


def _told(problem: AuditProblem) -> str:
    return f"entry {problem.entry_id}: {problem.what}" if problem.entry_id else problem.what


def _package(name: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "is not installed", f"pip install {name}")


def _vocabularies() -> Check:
    try:
        count = tokenizer("llama4").count("ready")
    except DocqaError as error:
        return Check("tokenizer", False, str(error), error.hint)
    return Check("tokenizer", count > 0, "Llama 4's vocabulary is there")


def _packaged_model(settings: Settings) -> Check:
    try:
        path = model_file(EngineConfig(name="embedded", cache_path=settings.cache_path))
    except DocqaError as error:
        return Check("packaged model", False, str(error), error.hint)
    return Check("packaged model", True, path.name)


def _meaning(settings: Settings) -> Check:
    """Not an error where it is missing: passages are ranked by words then."""
    name = "ranking by meaning"
    if settings.semantic == "off":
        return Check(name, True, "turned off by DOCQA_SEMANTIC")
    embedder = create_embedder(settings.semantic)
    if embedder is None:
        return Check(name, True, "not installed; passages are ranked by words", INSTALL_COMMAND)
    try:
        embedder.embed(["ready"])
    except EmbeddingError as error:
        return Check(name, False, error.detail, error.hint)
    return Check(name, True, f"{embedder.name} is there; it knows English best")


def _git() -> Check:
    """Not an error where it is missing: only repositories need it."""
    try:
        return Check("git", True, git_program("git"))
    except GitMissingError as error:
        return Check("git", True, f"{error.detail}; repositories cannot be added", error.hint)


def _ocr(settings: Settings) -> Check:
    """Not an error where there is none: only scanned pages and pictures need it."""
    setup = setup_of(settings)
    if settings.ocr == "off":
        return Check("ocr", True, "is turned off; scanned pages are named, not read", setup.mend)
    if not setup.engine:
        return Check("ocr", True, "is missing; scanned pages and pictures are not read", setup.mend)
    said = f"{setup.engine} reads scanned pages ({setup.languages})"
    if setup.missing:
        lacks = setup.missing.replace("+", ", ")
        return Check("ocr", False, f"{said}; it lacks {lacks}", setup.mend)
    return Check("ocr", True, said)


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    return Check(
        "disk",
        free > MIN_FREE_BYTES,
        f"{free / 1e9:,.1f} GB free in {home}",
        "" if free > MIN_FREE_BYTES else "Free some space or move DOCQA_HOME.",
    )
