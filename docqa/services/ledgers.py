"""What a workspace's pages add up to, and how the engine in force meets them."""

from dataclasses import dataclass
from typing import Any

from docqa.core.coverage import Reach, Tally, statement, sum_of
from docqa.store.coverage import SourceTally

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums of a workspace: the sources' add up to the total."""

    workspace: str
    sources: tuple[SourceTally, ...]
    reach: Reach
    engine: str

    @property
    def total(self) -> Tally:
        """All pages of all sources."""
        return sum_of(source.tally for source in self.sources)

    @property
    def documents(self) -> int:
        """Of all sources; files left out are not among them."""
        return sum(source.documents for source in self.sources)

    def statement(self) -> str:
        """What can be asked about and what cannot, in words."""
        return statement(self.total, self.reach)


def ledger_json(ledger: Ledger) -> Json:
    """The sums as the command line and the JSON export have them."""
    return {
        "workspace": ledger.workspace,
        "engine": ledger.engine,
        "reach": ledger.reach,
        "documents": ledger.documents,
        **tally_json(ledger.total, ledger.reach),
        "statement": ledger.statement(),
        "sources": [
            {
                "source": source.name,
                "kind": source.kind,
                "documents": source.documents,
                **tally_json(source.tally, ledger.reach),
            }
            for source in ledger.sources
        ],
    }


def tally_json(tally: Tally, reach: Reach) -> Json:
    """Pages in all, by class, and in the window; null where the best are chosen anew."""
    return {
        "pages": tally.total,
        "readable": tally.readable,
        "in_window": tally.in_window(reach),
        "classes": dict(tally.named()),
    }
