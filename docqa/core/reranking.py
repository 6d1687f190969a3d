"""Words and meaning together: how the best passages that words found are put in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEPTH = 25
"""Passages that are ranked again: those that words found first. More cost time and gain nothing."""
MEANING_WEIGHT = 1.25
"""Of a cosine, beside a score by words as a share of the best one's."""
CODE_MEANING_WEIGHT = 0.25
"""The same in a codebase, where names tell more: with a whole one, commits found fewer files."""
_LEAST_CODE = 0.1
"""Share of the passages from which on a question counts as one about code."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What meaning says of a passage."""

    cosine: float
    """With the question."""
    version_id: int
    """Of the document's version that it is in."""
    is_code: bool


def reranked(
    scored: Sequence[tuple[float, int]], meanings: Mapping[int, Meaning]
) -> list[tuple[float, int]]:
    """These (score, id), best first, with what meaning adds; scores keep about their size.

    The sum is of scaled scores, not of ranks: by how much the best one leads says something. In a
    codebase a file counts as a whole. What has no meaning among those that do (a language that the
    model does not know) gets the average one. What stands behind them keeps its order.
    """
    code = sum(each.is_code for each in meanings.values())
    if code > 0 and code >= _LEAST_CODE * len(meanings):
        return _fused(scored, _by_file(meanings), CODE_MEANING_WEIGHT)
    return _fused(scored, {key: each.cosine for key, each in meanings.items()}, MEANING_WEIGHT)


def _by_file(meanings: Mapping[int, Meaning]) -> dict[int, float]:
    """Of each passage, the best cosine of its file."""
    best: dict[int, float] = {}
    for each in meanings.values():
        best[each.version_id] = max(each.cosine, best.get(each.version_id, -1.0))
    return {key: best[each.version_id] for key, each in meanings.items()}


def _fused(
    scored: Sequence[tuple[float, int]], likeness: Mapping[int, float], weight: float
) -> list[tuple[float, int]]:
    if not likeness or not scored or scored[0][0] <= 0:
        return list(scored)
    top = scored[0][0]
    last = max(place for place, (_, key) in enumerate(scored) if key in likeness) + 1
    average = sum(likeness.values()) / len(likeness)
    fused = [
        (score + weight * top * likeness.get(key, average), key) for score, key in scored[:last]
    ]
    fused.sort(key=lambda item: (-item[0], item[1]))
    lowest = fused[-1][0]
    return fused + [(min(score, lowest), key) for score, key in scored[last:]]
