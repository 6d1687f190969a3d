"""Checklists as files: YAML, CSV and XLSX, read with suspicion and written without formulas."""
