"""SQLite through SQLAlchemy, and original files beside it. Rows never leave this package."""
