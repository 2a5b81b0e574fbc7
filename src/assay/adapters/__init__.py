"""Edges: loaders of what people write, databases, blob stores, keys, clocks, engines."""
