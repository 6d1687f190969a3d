"""Pages that are pictures -> words with places and confidences, by programs of their own."""
