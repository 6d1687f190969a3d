"""Reviews as files: CSV, XLSX, a PDF report, a JSON packet."""
