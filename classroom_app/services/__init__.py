"""Use cases, one file a noun; each method is one transaction.

Knows nothing of HTTP, pages or cookies' spelling.
"""
