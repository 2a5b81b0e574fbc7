"""Governance as code for machine learning."""
