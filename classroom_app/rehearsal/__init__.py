"""The rehearsal: a whole class day without hands, played over HTTP as iPads and a facilitator do.

The photos drawn for the demo, and the client of the routes that tests use too, are here as well.
"""

from __future__ import annotations

from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.rehearse import rehearse
from classroom_app.rehearsal.report import RehearsalReport

__all__ = ["RehearsalError", "RehearsalOptions", "RehearsalReport", "rehearse"]
