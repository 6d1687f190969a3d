"""The only package that imports streamlit: frame, state, components and the pieces pages draw.

A page reads widgets, calls docqa, draws. Work happens in jobs, never in a page's script; what a
session remembers has its keys in `state.py`; text of documents and models reaches the browser as
data and is put into text nodes, never into markup.
"""
