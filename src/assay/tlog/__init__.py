"""Merkle trees, proofs, checkpoints and signed notes; pure."""
