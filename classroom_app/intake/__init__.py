"""Untrusted bytes in, a clean small JPEG and its measures out.

Knows nothing of groups, labels or where photos are kept.
"""
