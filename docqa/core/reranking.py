"""Words and meaning together: how the best passages that words found are put in order."""

from collections.abc import Mapping, Sequence

DEPTH = 25
"""Passages that are ranked again: those that words found first. More cost time and gain nothing."""
MEANING_WEIGHT = 1.5
"""Of a cosine, beside a score by words as a share of the best one's."""


def reranked(
    scored: Sequence[tuple[float, int]], likeness: Mapping[int, float]
) -> list[tuple[float, int]]:
    """These (score, id), best first, with what meaning adds; scores keep about their size.

    `likeness` are cosines with the question. The sum is of scaled scores, not of ranks: by how much
    the best one leads says something. What has no cosine among those that do (a language that the
    model does not know) gets the average one. What stands behind them keeps its order.
    """
    if not likeness or not scored or scored[0][0] <= 0:
        return list(scored)
    top = scored[0][0]
    last = max(place for place, (_, key) in enumerate(scored) if key in likeness) + 1
    average = sum(likeness.values()) / len(likeness)
    fused = [
        (score + MEANING_WEIGHT * top * likeness.get(key, average), key)
        for score, key in scored[:last]
    ]
    fused.sort(key=lambda item: (-item[0], item[1]))
    lowest = fused[-1][0]
    return fused + [(min(score, lowest), key) for score, key in scored[last:]]
