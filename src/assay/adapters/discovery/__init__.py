"""A first manifest for a folder: what is found there, what is asked, and what is written."""
