"""Every group of a class as it is now: the lines of the facilitators' monitor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from classroom_app.data.engine import Session
from classroom_app.data.repository import embedding, runs, unread
from classroom_app.data.tables import Event, Group, Run
from classroom_app.states import ACTIVE_STATES, RunState
from classroom_app.views.classes import GroupView
from classroom_app.views.console import GroupStatus


def group_lines(
    session: Session,
    event: Event,
    now: dt.datetime,
    counts: Mapping[str, dict[str, int]],
    all_runs: Sequence[Run],
) -> list[GroupStatus]:
    """`counts`: photos by group id and label id; `all_runs`: of all groups, of each the oldest first."""
    ids = [group.id for group in event.groups]
    pending = embedding.pending_counts(session, ids)
    set_aside = unread.set_aside_counts(session, ids)
    lines = []
    for group in event.groups:
        own = [run for run in all_runs if run.group_id == group.id]
        news = [run for run in own if runs.is_news(run, group)]
        active = [run.state for run in own if run.state in ACTIVE_STATES]
        lines.append(
            GroupStatus(
                group=group_view(group),
                seen_seconds_ago=(now - group.seen_at).total_seconds() if group.seen_at else None,
                photos=counts[group.id],
                features_pending=pending.get(group.id, 0),
                runs=sum(run.state == RunState.DONE for run in own),
                version=max((run.version for run in own if run.state == RunState.DONE), default=0),
                active_state=active[0] if active else None,
                last_error_key=news[-1].error_key if news else None,
                set_aside=set_aside.get(group.id, 0),
            )
        )
    return lines


def group_view(group: Group) -> GroupView:
    return GroupView(
        id=group.id,
        key=group.key,
        emoji=group.emoji,
        color=group.color,
        name_ja=group.name_ja,
        name_en=group.name_en,
        join_path=f"/join/{group.join_token}",
        picture_code=tuple(group.picture_code),
        joined=group.joined_at is not None,
        faces=group.faces,
        ipads=group.ipads,
    )
