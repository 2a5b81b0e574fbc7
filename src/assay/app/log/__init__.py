"""The journal and its transparency log: recorded, published, witnessed, verified."""
