"""The Code page: files, what is in them, how they hang together, and questions about them."""
