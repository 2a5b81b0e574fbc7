"""DuckDB as the column engine: one locked-down pass from a file to tallies."""

from assay.adapters.engine.collector import DuckDbCollector

__all__ = ["DuckDbCollector"]
