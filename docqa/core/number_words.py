"""The words for small numbers and tens, with their values."""

_SMALL = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"

UNITS = {word: value for value, word in enumerate(_SMALL.split())}
"""`zero` to `nineteen`."""
TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
"""`twenty` to `ninety`."""
