"""Predictions: a model's own command in a separate, bounded process, file in, file out."""
