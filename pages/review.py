"""Review: a checklist held against the documents, cell by cell, signed off by a person."""

from docqa.ui import state
from docqa.ui.review import header, panel, place, start

place.restore()
workspace = state.workspace()
reviews = state.app().reviewing.reviews(workspace.id)

if not reviews or place.making():
    start.draw(workspace, state.app().library.documents(workspace.id), first=not reviews)
else:
    review = header.draw(reviews)
    panel.draw(review.id)

state.address(place.address())
