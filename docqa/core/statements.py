"""Questions about financial statements, and what is looked for beside their words.

Statements say "net sales" where a person asks for revenue, and stand in tables under a title. What
helps there (other names of a line item, the top of the page, dense numbers) costs elsewhere, so a
question must name a line item and a period or a report before any of it counts.
"""

import re

LESSER_WEIGHT = 0.4
"""Of a word that the question does not say itself."""
DENSITY_WEIGHT = 0.5
"""Of a passage full of numbers, as a share of its score by words."""

_NAMES = (
    ("revenue", "net sales", "net revenue", "sales"),
    ("net income", "net earnings", "net profit", "profit"),
    ("operating income", "income from operations", "operating profit"),
    ("cost of sales", "cost of revenue", "cost of goods sold", "cogs"),
    ("gross margin", "gross profit"),
    ("operating expense", "operational spending", "operational expense"),
    ("research and development", "r&d"),
    ("capital expenditure", "purchases of property and equipment", "capex"),
    ("stockholders equity", "shareholders equity"),
    ("share repurchase", "stock repurchase", "repurchases of common stock", "stock buyback"),
    ("earnings per share", "eps"),
    ("effective tax rate", "provision for income taxes", "tax rate"),
    ("cash flow", "cash provided by operating activities", "cash used in investing activities"),
    ("inventory", "inventories"),
    ("long-term debt", "notes payable"),
    ("total assets",),
    ("total liabilities",),
    ("dividend",),
    ("accounts receivable", "trade receivables"),
    ("depreciation", "amortization"),
    ("interest expense",),
    ("goodwill",),
)
"""Line items: names of the same thing, or of what is told in the same table."""


def _pattern(name: str) -> str:
    words = re.split(r"[ -]", name)
    return r"[\s-]+".join(re.escape(word.removesuffix("s")) + r"(?:e?s|'s|’s)?" for word in words)


_LINE_ITEMS = tuple(
    (re.compile(rf"\b(?:{'|'.join(map(_pattern, names))})(?!\w)", re.IGNORECASE), names)
    for names in _NAMES
)
_PERIOD = re.compile(
    r"\b(?:fy ?'?\d{2,4}|q[1-4]|[1-4]q|(?:19|20)\d\d|fiscal|quarter(?:s|ly)?|annual|10-?[kq]"
    r"|year|half[- ]year|filing|balance sheet|income statement|cash flow statement)\b",
    re.IGNORECASE,
)


def other_names(question: str) -> str:
    """Other names of the line items that a question about statements asks for; else empty."""
    if not _PERIOD.search(question):
        return ""
    found = (
        name
        for pattern, names in _LINE_ITEMS
        if pattern.search(question)
        for name in names
        if name.casefold() not in question.casefold()
    )
    return "\n".join(found)


def is_about_statements(question: str) -> bool:
    """Whether a question names a line item and a period or a report."""
    return bool(_PERIOD.search(question)) and any(
        pattern.search(question) for pattern, _ in _LINE_ITEMS
    )


def number_density(terms: list[str]) -> float:
    """Share of terms that are numbers, 0 to 1."""
    return sum(term[0].isdigit() for term in terms) / len(terms) if terms else 0.0
