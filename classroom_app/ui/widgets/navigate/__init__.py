"""Going to another address of this site, if need be after a POST that sets a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import local_path, nothing, script

_OFFLINE: Final = "offline"

_go = st.components.v2.component(
    "classroom_navigate",
    js=script("navigate/navigate.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class NavigateProblem:
    """Why the browser stayed: the POST's own `error`, or "offline", or "loop" (it leads back here)."""

    error: str
    message: str = ""
    status: int = 0


def navigate(
    *,
    url: str,
    post_url: str | None = None,
    body: Mapping[str, object] | None = None,
    known_url: str | None = None,
    lost_url: str = "/",
    key: str,
) -> NavigateProblem | None:
    """Leave for `url` at once, after POSTing `body` to `post_url` if given. Shows nothing.

    With `known_url` that address is asked after the POST: where it refuses, the POST's cookie did not stay,
    and the browser leaves for `lost_url` instead.

    It happens once however often the page reruns. When the address leads back here with nobody touching the
    page, the third time within 10 s stays: the problem is "loop".
    """
    result = _go(
        key=key,
        data=_journey(url, post_url, body, known_url, lost_url),
        height="content",
        on_problem_change=nothing,
    )
    return _problem(result.problem)


def _journey(
    url: str,
    post_url: str | None,
    body: Mapping[str, object] | None,
    known_url: str | None,
    lost_url: str,
) -> dict[str, object]:
    """What the browser needs to know; only addresses of this site."""
    return {
        "url": local_path(url),
        "post_url": local_path(post_url) if post_url is not None else None,
        "body": dict(body) if body is not None else None,
        "known_url": local_path(known_url) if known_url is not None else None,
        "lost_url": local_path(lost_url),
    }


def _problem(told: object) -> NavigateProblem | None:
    if not isinstance(told, Mapping):
        return None
    status = told.get("status")
    return NavigateProblem(
        error=str(told.get("error") or _OFFLINE),
        message=str(told.get("message") or ""),
        status=status if isinstance(status, int) else 0,
    )
