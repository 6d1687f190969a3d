"""The use cases: what pages and the command line call."""
