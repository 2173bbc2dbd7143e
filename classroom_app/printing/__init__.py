"""What is printed for a class, as PDF.

Knows nothing of the database or of how links are signed.
"""
