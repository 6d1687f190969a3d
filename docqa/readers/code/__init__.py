"""Source code: symbols, imports and uses by tree-sitter; passages follow the symbols.

A file's way: `reader.py` decodes it, `syntax.py` parses it with its grammar (`grammars.py`) and
asks the tree once (`queries.py`), `definitions.py`, `imports.py` and `uses.py` make values of the
answer, `passages.py` cuts at the definitions. Where there is no grammar `by_lines.py` cuts.
"""
