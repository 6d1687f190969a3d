"""SGLang by its own interface: token ids, sessions, one root for each pack, questions as branches.

A question's way: `engine.py` asks `trees.py` for the root of the prefix, which `session.py` opens
and reads in growing steps if need be, its ids coming from `prefix_ids.py`; the tail's ids are made
by `template.py`; `native.py` sends them and reads the answer.
"""
