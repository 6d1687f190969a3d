"""The settings, from the environment and nothing else. The only reader of `os.environ`."""

import os
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from docqa.errors import SettingsError

EngineName = Literal["auto", "extractive", "embedded", "openai_compatible", "sglang", "scripted"]


class Settings(BaseSettings):
    """Every setting, with prefix `DOCQA_` in the environment. Frozen."""

    model_config = SettingsConfigDict(env_prefix="DOCQA_", frozen=True, extra="ignore")

    home: Path = Field(
        Path("data/home"), description="The data folder: database, originals, caches."
    )
    engine: EngineName = Field(
        "auto", description="The engine; `auto` takes what the Engine page says."
    )
    model: str = Field(
        "", description="Model name for `openai_compatible`; GGUF file for `embedded`."
    )
    base_url: str = Field(
        "", description="Address of an OpenAI-compatible server, ending in `/v1`."
    )
    api_key: str = Field("", description="Key for that server.", repr=False)
    preset: str = Field("", description="Preset of `openai_compatible`, for example `ollama`.")
    context_length: int = Field(0, ge=0, description="Window in tokens; 0 asks the engine.")
    whole_limit: int = Field(
        0, ge=0, description="Most tokens to pack whole; 0 is all of the window."
    )
    hints: bool = Field(
        True, description="Repeat the best-ranked passages at the end of the prompt."
    )
    max_answer_tokens: int = Field(1_024, gt=0, description="Most tokens an answer may have.")
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature.")
    engine_timeout_s: float = Field(
        600, gt=0, description="Seconds to wait for an engine's next token."
    )
    cache_salt: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Keep workspaces apart in SGLang's cache; `auto`: with more than one user.",
    )
    questions_at_once: int = Field(
        32, ge=1, le=256, description="Questions that are answered at the same time."
    )
    review_cells_at_once: int = Field(
        8, ge=1, le=256, description="Cells of a review that are asked at the same time."
    )
    warm_after_ingest: bool = Field(
        True, description="Prefill what came in, where the engine keeps prefixes (`sglang`)."
    )
    keep_warm_minutes: int = Field(
        0, ge=0, description="Prefill the packs asked in the last day this often; 0 is never."
    )
    map_tokens: int = Field(
        100_000, ge=0, description="Most tokens of a codebase's map in its pack; 0 makes no maps."
    )
    user: str = Field("local", description="Your name in the records.")
    host: str = Field("127.0.0.1", description="Address the app listens on; loopback only.")
    port: int = Field(8501, ge=1, le=65_535, description="Port the app listens on.")
    workers: int = Field(0, ge=0, description="Reader processes; 0 is one per core, at most 8.")
    max_file_mb: int = Field(200, gt=0, description="Largest file that is read, in MB.")
    reader_timeout_s: float = Field(300, gt=0, description="Seconds one file may take to read.")
    ocr: Literal["auto", "off", "tesseract", "rapidocr"] = Field(
        "auto", description="What reads scanned pages; `auto` takes the best that is installed."
    )
    ocr_languages: str = Field(
        "eng", description="Languages of scanned pages as Tesseract names them: `eng+deu`."
    )
    ocr_timeout_s: float = Field(60, gt=0, description="Seconds the OCR of one page may take.")
    semantic: Literal["auto", "off"] = Field(
        "auto", description="Re-rank by meaning, where the extra `semantic` is installed."
    )
    watch_every_s: float = Field(
        15, gt=0, description="Seconds between two looks at the folders that are watched."
    )
    sweep_at_once: int = Field(
        4, ge=1, le=64, description="Shards of a sweep that are asked at the same time."
    )
    git_token: str = Field(
        "", description="Token for private Git repositories over https.", repr=False
    )
    git_token_host: str = Field(
        "github.com", description="The only host that the token is sent to."
    )
    max_repository_mb: int = Field(
        2_000, gt=0, description="Most that is fetched of a Git repository, in MB."
    )
    serve_model: str = Field(
        "scout", description="What `docqa serve` loads: a known name, a directory or a hub name."
    )
    serve_python: str = Field(
        "", description="Python of the environment that has SGLang; empty is docqa's own."
    )
    serve_port: int = Field(30_000, ge=1, le=65_535, description="Port that `docqa serve` uses.")
    hicache_gb: int = Field(
        0, ge=0, description="Host memory for KV that leaves the GPUs, in GB; 0 is none."
    )
    hicache_disk_gb: int = Field(
        0, ge=0, description="Disk for KV that outlives the server, in GB; 0 is none."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged."
    )

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.home / "docqa.db"

    @property
    def originals_path(self) -> Path:
        """The folder of original files, by hash."""
        return self.home / "originals"

    @property
    def cache_path(self) -> Path:
        """What can be made again: page pictures, converted models."""
        return self.home / "cache"

    @property
    def repositories_path(self) -> Path:
        """The folder of fetched Git repositories."""
        return self.home / "repositories"

    @property
    def hub_cache(self) -> Path:
        """Where Hugging Face's tools keep downloaded models, as they find it themselves."""
        if path := os.environ.get("HF_HUB_CACHE"):
            return Path(path)
        if path := os.environ.get("HF_HOME"):
            return Path(path) / "hub"
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache) / "huggingface" / "hub"


def load_settings(**chosen: str) -> Settings:
    """The settings of this process; what is chosen here goes before the environment.

    Raises:
        SettingsError: If a variable has a value it cannot have.
    """
    try:
        return Settings(**cast("dict[str, Any]", chosen))
    except ValidationError as error:
        first = error.errors()[0]
        name = "DOCQA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}") from error


_GIT_NEEDS = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSH_AUTH_SOCK"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    )
)


def git_environment() -> dict[str, str]:
    """What git may know of this process's environment: where things are, and nothing else."""
    return {name: value for name, value in os.environ.items() if name.upper() in _GIT_NEEDS}


_OCR_NEEDS = frozenset(
    ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "TESSDATA_PREFIX", "LD_LIBRARY_PATH")
)


def ocr_environment() -> dict[str, str]:
    """What OCR programs may know of this process's environment; they work with one thread."""
    kept = {name: value for name, value in os.environ.items() if name.upper() in _OCR_NEEDS}
    return kept | {"OMP_THREAD_LIMIT": "1"}


def server_environment() -> dict[str, str]:
    """This process's environment for a model server: it asks no hub, and gets no key of ours."""
    secret = ("DOCQA_API_KEY", "DOCQA_GIT_TOKEN")
    kept = {name: value for name, value in os.environ.items() if name not in secret}
    offline = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
    return kept | dict.fromkeys(offline, "1")


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which a new process of docqa's has these settings, but for the key."""
    values = {
        f"DOCQA_{name.upper()}": str(getattr(settings, name))
        for name, item in Settings.model_fields.items()
        if item.repr
    }
    return {**os.environ, **values, "DOCQA_HOME": str(settings.home.absolute())}
