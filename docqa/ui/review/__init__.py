"""The Review page's pieces: making a review, its grid, a cell, the evidence beside it.

Words for verdicts and states are in `wording.py`, what the address says in `place.py`.
"""
