"""Text becomes token ids and counts. `base.py` has the protocol, one module per tokenizer."""
