"""Loaders: what people write, as valid frozen values or an error with its place."""
