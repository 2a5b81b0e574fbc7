"""Requirements, tiers and the gate."""
