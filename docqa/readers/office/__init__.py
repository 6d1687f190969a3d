"""Office files, web pages, e-books and notebooks -> documents with places."""
