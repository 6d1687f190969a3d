"""Benchmarks of reviews: evidence ranking, quotes, deleted evidence, and 10,000 cells."""
