"""The rehearsal: a whole class day without hands, played over HTTP as iPads and a facilitator do.

The photos drawn for the demo, and the client of the routes that tests use too, are here as well.

With the same seed, photos and groups it is the same day on the same release and kind of processor: who gets
which photos, both halves, every score, and with them the ranks and the order of the reveal (with no tie-break
by time). Not the same are ids, times, which iPad sends a photo, and who trains first.
"""

from __future__ import annotations

from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.rehearse import rehearse
from classroom_app.rehearsal.report import RehearsalReport

__all__ = ["RehearsalError", "RehearsalOptions", "RehearsalReport", "rehearse"]
