"""Policies as their authors work on them: read, compared, linted, tested, tried on the past."""
