"""Files become documents. `base.py` has the protocol, each other module one kind of file."""
