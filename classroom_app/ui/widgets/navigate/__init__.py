"""Going to another address of this site, if need be after a POST that sets a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from classroom_app.ui.widgets.assets import local_path, source

_OFFLINE: Final = "offline"

_go = st.components.v2.component(
    "classroom_navigate",
    js=source("common/base.js", "navigate/go.js", "navigate/navigate.js"),
    isolate_styles=True,
)
_button = st.components.v2.component(
    "classroom_tap_button",
    html=source("navigate/tap_button.html"),
    css=source("common/look.css", "navigate/tap_button.css"),
    js=source("common/base.js", "navigate/go.js", "navigate/tap_button.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class NavigateProblem:
    """Why the browser stayed: the POST's own `error`, or "offline", or "loop" (it leads back here)."""

    error: str
    message: str = ""
    status: int = 0


def navigate(
    *, url: str, post_url: str | None = None, body: Mapping[str, object] | None = None, key: str
) -> NavigateProblem | None:
    """Leave for `url` at once, after POSTing `body` to `post_url` if given. Shows nothing.

    It happens once however often the page reruns. When the address leads back here with nobody touching the
    page, the third time within 10 s stays: the problem is "loop".
    """
    result = _go(key=key, data=_journey(url, post_url, body), height="content", on_problem_change=_nothing)
    return _problem(result.problem)


def tap_button(
    *,
    label: str,
    emoji: str,
    url: str,
    post_url: str | None = None,
    body: Mapping[str, object] | None = None,
    key: str,
    kind: Literal["primary", "secondary"] = "primary",
    color: str | None = None,
) -> NavigateProblem | None:
    """A large button that does the same on a tap. A refusal's sentence is shown under the button."""
    data = {**_journey(url, post_url, body), "label": label, "emoji": emoji, "kind": kind, "color": color}
    result = _button(key=key, data=data, on_problem_change=_nothing)
    return _problem(result.problem)


def _journey(url: str, post_url: str | None, body: Mapping[str, object] | None) -> dict[str, object]:
    """What the browser needs to know; only addresses of this site."""
    return {
        "url": local_path(url),
        "post_url": local_path(post_url) if post_url is not None else None,
        "body": dict(body) if body is not None else None,
    }


def _nothing() -> None:
    """Streamlit returns a value only for triggers with a callback."""


def _problem(told: object) -> NavigateProblem | None:
    if not isinstance(told, Mapping):
        return None
    status = told.get("status")
    return NavigateProblem(
        error=str(told.get("error") or _OFFLINE),
        message=str(told.get("message") or ""),
        status=status if isinstance(status, int) else 0,
    )
