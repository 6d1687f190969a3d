"""An SGLang without a model, over real HTTP: for unit tests and for measuring docqa's own part."""
