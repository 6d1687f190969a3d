"""How high a table is."""

from typing import Literal


def height_of(rows: int, *, most: int, limit: int) -> int | Literal["content"]:
    """As high as its rows, or as `limit` pixels when there are more than `most` of them."""
    # Only the browser knows the height of a row: it follows the size of the font.
    return "content" if rows <= most else limit
