"""Saved messages: headers, text, and what is attached, read by the readers of its own kind.

`eml.py` (the internet's format, by the standard library) and `msg.py` (Outlook's) make a `Message`
(`message.py`) of a file; `reading.py` reads it and all that is in it, within bounds.
"""
