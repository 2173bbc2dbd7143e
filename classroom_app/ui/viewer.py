"""Who is looking at this page, over which connection and in which language.

The cookie is checked against the database each time it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import streamlit as st

from classroom_app.content import i18n
from classroom_app.network import LOOPBACK, is_loopback
from classroom_app.resources import get_app
from classroom_app.views.classes import GroupIdentity

DOOR_HEADER: Final = "X-Classroom-Door"  # set by our own middleware; what a browser sends is thrown away
STAFF_DOOR: Final = "staff"
VENUE_HEADER: Final = "X-Classroom-Venue"  # the same for cookies of a class that this network is no place of
OUTSIDE: Final = "outside"


def cookies() -> Mapping[str, str]:
    """The cookies of the connection that this session came over."""
    return st.context.cookies


def is_at_staff_door() -> bool:
    """Did this session come in where facilitators do? Yes, where there is one door for everybody."""
    settings = get_app().settings
    if not (settings.staff_port or settings.staff_host):
        return True
    return st.context.headers.get(DOOR_HEADER) == STAFF_DOOR


def is_outside() -> bool:
    """Was a cookie of a class taken away, because it came from no network of that class?"""
    return st.context.headers.get(VENUE_HEADER) == OUTSIDE


def address() -> str:
    """Of whoever is looking, as the server sees it. Streamlit says none for this very computer."""
    return st.context.ip_address or LOOPBACK


def lang() -> str:
    chosen = cookies().get("lang", "")
    return chosen if chosen in i18n.LANGUAGES else get_app().settings.language


def group() -> GroupIdentity | None:
    return get_app().access.group(cookies().get("group"))


def facilitator() -> str | None:
    return get_app().logins.facilitator(cookies().get("facilitator"))


def base_url() -> str:
    """What QR codes and copied links begin with: the public address, or the one of this page."""
    given = get_app().settings.public_url
    here = urlsplit(st.context.url or "")
    own = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return (given or own).rstrip("/")


def ipads_reach_us() -> bool:
    """An address of this very computer in a QR code leads an iPad nowhere."""
    return not is_loopback(base_url())
