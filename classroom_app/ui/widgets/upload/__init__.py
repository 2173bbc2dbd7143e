"""Challenge files: one ZIP, or photos of one label, sent to their route by the browser itself, which tries
again until they are there. What became of them is told to the page.

Knows nothing of how they are stored: the route does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from classroom_app.content import i18n
from classroom_app.errors import ClassroomError
from classroom_app.ui import texts
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.assets import local_path, nothing, script, source
from classroom_app.views.classes import LabelView
from classroom_app.views.photos import REJECTED_NAME_CHARS, REJECTED_NAMES, ChallengeUpload, RejectedFiles

STRINGS: Final = (
    "ch_again",
    "ch_between",
    "ch_choose",
    "ch_chosen_number",
    "ch_drop",
    "ch_give_up",
    "ch_label",
    "ch_limit",
    "ch_more_files",
    "ch_nothing",
    "ch_progress",
    "ch_reading",
    "ch_refused_empty",
    "ch_refused_kind",
    "ch_refused_large",
    "ch_refused_large_zip",
    "ch_refused_one",
    "ch_refused_zip",
    "ch_remove",
    "ch_send",
    "ch_sending",
    "ch_sending_photos",
    "ch_size_kb",
    "ch_size_mb",
    "ch_stay",
    "ch_stop",
    "ch_stopped",
    "ch_waiting",
)

_mount = st.components.v2.component(
    "classroom_upload",
    html=source("upload/upload.html"),
    css=source("common/look.css", "upload/upload.css"),
    js=script("upload/upload.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class UploadTold:
    """What the browser tells: that files are on their way (no `report`), or what became of them. `id`: of the
    report; it is told again until the page says that it has heard of it.
    """

    id: str = ""
    report: ChallengeUpload | None = None


def upload(
    *,
    url: str,
    title: str,
    kinds: str,
    labels: Sequence[LabelView],
    lang: str,
    endings: Sequence[str],
    megabytes: int,
    first: bool,
    heard: str,
    key: str,
) -> UploadTold | None:
    """Choose files and send them to `url`. With `labels` they are photos of one of these; without, one ZIP.

    `title` says what goes in, `kinds` which photos can be used; `endings` of files without a dot; `megabytes`
    of one at most. `first`: this is the one next thing on the page. `heard`: the last report that was taken.

    Files on their way belong to the browser's tab: reruns, and other pages of the app, stop nothing.
    """
    shown = [
        {"id": label.id, "name": f"{label.emoji} {texts.label_kanji(label.name(lang))}"} for label in labels
    ]
    result = _mount(
        key=key,
        data={
            "url": local_path(url),
            "way": "files" if labels else "zip",
            "many": bool(labels),
            "title": title,
            "kinds": kinds,
            "labels": shown,
            "endings": list(endings),
            "megabytes": megabytes,
            "bytes_max": megabytes * 1024 * 1024,
            "first": first,
            "heard": heard,
            "strings": {name: _open(name) for name in STRINGS},
        },
        on_told_change=nothing,
    )
    return told_of(result.told)


def _open(key: str) -> str:
    """A sentence whose blanks the browser fills: `%number` for `{number}`."""
    return t_kanji(key, **{name: f"%{name}" for name in i18n.blanks(key)})


def told_of(value: object) -> UploadTold | None:
    """The browser's message, if it is one. What is in it is for whoever sent it, and only shown."""
    if not isinstance(value, Mapping):
        return None
    if not value.get("id"):
        return UploadTold()
    added, rejected = value.get("added_to"), value.get("rejected")
    report = ChallengeUpload(
        added_to={str(label): _number(count) for label, count in added.items()}
        if isinstance(added, Mapping)
        else {},
        alike=_number(value.get("alike")),
    )
    for reason in rejected if isinstance(rejected, list) else ():
        if isinstance(reason, Mapping):
            report.rejected[_sentence(reason.get("error"))] = _files(reason)
    return UploadTold(str(value["id"]), report)


def _files(reason: Mapping[str, Any]) -> RejectedFiles:
    names = reason.get("names")
    told = names[:REJECTED_NAMES] if isinstance(names, list) else []
    return RejectedFiles(_number(reason.get("count")), [str(name)[:REJECTED_NAME_CHARS] for name in told])


def _sentence(key: object) -> str:
    """The key of a sentence without blanks."""
    known = isinstance(key, str) and i18n.has(key) and not i18n.blanks(key)
    return str(key) if known else ClassroomError.key


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
