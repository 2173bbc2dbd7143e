"""What Streamlit draws: texts for the viewer, the guard of the pages, charts and widgets.

Knows nothing of the database; services hand it what is shown.
"""
