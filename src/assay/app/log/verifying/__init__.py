"""The steps of verifying a journal: its tree, what its events name, the records folded.

Each step looks at one entry after another in bounded memory, and raises at the first that is
not what it claims to be.
"""
