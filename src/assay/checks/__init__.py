"""Families of checks: evidence in, measurements out."""
