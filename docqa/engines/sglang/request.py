"""One `/generate`: where it goes on in a session, what of it is in memory, how it is written."""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from docqa.core.json_regex import regex_for
from docqa.engines.base import SamplingParams


@dataclass(frozen=True, slots=True)
class Branch:
    """Where in a session a request goes on: after the request `rid`, or at its beginning."""

    session: str
    rid: str = ""
    replace: bool = False
    """Forget what else goes on after `rid`."""
    rank: int | None = None
    """The data-parallel rank that holds the session's cache; the server chooses if None."""

    def as_json(self) -> dict[str, object]:
        """SGLang's `session_params`."""
        if not self.rid:
            return {"id": self.session}
        # The one token that warming produced is not part of the corpus.
        params: dict[str, object] = {
            "id": self.session,
            "rid": self.rid,
            "drop_previous_output": True,
        }
        return params | ({"replace": True} if self.replace else {})


@dataclass(frozen=True, slots=True)
class Ids:
    """Token ids to be sent: some of them from the disk, never all in memory."""

    chunks: Iterable[Iterable[int]]
    count: int


@dataclass(frozen=True, slots=True)
class Request:
    """One `/generate`."""

    ids: Ids
    rid: str
    params: SamplingParams
    branch: Branch | None = None
    salt: str = ""


@dataclass
class Sent:
    """What was sent for a question so far."""

    tokens: int = 0
    bytes: int = 0


def body_of(request: Request) -> Iterator[bytes]:
    """The JSON body of `/generate`, the ids in pieces."""
    params = request.params
    sampling: dict[str, object] = {
        "temperature": params.temperature,
        "max_new_tokens": params.max_tokens,
    }
    if params.seed is not None:
        sampling["sampling_seed"] = params.seed
    if params.stop:
        sampling["stop"] = list(params.stop)
    if params.json_schema is not None:
        sampling |= _grammar(params.json_schema)
    fields: dict[str, object] = {
        "rid": request.rid,
        "stream": True,
        "sampling_params": sampling,
    }
    if request.branch is not None:
        fields["session_params"] = request.branch.as_json()
        if request.branch.rank is not None:
            fields["routed_dp_rank"] = request.branch.rank
    if request.salt:
        fields["cache_salt"] = request.salt
    yield json.dumps(fields)[:-1].encode() + b', "input_ids": ['
    first = True
    for chunk in request.ids.chunks:
        written = ",".join(map(str, chunk))
        if written:
            yield (written if first else "," + written).encode("ascii")
            first = False
    yield b"]}"


def _grammar(schema: Mapping[str, object]) -> dict[str, object]:
    """An expression where there is one: whether a schema allows white space is up to the server."""
    expression = regex_for(schema)
    return {"regex": expression} if expression else {"json_schema": json.dumps(schema)}


def counted(chunks: Iterator[bytes], sent: Sent) -> Iterator[bytes]:
    """The same chunks; their bytes are added to `sent` as they go."""
    for chunk in chunks:
        sent.bytes += len(chunk)
        yield chunk


def in_memory(ids: list[int]) -> Ids:
    """Few ids, from memory."""
    return Ids((array("I", ids),), len(ids))
