"""Filling tallies from batches of rows, with arrays: whichever engine reads the rows."""

from assay.stats.tallies.filling.batch import Batch, Layout
from assay.stats.tallies.filling.fill import Filling

__all__ = ["Batch", "Filling", "Layout"]
