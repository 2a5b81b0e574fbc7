"""What is wrong with a report from elsewhere."""

from __future__ import annotations

from assay.errors import NotEvaluated


class MalformedReport(NotEvaluated):
    """A report that another tool wrote is not in the format that the manifest says."""

    code = "external.malformed"
