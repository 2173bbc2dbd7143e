"""Trainings for facilitators: what waits, runs, failed and is done, with the buttons to mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from classroom_app.content import dates
from classroom_app.states import RunState
from classroom_app.ui import viewer
from classroom_app.ui.texts import side_by_side, t_kanji
from classroom_app.ui.widgets.staff_frame import animal, badge, escape, name
from classroom_app.views.classes import GroupView
from classroom_app.views.jobs import JobCounts, JobLine

SHOWN_MAX: Final = 60  # newer ones tell enough; each row costs the browser something
_KIND: Final = {
    RunState.QUEUED: "busy",
    RunState.RUNNING: "busy",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "quiet",
}
_MINUTE_S: Final = 60


@dataclass(frozen=True)
class JobWish:
    """What a facilitator pressed beside a training."""

    act: Literal["cancel", "retry"]
    run_id: str


def counts(shown: JobCounts, *, goes_on: bool) -> None:
    """The queue in one line. Several classes share it, so it is not of this class alone. `goes_on`: one
    that is begun now would be done after a while; not while the compute tier is away or the round is over.
    """
    parts = [
        t_kanji("cs_jobs_queued", number=shown.queued),
        t_kanji("cs_jobs_running", number=shown.running),
    ]
    if goes_on and shown.expected_s is not None:
        parts.append(t_kanji("cs_jobs_expected", time=duration(max(1.0, shown.expected_s))))
    words = "".join(f"<span>{escape(part)}</span>" for part in parts)
    st.html(f'<div class="staff-facts" role="status">{words}</div>')


def lines(
    jobs: Sequence[JobLine],
    groups: Mapping[str, GroupView] | None = None,
    *,
    most: int = SHOWN_MAX,
    acts: bool = True,
    tier_away: bool = False,
) -> JobWish | None:
    """A row a training, those at work first, then what failed and was not tried again; with `groups` (by id)
    also whose it is. `acts`: with buttons to stop it and to try it again. `tier_away`: nothing can go on.
    """
    if not jobs:
        st.html(f'<p class="staff-hint">{escape(t_kanji("cs_jobs_none"))}</p>')
        return None
    wish = None
    for job in sorted(jobs, key=lambda job: (not job.active, not job.may_retry))[:most]:
        with st.container(key=f"job_{job.id}", horizontal=True, vertical_alignment="center"):
            whose = groups.get(job.group_id) if groups else None
            st.html(_line(job, whose, waits=tier_away and job.state == RunState.RUNNING), width="stretch")
            if job.active and acts and st.button(t_kanji("cs_job_cancel"), key=f"cancel_{job.id}", icon="⏹️"):
                wish = JobWish("cancel", job.id)
            retry = f"retry_{job.id}"
            if job.may_retry and acts and st.button(t_kanji("cs_job_retry"), key=retry, icon="🔁"):
                wish = JobWish("retry", job.id)
    if len(jobs) > most:
        more = t_kanji("cs_jobs_more", number=len(jobs) - most)
        st.html(f'<p class="staff-hint">{escape(more)}</p>')
    return wish


def duration(seconds: float) -> str:
    """Such as `12 s` or `3:05`."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return t_kanji("cs_seconds", number=whole)
    return t_kanji("cs_minutes", minutes=whole // _MINUTE_S, seconds=f"{whole % _MINUTE_S:02d}")


def _line(job: JobLine, group: GroupView | None, *, waits: bool) -> str:
    """`waits`: it was begun, and its computer is away."""
    who = ""
    if group is not None:
        who = f"<b>{animal(group.picture)} {name(group.name(viewer.lang()))}</b>"
    state, told = t_kanji(f"cs_job_{job.state}"), _told(job)
    if waits:
        state = t_kanji("cs_stage_waiting")
        told = side_by_side(t_kanji("cs_stage_away"), duration(job.seconds))
    return (
        f'<div class="staff-job">{who}<span>{escape(t_kanji("mo_version", number=job.version))}</span>'
        f"{badge(state, _KIND[job.state])}<span>{escape(told)}</span></div>"
    )


def _told(job: JobLine) -> str:
    """How far it is, or what came of it; of one that is done how long it took, and when it was begun."""
    took, asked = duration(job.seconds), dates.time_words(job.requested_at)
    if job.state == RunState.QUEUED:
        waits = t_kanji("cs_job_place", number=job.place, time=took)
        if job.expected_s is None:
            return waits
        return f"{waits}{t_kanji('cs_job_expected', time=duration(max(1.0, job.expected_s)))}"
    if job.state == RunState.RUNNING:
        return side_by_side(f"{t_kanji(f'cs_stage_{job.stage}')} {round(100 * job.progress)} %", took)
    if job.state == RunState.DONE and job.practice is not None:
        right, questions = job.practice
        gone = t_kanji("cs_job_gone", number=job.photos_gone) if job.photos_gone else ""
        return side_by_side(f"{right} / {questions}", took, asked, gone)
    if job.error_key:
        when = dates.time_words(job.requested_at + dt.timedelta(seconds=job.seconds))  # its line in the log
        return t_kanji(_reason(job.error_key), time=when)
    return took


def _reason(error_key: str) -> str:
    """For grown-ups: what it was, and what to do. Others have the children's sentence."""
    known = {"run_failed", "run_waited_too_long", "run_only_seen", "run_stopped"}
    return f"cs_why_{error_key}" if error_key in known else error_key
