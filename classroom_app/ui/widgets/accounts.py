"""Accounts: one's own password and log-ins; for owners who there is, with what role and classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.states import Role
from classroom_app.ui.texts import moment_words, side_by_side, t_kanji
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.staff_frame import badge, escape, section
from classroom_app.views.accounts import Account, AccountView, SessionView

_ROLE_KINDS = {Role.OWNER: "busy", Role.FACILITATOR: "good", Role.INSTRUCTOR: "quiet"}


@dataclass(frozen=True)
class AccountWish:
    """What was pressed. `action`: add, change, renew, remove, or written (a new password is)."""

    action: str
    username: str
    role: str = ""
    event_ids: tuple[str, ...] = ()


def you(account: Account) -> None:
    role = badge(t_kanji(f"account_role_{account.role}"), _ROLE_KINDS[account.role])
    hint = escape(t_kanji(f"account_role_{account.role}_hint"))
    section(t_kanji("account_you"))
    st.html(f'<p class="staff-hint"><b>{escape(account.username)}</b> {role} {hint}</p>')


def password_form(length: int) -> tuple[str, str] | None:
    """The old and the new password, once its button was pressed.

    After a refusal both are still there, as unreadable as before: only what was wrong is typed anew.
    """
    section(t_kanji("account_password"), t_kanji("account_password_hint", length=length))
    with st.form("own_password", border=True, width=560):
        old = st.text_input(
            t_kanji("account_password_old"),
            type="password",
            key="password_old",
            autocomplete="current-password",
        )
        new = st.text_input(
            t_kanji("account_password_new"), type="password", key="password_new", autocomplete="new-password"
        )
        pressed = st.form_submit_button(t_kanji("account_password_save"), icon="🔑")
    return (old, new) if pressed else None


def sessions(found: Sequence[SessionView], own_id: str) -> str | None:
    """Returns the number of the log-in that is to be ended."""
    section(t_kanji("account_sessions"), t_kanji("account_sessions_hint"))
    wanted = None
    for number, item in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", key=f"session_{number}"):
            device = escape(item.device or t_kanji("account_session_unknown"))
            here = badge(t_kanji("account_session_this"), "good") if item.id == own_id else ""
            seen = f"{escape(t_kanji('account_session_seen'))} {moment_words(item.seen_at)}"
            st.html(f'<p class="staff-hint"><b>{device}</b> {here} {seen}</p>', width="stretch")
            if item.id != own_id and st.button(
                t_kanji("account_session_end"), key=f"end_session_{number}", icon="🚪"
            ):
                wanted = item.id
    return wanted


def shown_once(username: str, password: str) -> bool:
    """True when it was written down."""
    with st.container(key="new_password", border=True):
        st.html(f'<p class="staff-ask">{escape(t_kanji("account_shown_once", name=username))}</p>')
        st.code(password, language=None)
        in_view("new_password", username)
        return st.button(t_kanji("account_written"), key="password_written", icon="✍️")


def all_accounts(
    found: Sequence[AccountView], classes: Mapping[str, str], shown: tuple[str, str] | None
) -> AccountWish | None:
    """A folded part for each account, and the form for a new one. `classes`: names by id.

    `shown`: a name and its new password, in place of the form until it is written down. The form would be
    as it was, with a button to press again; gone for a run, it comes back empty.
    """
    section(t_kanji("account_all"), t_kanji("account_all_hint"))
    wish = None
    for item in found:
        role = t_kanji(f"account_role_{item.role}")
        with st.expander(side_by_side(f"**{item.username}**", role), key=f"account_{item.username}"):
            wish = _one(item, classes) or wish
    if shown is not None:
        return AccountWish("written", shown[0]) if shown_once(*shown) else wish
    with st.expander(f"➕ {t_kanji('account_new')}", key="account_new"):
        return _new(classes) or wish


def _one(item: AccountView, classes: Mapping[str, str]) -> AccountWish | None:
    name = item.username
    seen = t_kanji("account_seen_never")
    if item.seen_at is not None:
        seen = f"{t_kanji('account_session_seen')} {moment_words(item.seen_at)}"
    st.html(f'<p class="staff-hint">{escape(seen)}</p>')
    role, event_ids = _role_and_classes(name, item.role, item.event_ids, classes)
    with st.container(horizontal=True):
        if st.button(t_kanji("account_save"), key=f"save_{name}", type="primary", icon="💾"):
            return AccountWish("change", name, role, event_ids)
        with st.popover(t_kanji("account_renew"), icon="🔑"):
            st.write(t_kanji("account_renew_sure"))
            if st.button(t_kanji("account_renew_yes"), key=f"renew_{name}", type="primary"):
                return AccountWish("renew", name)
        with st.popover(t_kanji("account_remove"), icon="🗑️"):
            st.write(t_kanji("account_remove_sure"))
            if st.button(t_kanji("account_remove_yes"), key=f"danger_remove_{name}"):
                return AccountWish("remove", name)
    return None


def _new(classes: Mapping[str, str]) -> AccountWish | None:
    name = st.text_input(
        t_kanji("account_name"),
        key="account_name",
        help=t_kanji("account_name_hint"),
        max_chars=40,
        autocomplete="off",
    )
    role, event_ids = _role_and_classes("", Role.FACILITATOR, frozenset(), classes)
    st.html(f'<p class="staff-hint">{escape(t_kanji("account_new_hint"))}</p>')
    pressed = st.button(t_kanji("account_add"), key="account_add", type="primary")
    return AccountWish("add", name, role, event_ids) if pressed else None


def _role_and_classes(
    name: str, role: Role, event_ids: frozenset[str], classes: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    chosen: str = st.segmented_control(
        t_kanji("account_role"),
        [str(one) for one in Role],
        format_func=lambda one: t_kanji(f"account_role_{one}"),
        default=str(role),
        required=True,
        key=f"role_{name}",
    )
    st.html(f'<p class="staff-hint">{escape(t_kanji(f"account_role_{chosen}_hint"))}</p>')
    if chosen == Role.OWNER or not classes:
        return chosen, tuple(event_ids)
    seen = st.pills(
        t_kanji("account_classes"),
        list(classes),
        format_func=lambda event_id: classes.get(event_id, ""),
        selection_mode="multi",
        default=[event_id for event_id in classes if event_id in event_ids],
        key=f"classes_{name}",
    )
    return chosen, tuple(seen)
