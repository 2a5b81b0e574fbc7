"""Data only: questionnaires, controls, regulations, ready policies."""

from typing import Final

SHOWN_UNDER: Final = "assay/catalogues/"
"""What the names of these files begin with where people read them; no repository has them."""
