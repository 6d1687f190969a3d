"""The Coverage page: every page of a workspace counted, listed and exported."""
