"""Pictures as Vega-Lite specifications: pure functions from results to plain dicts.

A specification names styles, never colours: a theme gives those (`assay.documents.charts.theme`),
and `assay.adapters.drawing` draws. Every specification has a title, and a description that
says the same in a sentence or two for those who cannot see it.
"""
