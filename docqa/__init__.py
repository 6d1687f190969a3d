"""docqa: document questions and answers with citations, on your own machines."""

__version__ = "0.1.0"
