"""What Streamlit draws: texts for the viewer, the guard of the pages, charts and widgets."""
