"""Evidence packs: what is in one, where, in which order, and how to check it without Assay."""
