"""The only package that imports streamlit: frame, state, components and drawing pieces."""
