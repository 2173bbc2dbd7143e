"""What a facilitator does to one training, from whichever page: stop it, or try it again.

Knows nothing of how trainings are listed, nor of what is said when it is refused.
"""

from __future__ import annotations

from classroom_app.resources import App
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.jobs import JobWish
from classroom_app.views.classes import EventView


def may_change_jobs(app: App) -> bool:
    """Are there buttons for whoever looks?"""
    return app.lets("jobs", "cancel") and app.lets("jobs", "retry")


def change(app: App, event: EventView, wish: JobWish) -> str:
    """Words for what came of it. Raises ClassroomError as JobService does."""
    if wish.act == "cancel":
        app.jobs.cancel(event.id, wish.run_id)
        return t_kanji("cs_job_stopped_now")
    app.queue.enqueue(app.jobs.retry(event.id, wish.run_id))
    return t_kanji("cs_job_retried")
