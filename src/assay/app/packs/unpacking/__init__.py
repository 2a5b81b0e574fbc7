"""The steps of verifying a pack: its outside, its entries, what they name, how it all links.

A pack is hostile until shown otherwise. Each step takes bytes that the one before has pinned,
and raises at the first file that is not what it claims to be.
"""
