"""The rehearsal: a whole class day without hands, played over HTTP as iPads and a facilitator do.

Knows nothing of Streamlit, the database or the services; it sees only the routes.
"""

from __future__ import annotations

from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.rehearse import rehearse
from classroom_app.rehearsal.report import RehearsalReport

__all__ = ["RehearsalError", "RehearsalOptions", "RehearsalReport", "rehearse"]
