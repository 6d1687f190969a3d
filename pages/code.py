"""Code: the files of a codebase, how they hang together, and questions about them."""

from docqa.ui import state
from docqa.ui.code import panel, place

place.restore()
panel.draw(state.workspace())
state.address(place.address())
