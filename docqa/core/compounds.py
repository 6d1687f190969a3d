"""Compound words of Germanic languages, cut where an ending says that a word is joined there.

`Kündigungsfrist` is found by `Frist` and by `Kündigung`: the `s` after `-ung`, `-heit` or `-ion`
stands nowhere but in a joint. Other compounds are left whole; that would take a dictionary.
"""

import re
from collections.abc import Mapping

_LATIN = "ions|täts|tets"
_JOINTS: Mapping[str, str] = {
    "de": rf"ungs|heits|keits|schafts|lings|tums|{_LATIN}",
    "nl": r"ings|heids|schaps|teits|tions",
    "sv": rf"nings|hets|skaps|doms|{_LATIN}",
    "da": rf"nings|ings|heds|skabs|doms|{_LATIN}",
    "nb": rf"nings|ings|hets|skaps|doms|{_LATIN}",
}
_SAME: Mapping[str, str] = {"no": "nb", "nn": "nb"}
_PATTERNS = {
    language: re.compile(rf"\w{{2,}}?(?:{joints})(?=\w{{3,}})")
    for language, joints in _JOINTS.items()
}


def compound_parts(folded: str, language: str) -> list[str]:
    """The words that a case-folded word is joined of; empty where it shows no joint."""
    pattern = _PATTERNS.get(_SAME.get(language, language))
    if pattern is None:
        return []
    parts: list[str] = []
    at = 0
    while match := pattern.match(folded, at):
        parts.append(match[0][:-1])
        at = match.end()
    return [*parts, folded[at:]] if parts else []
