"""streamlit-authenticator's log-in form around a password check of our own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st
import streamlit_authenticator as stauth
from streamlit_authenticator.models import AuthenticationModel

from classroom_app.ui import state
from classroom_app.ui.widgets.assets import chosen

STRINGS: Final = ("login_form", "login_username", "login_password", "login_button")
_COOKIE: Final = "not-used"
_KEY_BYTES: Final = 48


@dataclass(frozen=True)
class LoginTry:
    """What the form said in this run: `username` when the password was right, `wrong` when it was not."""

    username: str | None = None
    wrong: bool = False


class _CheckedElsewhere(AuthenticationModel):  # type: ignore[misc]  # its base comes without types
    """The library's model with our check in place of its table of hashes."""

    def __init__(self, check: Callable[[str, str], bool], key: str) -> None:
        super().__init__({"usernames": {}}, auto_hash=False, secret_key=key)
        self._check = check
        self.accepted: str | None = None

    def check_credentials(self, username: str, password: str) -> bool:
        if not self._check(username, password):
            return False
        # The library looks the name up again; nobody is known to it before the password was right.
        self.credentials["usernames"][username] = {"name": username}
        self.accepted = username
        return True


def login_form(*, check: Callable[[str, str], bool], strings: Mapping[str, str]) -> LoginTry:
    """Show the form. Whatever `check` raises comes through, after the form is on the page.

    The library would also take a signed cookie and its own session_state for a log-in. Neither counts:
    it never sets that cookie (0 days), its key is new in each run, and its state is thrown away.
    """
    texts = chosen(strings, STRINGS)
    key = secrets.token_urlsafe(_KEY_BYTES)
    state.clear_library_login()
    slot = st.empty()
    with slot:  # its cookie manager, a frame that would read cookies by script: taken away unused
        form = stauth.Authenticate(
            {"usernames": {}}, _COOKIE, key, cookie_expiry_days=0, auto_hash=False, login_sleep_time=0
        )
    slot.empty()
    model = _CheckedElsewhere(check, key)
    form.authentication_controller.authentication_model = model
    try:
        form.login(
            location="main",
            fields={
                "Form name": texts["login_form"],
                "Username": texts["login_username"],
                "Password": texts["login_password"],
                "Login": texts["login_button"],
            },
            key="login_form",
        )
        wrong = state.library_login_status() is False
    finally:
        state.clear_library_login()
    return LoginTry(username=model.accepted, wrong=wrong)
