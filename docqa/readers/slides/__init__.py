"""Presentations: what stands on each slide, its notes, and what of it are pictures.

`pptx.py` reads PowerPoint's, `odp.py` OpenDocument's; both fill a `Slide` each (`slide.py`), of
which the document is made.
"""
