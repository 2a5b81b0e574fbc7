"""Tallies in their envelope, measurements, statements."""
