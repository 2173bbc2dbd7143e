"""The race and the live board on the projector: photos until there is an AI, then what the AIs get right."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.content.catalog import ROBOT_ADDRESS
from classroom_app.ui import texts, viewer
from classroom_app.ui.charts import leaderboard as chart_of
from classroom_app.ui.texts import t, t_html
from classroom_app.ui.widgets.projector.frame import animal, name_of
from classroom_app.views.contest import Born, Lane, Race
from classroom_app.views.training import Baseline

ONE_COLUMN_MAX: Final = 12  # more lines than this are too thin to read from the back row
LINES_MAX: Final = 30
PHOTOS_GOAL: Final = 30  # a bar of photos is full here, or at the most that a group has


def race(shown: Race, *, dark: bool, over: bool) -> None:
    """`over`: no AI comes any more."""
    lines = _lines(shown, over=over)
    columns = 1 if len(lines) <= ONE_COLUMN_MAX else 2
    size = -(-len(lines) // columns)
    with st.container(key=f"pj_board_{columns}"):
        for number, column in enumerate(st.columns(columns, gap="large")):
            part = [{**line, "slot": slot} for slot, line in enumerate(lines[number * size :][:size])]
            spec = chart_of.leaderboard(
                pd.DataFrame(part, columns=list(chart_of.LEADERBOARD_COLUMNS)),
                title=t("pj_chart"),
                rows_min=size,
                columns=columns,
                dark=dark,
            )
            # Another number of lines is another chart; with the same one only bars and places change.
            key = f"pj_chart_{columns}_{number}_{size}_{dark}"
            column.vega_lite_chart(spec=spec, theme=None, width="stretch", height="stretch", key=key)


def news(shown: Race, *, frozen: bool, over: bool) -> str:
    """One line of what has just happened, or of what comes, as HTML, and what a dot in a bar is."""
    dots = any(len(lane.versions) > 1 for lane in shown.lanes)
    key = f'<span class="pj-dot"><i></i>{t_html("pj_earlier")}</span>' if dots else ""
    return f"{_newest(shown, frozen=frozen, over=over)}{key}"


def _newest(shown: Race, *, frozen: bool, over: bool) -> str:
    if over:
        return f"🤫 {t_html('pj_final_next')}"
    if frozen:
        return f'<span class="pj-news pj-frozen">🧊 {t_html("pj_frozen")}</span>'
    if shown.born is not None:
        # Another key is another element, which pops in.
        return f'<span class="pj-news pj-pop-{shown.runs % 2}">{_birth(shown.born)}</span>'
    return f"📷 {shown.photos}&emsp;{t_html('pj_race_hint')}" if shown.photos else t_html("pj_nobody_hint")


def _birth(born: Born) -> str:
    who = f"{animal(born.row)} {name_of(born.row)}"
    score = f"{born.correct}/{born.total}"
    if born.first:
        return f"🌟 {t_html('pj_first_ai')} {who} <b>{score}</b>"
    gain = "" if born.before is None else f"{born.before} ➜ "
    return f"🤖 {who} {t_html('pj_born', number=born.version)} <b>{gain}{score}</b>"


def _lines(shown: Race, *, over: bool) -> list[dict[str, object]]:
    most = max([lane.row.photos for lane in shown.lanes], default=0)
    lines = [_line(lane, most, by_photos=not shown.runs, over=over) for lane in shown.lanes]
    if shown.runs and len(lines) + len(shown.baselines) <= LINES_MAX:
        for baseline in sorted(shown.baselines, key=_share):  # the best last, which is put before the others
            better = [lane for lane in shown.lanes if _right(lane) >= _share(baseline)]
            lines.insert(len(better), _baseline(baseline))
    return lines


def _right(lane: Lane) -> float:
    """The share of 1 that counts; nothing counts less than any share."""
    correct, total = lane.row.practice_correct, lane.row.practice_total
    return correct / total if correct is not None and total else -1.0


def _share(baseline: Baseline) -> float:
    return baseline.correct / baseline.total if baseline.total else 0.0


def _line(lane: Lane, most: int, *, by_photos: bool, over: bool) -> dict[str, object]:
    row = lane.row
    filled = row.photos / max(most, PHOTOS_GOAL)
    right, total = row.practice_correct, row.practice_total
    score = f"{right}/{total}" if right is not None and total else ""
    none = "" if score or lane.training else _why_none(lane, over=over)
    if by_photos and (row.photos or lane.joined):
        none = ""
    share = right / total if right is not None and total else 0.0
    shares = [correct / all_of_them for correct, all_of_them in lane.versions if all_of_them]
    latest = shares[-1] if shares else share if score else None
    return {
        "key": row.group_id,
        "rank": str(row.rank) if row.rank is not None else "",
        "picture": row.picture,
        "name": texts.label_plain(row.name(viewer.lang())),
        "photos": f"{row.photos}" if not by_photos or row.photos or lane.joined else "",
        "share": filled if by_photos else share,
        "latest": math.nan if by_photos else latest,
        "earlier": ",".join(f"{one:.4f}" for one in shares[:-1]),
        "score": score,
        "state": "🌱" if lane.training else "",
        "none": none,
        "color": row.color,
    }


def _why_none(lane: Lane, *, over: bool) -> str:
    if over:
        came = "pj_no_photos" if lane.joined else "pj_away"
        return t("pj_only_photos" if lane.row.photos else came)
    return t("pj_no_ai_yet" if lane.joined else "pj_not_here")


def _baseline(baseline: Baseline) -> dict[str, object]:
    share = _share(baseline)
    return {
        "key": f"baseline-{baseline.kind}",
        "rank": "",
        "picture": ROBOT_ADDRESS,
        "name": t(f"pj_baseline_{baseline.kind}"),
        "photos": "",
        "share": share,
        "latest": share,
        "earlier": "",
        "score": f"{baseline.correct}/{baseline.total}",
        "state": "",
        "none": "",
        "color": chart_of.BASELINE,
    }
