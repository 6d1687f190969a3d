"""Every error docqa raises on purpose.

An error carries facts as attributes, says them in its message, and tells what to do in its `hint`.

    DocqaError
    ├── InputError                    what was given cannot be used
    │   ├── PatternError              no regular expression, or no pattern of paths
    │   ├── InvalidNameError
    │   ├── QuestionTooLongError
    │   ├── NothingToAskError         no document is in scope
    │   ├── DocumentGoneError         a review's document is not in scope any more
    │   ├── UnknownItemError          no such workspace, document, conversation, answer
    │   ├── NotInRepositoryError      nobody knows who wrote the lines of a file
    │   ├── UnknownGpuError
    │   ├── UnsizableModelError       the planner cannot tell what a model needs
    │   ├── NameTakenError
    │   ├── GitAddressError           an address of a repository that is refused, or is none
    │   ├── ExportFormatError         a file name that asks for no format of a review
    │   ├── ChecklistError            a checklist that breaks the rules, row by row
    │   ├── BuiltInChecklistError     it cannot be changed, only copied
    │   └── ConfirmationNeededError   an act with a price, not confirmed
    ├── ReadError                     a source or file could not be read
    │   ├── EmptyFileError
    │   ├── UnsupportedFileError
    │   ├── FileTooLargeError
    │   ├── PasswordNeededError
    │   ├── BrokenFileError
    │   ├── NameConflictError         an upload's name is taken by other bytes
    │   ├── UnsafePathError
    │   ├── SourceUploadedError       it is not there to be read again
    │   ├── ArchiveBombError
    │   │   └── DocumentBombError     the same of an office file
    │   ├── ReaderTimeoutError
    │   ├── ReaderCrashedError
    │   └── GitError                  a repository could not be fetched or read
    │       ├── GitMissingError       git is not installed
    │       ├── GitUnreachableError
    │       ├── GitAccessError        private, or not there
    │       ├── GitRefError           no such branch, tag or commit
    │       ├── EmptyRepositoryError
    │       ├── RepositoryTooLargeError
    │       └── GitCancelledError
    ├── OcrError                      the words of a page could not be read from its picture
    ├── EngineError
    │   ├── EngineUnavailableError
    │   │   └── EngineLoadingError    it is there, and not ready yet
    │   ├── EngineTimeoutError
    │   ├── EngineKeyRefusedError
    │   ├── EngineResponseError       it answered with an error, or died in mid-answer
    │   ├── EngineNotConfiguredError
    │   ├── EngineLeavesMachineError  not yet allowed for this workspace
    │   ├── EngineMemoryError         its KV memory is too small for this prompt
    │   └── ContextOverflowError
    ├── StoreError
    │   ├── StorageFullError
    │   ├── DatabaseBusyError
    │   ├── DatabaseNewerError
    │   ├── DatabaseDamagedError
    │   └── StaleError                someone else changed it in the meantime
    ├── ServingError                  the model server cannot be run on this machine
    │   ├── ServerNotInstalledError
    │   ├── ModelMissingError
    │   ├── GpuMissingError
    │   ├── PortInUseError
    │   ├── ServerRunningError        one is run from this DOCQA_HOME already
    │   └── ServerDiedError           while it was loading, or again and again
    ├── EmbeddingError                the embedding model cannot be loaded or run
    ├── PartsUnreadError              a sweep found nothing, and did not read all
    ├── ReviewUnfinishedError         cells still wait; it can go on
    ├── JobFailedError                work that was waited for has failed
    ├── SettingsError
    ├── MissingPackageError           an optional package is not installed
    └── NotBuiltError                 a part of the design that does not exist yet
"""

from collections.abc import Sequence
from pathlib import Path


class DocqaError(Exception):
    """Base of all errors that docqa raises on purpose."""

    hint: str = ""


class InputError(DocqaError):
    """What was given cannot be used."""


class PatternError(InputError):
    """A pattern of paths or of text is not one."""

    hint = (
        "Regular expressions are those of RE2: no look-around, no back references. To look for a"
        " text as it stands, ask for it exactly; paths are patterns like src/**/*.py."
    )

    def __init__(self, pattern: str, reason: str) -> None:
        self.pattern = pattern
        shown = pattern if len(pattern) <= 80 else pattern[:80] + "…"
        super().__init__(f"{shown!r} is no pattern to search by: {reason}")


class InvalidNameError(InputError):
    """A name is empty, too long or has characters that names cannot have."""

    hint = "Use 1 to 80 letters, digits, spaces, dots, dashes or underscores; no slashes."

    def __init__(self, name: str, *, what: str = "workspace") -> None:
        self.name = name
        shown = name if len(name) <= 80 else name[:80] + "…"
        super().__init__(f"{shown!r} is not a valid {what} name")


class QuestionTooLongError(InputError):
    """A question is longer than docqa accepts."""

    hint = "Ask a shorter question; put long text into a document and add that instead."

    def __init__(self, characters: int, limit: int) -> None:
        self.characters = characters
        self.limit = limit
        super().__init__(f"the question has {characters:,} characters, at most {limit:,} are taken")


class NothingToAskError(InputError):
    """No document that could be read is in the scope of a question."""

    hint = "Add documents first, or include some of them again."

    def __init__(self) -> None:
        super().__init__("there is no readable document to answer from")


class DocumentGoneError(InputError):
    """A document that a review was made for is excluded, erased, or could not be read again."""

    hint = "Include it again and ask this cell again, or leave the cell out."

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} is not in scope any more")


class UnknownItemError(InputError):
    """No workspace, document, conversation, answer or job has this name or number."""

    hint = "List what there is first, for example with `docqa documents` or `docqa workspaces`."

    def __init__(self, kind: str, key: object) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"there is no {kind} {key!r}")


class NotInRepositoryError(InputError):
    """A file was not read from a commit of a repository that is still there."""

    hint = "Add the code from its Git repository, with its history, to see who wrote which lines."

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no commit is known that has {name!r} as it was read")


class UnknownGpuError(InputError):
    """A set of GPUs is not written as the planner reads it, or names one it does not know."""

    def __init__(self, text: str, known: str) -> None:
        self.text = text
        self.hint = f"Write for example 8xH200, or 2x8xH100 for two nodes. Known: {known}."
        super().__init__(f"{text!r} names no GPUs that docqa knows")


class UnsizableModelError(InputError):
    """The planner cannot tell what a model needs."""

    hint = "Name a built-in model (docqa plan --help), or a directory with a decoder's config.json."

    def __init__(self, model: str, detail: str) -> None:
        self.model = model
        super().__init__(f"{model!r} cannot be sized: {detail}")


class NameTakenError(InputError):
    """Something else has this name."""

    hint = "Choose another name, or pass --replace to add a new version of the document."

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"there is already a {kind} {name!r}")


class ChecklistError(InputError):
    """A checklist, or a file that should hold one, breaks the rules."""

    hint = "Correct what is named and try again; nothing was changed."
    shown = 50

    def __init__(self, problems: Sequence[str]) -> None:
        self.count = len(problems)
        self.problems = tuple(problems[: self.shown])
        """What is wrong, most of it as "row 7 (id 'x'): ..."; the first 50."""
        if self.count == 1:
            super().__init__(f"the checklist cannot be used: {problems[0]}")
            return
        lines = [f"the checklist has {self.count:,} problems:", *self.problems]
        if self.count > self.shown:
            lines.append(f"... and {self.count - self.shown:,} more")
        super().__init__("\n".join(lines))


class BuiltInChecklistError(InputError):
    """A checklist that comes with docqa was to be changed or deleted, or its id to be taken."""

    hint = "Duplicate it under another id, and change the copy."

    def __init__(self, checklist_id: str) -> None:
        self.checklist_id = checklist_id
        super().__init__(f"the checklist {checklist_id!r} is built in and stays as it is")


class ExportFormatError(InputError):
    """A file's name does not end as one of the formats that reviews are exported in."""

    def __init__(self, name: str, formats: Sequence[str]) -> None:
        self.name = name
        self.hint = f"End its name in {', '.join('.' + each for each in formats)}."
        super().__init__(f"{name!r} does not say in which format to export")


class GitAddressError(InputError):
    """What was given is no address of a repository, or one that docqa refuses."""

    hint = (
        "Give an address such as https://host/owner/name.git, ssh://git@host/owner/name.git,"
        " git@host:owner/name.git, or the path of a repository on this machine."
    )

    def __init__(self, address: str, detail: str, hint: str = "") -> None:
        self.address = address
        """Without credentials."""
        self.detail = detail
        if hint:
            self.hint = hint
        super().__init__(f"{address!r}: {detail}" if address else detail)


class ConfirmationNeededError(InputError):
    """An act that cannot be undone, or that costs something, was not confirmed."""

    hint = "Add --yes to go on."

    def __init__(self, question: str) -> None:
        self.question = question
        super().__init__(f"not confirmed: {question}")


class PartsUnreadError(DocqaError):
    """A sweep found nothing in the parts that it has read, and has not read them all."""

    hint = "Ask again; the list of the parts says why the others were not read."

    def __init__(self, read: int, parts: int) -> None:
        self.read = read
        self.parts = parts
        super().__init__(f"{read:,} of {parts:,} parts were read; nothing was found in those")


class ReviewUnfinishedError(DocqaError):
    """A review was waited for, and ended before all of its cells were asked."""

    def __init__(self, review_id: int, waiting: int) -> None:
        self.review_id = review_id
        self.hint = (
            "`docqa doctor` says whether the engine answers;"
            f" `docqa review --resume {review_id}` goes on."
        )
        super().__init__(f"review {review_id} stopped with {waiting:,} cells to go")


class JobFailedError(DocqaError):
    """Work that was waited for has failed, for the reason that its job has on record."""

    def __init__(self, message: str, hint: str, type_name: str = "") -> None:
        self.hint = hint
        self.type_name = type_name or "JobFailedError"
        """The class of the error that the work failed with."""
        super().__init__(message)


class ReadError(DocqaError):
    """A source or a file could not be read."""

    hint = "Check that it is there and can be opened, then add it again."

    def __init__(self, name: str, detail: str) -> None:
        self.name = name
        self.detail = detail
        super().__init__(f"{name!r}: {detail}")


class EmptyFileError(ReadError):
    """The file has no bytes, or nothing in it can be read."""

    hint = "Check the file where it came from; it may not have been copied completely."

    def __init__(self, name: str, detail: str = "the file is empty") -> None:
        super().__init__(name, detail)


class UnsupportedFileError(ReadError):
    """No reader takes this kind of file."""

    hint = (
        "docqa reads PDF, Word, Excel, PowerPoint and OpenDocument files, RTF, web pages, e-books,"
        " notebooks, tables, e-mail, pictures, text, Markdown and source code, in folders and zip"
        " archives."
    )


class FileTooLargeError(ReadError):
    """The file is larger than the limit."""

    hint = "Raise DOCQA_MAX_FILE_MB, or split the file."

    def __init__(self, name: str, size: int, limit: int) -> None:
        self.size = size
        self.limit = limit
        super().__init__(name, f"has {size / 1e6:,.0f} MB, the limit is {limit / 1e6:,.0f} MB")


class PasswordNeededError(ReadError):
    """The document is encrypted and the password is missing or wrong."""

    hint = "Give the password (on the command line with --password), or save an unprotected copy."

    def __init__(self, name: str, *, wrong: bool = False) -> None:
        self.wrong = wrong
        super().__init__(
            name, "the password is wrong" if wrong else "needs a password to be opened"
        )


class BrokenFileError(ReadError):
    """The file is damaged beyond what the reader can repair."""

    hint = "Open it elsewhere and save it again, or get another copy."


class NameConflictError(ReadError):
    """A document of this name with other bytes is there already."""

    hint = "Replace it with this file as a new version, or keep both."

    def __init__(self, name: str) -> None:
        super().__init__(name, "a document of this name, with other content, is there already")


class UnsafePathError(ReadError):
    """A path in an archive or folder leads outside of it."""

    hint = "Unpack the archive yourself and look at it before adding it."


class SourceUploadedError(ReadError):
    """A source that was uploaded is to be read again: it is not there to read."""

    hint = "Add the folder or archive again; what is unchanged in it costs nothing."

    def __init__(self, name: str) -> None:
        super().__init__(name, "was uploaded, so docqa cannot read it again by itself")


class ArchiveBombError(ReadError):
    """An archive unpacks to far more than its size, or to too many files."""

    hint = "Unpack the archive yourself and add the folder."


class DocumentBombError(ArchiveBombError):
    """An office file unpacks to far more than its size, or to too many parts."""

    hint = "Open it in its own program and save it again, or get another copy."


class ReaderTimeoutError(ReadError):
    """Reading took too long and was ended."""

    hint = "The file may be damaged; open it elsewhere and save it again."

    def __init__(self, name: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(name, f"reading took longer than {seconds:,.0f} s and was ended")


class ReaderCrashedError(ReadError):
    """The worker that read this file ended unexpectedly."""

    hint = "The file may be damaged; open it elsewhere and save it again."

    def __init__(self, name: str, detail: str = "the reader ended unexpectedly on it") -> None:
        super().__init__(name, detail)


class OcrError(DocqaError):
    """The words of a page could not be read from its picture; the rest of the file is."""

    hint = "Raise DOCQA_OCR_TIMEOUT_S, or try another engine with DOCQA_OCR."


class GitError(ReadError):
    """A repository could not be fetched or read."""

    hint = "Check the address and the branch, tag or commit, then try again."

    def __init__(self, name: str, detail: str, hint: str = "") -> None:
        if hint:
            self.hint = hint
        super().__init__(name, detail)


class GitMissingError(GitError):
    """Git is not installed on this machine, or too old."""

    hint = "Install it, for example with `apt-get install git`, then try again."

    def __init__(self, name: str, detail: str = "git is not installed on this machine") -> None:
        super().__init__(name, detail)


class GitUnreachableError(GitError):
    """The server of a repository does not answer, or the connection broke."""

    hint = "Check the address, the network and the proxy; a folder or an archive needs neither."


class GitAccessError(GitError):
    """A repository is private, or is not there: servers do not tell which."""

    hint = (
        "Check the address. For a private repository set DOCQA_GIT_TOKEN (and DOCQA_GIT_TOKEN_HOST"
        " where it is not github.com), or use its ssh address and a key."
    )


class GitRefError(GitError):
    """A repository has no such branch, tag or commit."""

    hint = "Give the full name of a branch or tag, or all 40 digits of a commit."

    def __init__(self, name: str, ref: str) -> None:
        self.ref = ref
        super().__init__(name, f"has no branch, tag or commit {ref!r}")


class EmptyRepositoryError(GitError):
    """A repository has no commit yet."""

    hint = "Commit and push something first."

    def __init__(self, name: str) -> None:
        super().__init__(name, "the repository is empty: it has no commits")


class RepositoryTooLargeError(GitError):
    """A fetch brought more bytes than the limit, and was stopped."""

    hint = "Raise DOCQA_MAX_REPOSITORY_MB, fetch without history, or add a folder of it instead."

    def __init__(self, name: str, limit: int) -> None:
        self.limit = limit
        super().__init__(name, f"the repository is larger than the limit of {limit / 1e6:,.0f} MB")


class GitCancelledError(GitError):
    """A fetch was cancelled; what came before it is kept as it was."""

    hint = "Start it again when you want it."

    def __init__(self, name: str) -> None:
        super().__init__(name, "cancelled")


class EngineError(DocqaError):
    """The engine did not do what was asked."""

    def __init__(self, engine: str, detail: str) -> None:
        self.engine = engine
        self.detail = detail
        super().__init__(f"{engine}: {detail}")


class EngineUnavailableError(EngineError):
    """The engine cannot be reached."""

    hint = "Start the server, or correct its address on the Engine page."


class EngineLoadingError(EngineUnavailableError):
    """The engine is there, but has not loaded its model yet."""

    hint = "Wait until it has loaded its model, then ask again; a large model takes minutes."


class EngineTimeoutError(EngineError):
    """The engine did not answer in time."""

    hint = "It may be loading the model or be busy; try again, or raise DOCQA_ENGINE_TIMEOUT_S."


class EngineKeyRefusedError(EngineError):
    """The engine refuses the key."""

    hint = "Check the API key (DOCQA_API_KEY or the Engine page)."


class EngineResponseError(EngineError):
    """The engine answered with an error, or died in mid-answer."""

    hint = "Look at the engine's log; what had arrived of the answer is kept."

    def __init__(self, engine: str, detail: str, status: int = 0) -> None:
        self.status = status
        """The HTTP status, 0 where there was none."""
        super().__init__(engine, detail)


class EngineNotConfiguredError(EngineError):
    """Something the engine needs (address, model, window) is not set."""

    hint = "Complete the engine's settings on the Engine page or in the environment."


class EngineLeavesMachineError(EngineError):
    """The engine is not on this machine, and this workspace has not been allowed to use it."""

    hint = "Confirm on the Ask page, or pass --allow-remote, that documents may be sent there."


class ContextOverflowError(EngineError):
    """What is to be read does not fit the engine's context window."""

    hint = "Ask in select mode, repack without excluded documents, or raise the context length."

    def __init__(self, engine: str, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(
            engine, f"the prompt needs {needed:,} tokens, the window leaves {available:,}"
        )


class EngineMemoryError(EngineError):
    """The engine's KV memory cannot hold what is to be read."""

    hint = (
        "Start the server with more KV memory (`docqa plan` says how much: --mem-fraction-static, "
        "--kv-cache-dtype fp8_e4m3, more GPUs), or ask in select mode."
    )


class StoreError(DocqaError):
    """The database or the files beside it cannot be used."""


class StorageFullError(StoreError):
    """No space is left where DOCQA_HOME is."""

    hint = "Free some space, or move DOCQA_HOME to a larger disk. Nothing that was saved is lost."

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"no space is left on the disk that holds {str(path)!r}")


class DatabaseBusyError(StoreError):
    """Another process holds the database for too long."""

    hint = "Try again; if it stays, look for another docqa process that hangs."


class DatabaseNewerError(StoreError):
    """The database was written by a newer docqa."""

    hint = "Install the newer docqa again, or restore a backup made by this version."

    def __init__(self, path: Path, revision: str) -> None:
        self.path = path
        self.revision = revision
        super().__init__(f"{str(path)!r} was written by a newer version of docqa ({revision})")


class DatabaseDamagedError(StoreError):
    """The database file is damaged or not a database."""

    hint = "Restore the last backup with `docqa restore FILE`."

    def __init__(self, path: Path, detail: str) -> None:
        self.path = path
        super().__init__(f"{str(path)!r} cannot be read: {detail}")


class StaleError(StoreError):
    """What was to be changed has been changed by someone else in the meantime."""

    hint = "Try again."


class ServingError(DocqaError):
    """The model server cannot be run on this machine as it was asked to."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint or self.hint
        super().__init__(message)


class ServerNotInstalledError(ServingError):
    """SGLang cannot be imported by the Python that is to run it."""

    hint = (
        'Install it beside docqa (pip install "docqa[gpu]"), or set DOCQA_SERVE_PYTHON to the '
        "Python of an environment that has it."
    )

    def __init__(self, python: str, detail: str = "has no package sglang") -> None:
        self.python = python
        super().__init__(f"{python!r} {detail}")


class ModelMissingError(ServingError):
    """The model to serve is not on this machine, or not all of it."""


class GpuMissingError(ServingError):
    """No GPU was found."""

    hint = (
        "Run it on the machine with the GPUs, or name them (--gpus 8xH200) if they were not "
        "recognised; with --dry-run it prints the command for another machine."
    )

    def __init__(self) -> None:
        super().__init__("no GPU was found on this machine")


class PortInUseError(ServingError):
    """Another program listens where the server is to listen."""

    def __init__(self, host: str, port: int) -> None:
        self.port = port
        super().__init__(
            f"another program listens on {host}:{port}",
            f"Stop it, or take another port: docqa serve --port {port + 1}",
        )


class ServerRunningError(ServingError):
    """A server is run from this DOCQA_HOME already."""

    hint = "Use it, or end it first: docqa serve --stop"

    def __init__(self, base_url: str, supervisor_pid: int | None) -> None:
        self.base_url = base_url
        where = f" at {base_url}" if base_url else ""
        who = f" (process {supervisor_pid})" if supervisor_pid else ""
        super().__init__(f"docqa serve is running already{where}{who}")


class ServerDiedError(ServingError):
    """The server ended while it was loading, or again and again after that."""


class EmbeddingError(DocqaError):
    """The embedding model cannot be loaded or run; passages are ranked by words then."""

    def __init__(self, detail: str, command: str = "") -> None:
        self.detail = detail
        self.hint = f"Type `{command}`, or set DOCQA_SEMANTIC=off." if command else ""
        super().__init__(f"re-ranking by meaning does not work: {detail}")


class SettingsError(DocqaError):
    """A setting has a value it cannot have."""

    hint = "See the table of settings in the README."


class MissingPackageError(DocqaError):
    """An optional package is needed and not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package = package
        self.extra = extra
        self.hint = f'Install it with `pip install "docqa[{extra}]"` or `pip install {package}`.'
        super().__init__(f"{package} is needed to {purpose}, and is not installed")


class NotBuiltError(DocqaError):
    """A part of the design that does not exist yet."""

    hint = "See CHANGELOG.md for what this version does."

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(f"{part}: not built yet")
