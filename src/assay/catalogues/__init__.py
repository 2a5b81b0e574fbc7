"""Data only: questionnaires, controls, regulations."""
