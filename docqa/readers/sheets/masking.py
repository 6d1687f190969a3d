"""Passwords, keys and tokens in cells, masked as in text files."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from docqa.core.symbols import Secret
from docqa.readers.base import ReaderOptions
from docqa.readers.secrets import find_secrets, mask
from docqa.readers.sheets.grid import Row

BATCH_ROWS = 2_000
"""Looked through at once: asking for each row would cost more than looking."""
BATCH_CELLS = 100_000
"""After so many a batch ends, so that of wide rows few are held."""


def masked_rows(
    rows: Iterable[Row], name: str, options: ReaderOptions, found: list[Secret]
) -> Iterator[Row]:
    """The rows, secrets in their cells masked unless the options say not, and added to `found`.

    The `line` of a secret is its row's number.
    """
    for batch in _batches(rows):
        yield from _masked(batch, name, options, found)


def _batches(rows: Iterable[Row]) -> Iterator[tuple[Row, ...]]:
    held: list[Row] = []
    cells = 0
    for row in rows:
        held.append(row)
        cells += len(row.cells)
        if len(held) >= BATCH_ROWS or cells >= BATCH_CELLS:
            yield tuple(held)
            held, cells = [], 0
    if held:
        yield tuple(held)


def _masked(
    rows: tuple[Row, ...], name: str, options: ReaderOptions, found: list[Secret]
) -> Iterable[Row]:
    text = "\n".join(cell.text for row in rows for cell in row.cells)
    secrets = find_secrets(name, text)
    if not secrets:
        return rows
    numbers = [row.number for row in rows for _ in row.cells]
    found += [replace(secret, line=numbers[secret.line - 1]) for secret in secrets]
    lines = iter((mask(text, secrets) if options.mask_secrets else text).split("\n"))
    return [
        Row(row.number, tuple(cell._replace(text=next(lines)) for cell in row.cells))
        for row in rows
    ]
