"""Why a pack was not in the cache: what the engine knows of it, and what earlier answers tell."""

from collections.abc import Sequence
from dataclasses import replace

from docqa.core.answers import Usage
from docqa.services.measurements import WARM
from docqa.store.costs import AnswerCost
from docqa.store.store import Store
from docqa.store.values import JobInfo, PackInfo

EARLIER = 20
"""Answers that are looked at."""
HIT_SHARE = 0.75
"""Of the pack's tokens, cached; not all, because another vocabulary may need fewer tokens."""
FIRST = "the first question over these documents"
CHANGED = "the documents have changed since the last question"
LOST = "the engine had read it, but did not keep it"


def explained(store: Store, answer_id: int, pack: PackInfo, usage: Usage) -> Usage:
    """The usage of an answer with the cause of its miss, if it was one; for answers in whole."""
    now = store.costs.one(answer_id)
    if now is None or now.mode != "whole" or not usage.prompt_tokens:
        return usage
    if not usage.cache_miss and is_hit(usage, pack):
        return usage
    earlier = store.costs.recent(pack.workspace_id, limit=EARLIER, before=answer_id)
    warmings = store.jobs.last(WARM, pack.workspace_id)
    ours = cause(now, pack.hash, earlier, warmings)
    return replace(usage, cache_miss=together(usage.cache_miss, ours))


def is_hit(usage: Usage, pack: PackInfo) -> bool:
    """Whether the pack was cached; also where the engine does not tell."""
    return usage.cached_tokens is None or usage.cached_tokens >= HIT_SHARE * min(
        pack.token_count, usage.prompt_tokens
    )


def cause(
    now: AnswerCost, pack: str, earlier: Sequence[AnswerCost], warmings: Sequence[JobInfo]
) -> str:
    """What earlier answers and warmings tell of why the pack was not cached."""
    whole = [answer for answer in earlier if answer.mode == "whole"]
    same = [answer for answer in whole if (answer.engine, answer.model) == (now.engine, now.model)]
    warmed = {
        job.result.get("pack")
        for job in warmings
        if job.payload.get("engine") == now.engine and job.payload.get("model") in ("", now.model)
    }
    if pack in warmed or any(answer.pack == pack for answer in same):
        return LOST
    if same or warmed:
        return CHANGED
    if whole:
        other = whole[0].model or whole[0].engine
        return f"another engine answered before ({other})"
    return FIRST


def together(theirs: str, ours: str) -> str:
    """What the engine says, with what it cannot know; alone where the engine says nothing."""
    if not theirs:
        return ours
    vague = theirs.startswith("not warmed") and ours != LOST
    return f"{theirs}: {ours}" if vague else theirs
