"""Prompts become streamed text and usage. `base.py` has the protocol, one module per engine."""
