"""A class on one machine: the launcher, a private certificate authority and its page.

Knows nothing of pages or models.
"""
