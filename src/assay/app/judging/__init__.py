"""From what a repository holds, or from what was recorded, to a decision and its report."""
