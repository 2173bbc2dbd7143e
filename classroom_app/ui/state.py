"""Every session_state key has its name here, and nowhere else.

All of it may be lost at any moment: truth is in the database.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Final, NamedTuple

import streamlit as st

# Names of the session_state entries, and of the widgets that pages read back.
LABEL: Final = "label"  # id of the label whose camera is open
SHOT_LABEL: Final = "shot_label"  # id of the label that a facilitator takes challenge photos of
LABEL_ASKED: Final = "label_asked"  # what the address said last; a tap is newer than what it said before
CHALLENGE_CHOSEN: Final = "challenge_chosen"  # of which class, and which of its challenge photos may go
PHOTO_CHOSEN: Final = "photo_chosen"  # of which group, and which, on the page that deletes
RESET_GROUP: Final = "reset_group"  # whose data a facilitator may delete
RESET_BEGINS: Final = "reset_begins"  # something went: nothing else may stand chosen in its place
RESET_SCOPE: Final = "reset_scope_{}"  # how much of it, by intention
TILE: Final = "tile"  # id of the group whose tile was tapped
EVENT: Final = "event"  # id of the class a facilitator looks at
GROUP: Final = "group"  # id of the group a facilitator looks at, in the address
DELETION: Final = "deletion"  # what a facilitator is about to delete
PHOTOS_TO_GO: Final = "photos_to_go"  # that a facilitator chose of a group and may delete
RECEIPT: Final = "receipt"  # of the deletion just made
NOTICE: Final = "notice"  # a sentence, and the place on the page where it belongs
SECTION: Final = "section"  # open tab of the facilitator page
NEW_CLASS: Final = "new_class"  # the form for one is open
CLASS_MADE: Final = "class_made"  # to be shown next
SUBJECT: Final = "subject"  # chosen in that form
LABEL_ROWS: Final = "label_rows"  # numbers of the rows for own labels in it
PHASE_WANTED: Final = "phase_wanted"  # waits for a facilitator's yes
SHOWN_ONCE: Final = "shown_once"  # a new password and whose it is, until it is written down
AWAY: Final = "away"  # names of the parts that were away at the last look
UPLOAD: Final = "upload"  # what became of the challenge photos just sent
UPLOAD_HEARD: Final = "upload_heard"  # id of the report of it that the browser told last
CURTAIN: Final = "curtain"  # the facilitator looks at the hidden half
CODE_TRIES: Final = "code_tries"  # wrong picture codes on this iPad so far
CODE_PROBLEM: Final = "code_problem"  # what was wrong with the last one, in words
PLAYED: Final = "played"  # version that this iPad has tried with the camera
CALM: Final = "calm"  # no button of this page is its one next thing: a break, or the swap round's in its head
LOOK_THROUGH: Final = "look_through"  # the photos of the label that is opened next may be mixed up
LENT: Final = "lent"  # this page had another group's AI at its last run
RUN_SEEN: Final = "run_seen"  # id of the run whose result this iPad has celebrated
TRYOUT: Final = "tryout"  # the camera is being tried in the lobby
TRIED: Final = "tried"  # and was, on this iPad
SAID_OK: Final = "said_at"  # when that was said which this iPad has read, by a facilitator
SAID_TO_NOTE: Final = "said_to_note"  # the same, until the server knows
# What streamlit-authenticator leaves behind; it must never count as being logged in.
LIBRARY_LOGIN: Final = ("authentication_status", "name", "username", "email", "roles", "logout")


def say_ok(said_at: dt.datetime) -> None:
    """This iPad has read what was said then."""
    st.session_state[SAID_OK] = st.session_state[SAID_TO_NOTE] = said_at


def said_to_note() -> dt.datetime | None:
    """When that was said which this iPad has read just now; told once."""
    said_at: dt.datetime | None = st.session_state.pop(SAID_TO_NOTE, None)
    return said_at


def library_login_status() -> bool | None:
    """What streamlit-authenticator thinks of the name and password just sent; None when none were."""
    status = st.session_state.get(LIBRARY_LOGIN[0])
    return status if isinstance(status, bool) else None


def clear_library_login() -> None:
    for key in LIBRARY_LOGIN:
        st.session_state.pop(key, None)


class Told(NamedTuple):
    """What became of a button's press; `at` is another one whenever something is told."""

    text: str
    good: bool
    at: int


def tell(place: str, text: str, *, good: bool = True) -> None:
    """Keep a sentence for the place on the page whose button caused it; it stays until the next one."""
    st.session_state[NOTICE] = (place, Told(text, good, time.monotonic_ns()))


def hush() -> None:
    """What was said is no more true: something else was done, and it went well."""
    st.session_state.pop(NOTICE, None)


def told(place: str) -> Told | None:
    where, what = st.session_state.get(NOTICE, ("", None))
    return what if where == place else None
