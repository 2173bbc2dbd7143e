"""Altair charts: DataFrame in, chart out.

Knows nothing of groups, classes or where the figures come from.
"""
