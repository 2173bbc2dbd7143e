"""What a parent may ask, question by question; the class's own facts where it is known which one it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from classroom_app.states import FaceRule
from classroom_app.ui.texts import day_words, t_kanji
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import ClassEnd


class PhotoStore(StrEnum):
    """Where photos lie: on the computer of the class, in a bucket of Google's, or in one that an emulator on
    this computer plays (`docker compose up`): nothing encrypts that one by itself.
    """

    HERE = "here"
    CLOUD = "cloud"
    EMULATOR = "emulator"


@dataclass(frozen=True)
class PrivacyFacts:
    """`tls`: this page came encrypted."""

    where: PhotoStore
    tls: bool
    undo_minutes: int
    class_name: str = ""
    faces: FaceRule | None = None
    stricter_groups: bool = False  # does a group of the class not keep photos with a face?
    end: ClassEnd | None = None


def answers(facts: PrivacyFacts) -> None:
    # An emulator's disk is this computer's.
    place = PhotoStore.CLOUD if facts.where is PhotoStore.CLOUD else PhotoStore.HERE
    with st.container(key="privacy"):
        st.html(f'<p class="staff-hint">{escape(t_kanji("privacy_intro"))}</p>')
        _class(facts)
        _answer(
            "privacy_kept", "privacy_kept_photos", "privacy_kept_ai", "privacy_kept_names", "privacy_kept_not"
        )
        _answer(
            "privacy_where",
            f"privacy_where_{place}",
            "privacy_where_third",
            "privacy_where_ipad",
            "privacy_where_home",
        )
        backups = ("privacy_long_backups",) if facts.where is PhotoStore.CLOUD else ()
        long = ("privacy_long_end", "privacy_long_undo", "privacy_long_memory", *backups)
        _answer("privacy_long", *long, minutes=facts.undo_minutes)
        _answer("privacy_who", "privacy_who_group", "privacy_who_grown", "privacy_who_screen")
        way = "privacy_way_tls" if facts.tls else "privacy_way_plain"
        _answer("privacy_safe", way, f"privacy_rest_{facts.where}", f"privacy_stolen_{place}")
        now = ("privacy_object_now", "privacy_object_learnt")
        _answer("privacy_object", "privacy_object_how", *now, "privacy_object_face")


def _class(facts: PrivacyFacts) -> None:
    """Its own facts, above the general ones."""
    if facts.end is None or facts.faces is None:
        return
    lines = [t_kanji("privacy_class_end", day=day_words(facts.end.ends_at))]
    if facts.end.goes_at is None:
        lines.append(t_kanji("privacy_class_stays"))
    else:
        lines.append(t_kanji("privacy_class_goes", day=day_words(facts.end.goes_at)))
    lines.append(t_kanji(f"privacy_class_faces_{facts.faces}"))
    if facts.stricter_groups and facts.faces is not FaceRule.BLOCK:
        lines.append(t_kanji("privacy_class_faces_groups"))
    with st.container(key="privacy_class", border=True):
        st.html(_block(facts.class_name, lines))


def _answer(question: str, *sentences: str, minutes: int | None = None) -> None:
    blanks = {"privacy_long_undo": {"minutes": minutes}}
    st.html(_block(t_kanji(question), [t_kanji(key, **blanks.get(key, {})) for key in sentences]))


def _block(title: str, lines: list[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="staff-answer"><h2 class="staff-h2">{escape(title)}</h2><ul>{items}</ul></div>'
