"""What is said and drawn: sentences in both languages, class templates, animals, fonts, emoji.

Knows nothing of who reads it; data and pure look-ups only.
"""
