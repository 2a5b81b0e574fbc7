"""Further queries over the same locked-down files, for checks that ask for more than counts."""

from assay.adapters.engine.inspecting.inspector import Inspector, training_files

__all__ = ["Inspector", "training_files"]
