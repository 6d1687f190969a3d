"""Workbooks and tables: rows as they are shown, with their header, and where each cell stands.

A file's way: `xlsx.py`, `ods.py`, `binary.py` (.xls, .xlsb) or `delimited.py` (.csv, .tsv) give its
sheets as streams of rows (`grid.py`), `tables.py` finds the tables and their headers in them,
`passages.py` packs rows into passages, and `reader.py` bounds all that and says what is odd.
"""
