"""Reports, cards and packs: what people and other programs read; pure."""
