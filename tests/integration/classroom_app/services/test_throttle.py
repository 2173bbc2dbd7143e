"""Guessing at passwords and picture codes: who is slowed down, who is not, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from classroom_app.data.tables import Throttle, Ticket, utcnow
from classroom_app.errors import BadInputError, ThrottledError
from classroom_app.resources import App
from classroom_app.services import throttle
from classroom_app.services.signing import Signer
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.services.throttle import GuessThrottle, PasswordGuess
from classroom_app.views.classes import EventView

PASSWORD = "a-long-password"
IPAD, DESK = "192.0.2.7", "192.0.2.8"


@pytest.fixture(autouse=True)
def _slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fades while a test runs, however slow the machine is."""
    monkeypatch.setattr(throttle, "HALF_LIFE_S", 1e6)


@pytest.fixture
def guesses(app: App) -> GuessThrottle:
    return GuessThrottle(app.db, Signer("k" * 40))


def rows(app: App) -> list[str]:
    with app.db.read() as session:
        return list(session.scalars(select(Throttle.door)))


def test_an_ipad_that_hammers_locks_itself_out_and_nobody_else(app: App) -> None:
    app.logins.first_start(PASSWORD)
    for _ in range(5):
        assert not app.logins.check_password(FIRST_FACILITATOR, "wrong", IPAD)
    for _ in range(200):  # refused tries count nowhere
        with pytest.raises(ThrottledError):
            app.logins.check_password(FIRST_FACILITATOR, PASSWORD, IPAD)
    assert app.logins.check_password(FIRST_FACILITATOR, PASSWORD, DESK)


def test_wrong_names_cost_their_own_name_and_not_the_facilitators(app: App) -> None:
    app.logins.first_start(PASSWORD)
    for number in range(20):
        assert not app.logins.check_password(f"name-{number % 4}", "wrong", IPAD)
    with pytest.raises(ThrottledError):
        app.logins.check_password("name-0", "wrong", IPAD)
    assert app.logins.check_password(FIRST_FACILITATOR, PASSWORD, IPAD)


def test_inventing_user_names_makes_no_rows_without_end(app: App) -> None:
    def invent() -> None:
        for number in range(200):
            app.logins.check_password(f"name-{number}", "wrong", IPAD)

    with pytest.raises(ThrottledError):
        invent()
    with pytest.raises(ThrottledError):
        app.logins.check_password("one-more-name", "wrong", IPAD)
    assert len(rows(app)) == throttle.TRIES_OF_ALL_NAMES + 2  # the address's, and of names that do not exist


def test_a_name_that_exists_is_throttled_like_one_that_does_not(app: App) -> None:
    """Or whoever tries could tell which names there are."""
    app.logins.first_start(PASSWORD)

    def tries(name: str) -> int:
        for number in range(100):
            try:
                assert not app.logins.check_password(name, "wrong", IPAD)
            except ThrottledError:
                return number
        return 100

    assert tries(FIRST_FACILITATOR) == tries("nobody") == throttle.TRIES_OF_ONE


def test_a_browser_that_was_let_in_guesses_slowly_too(app: App) -> None:
    app.logins.first_start(PASSWORD)
    browser = app.access.browsers.let_in(None)
    for _ in range(5):
        assert not app.logins.check_password(FIRST_FACILITATOR, "wrong", DESK, browser)
    with pytest.raises(ThrottledError):
        app.logins.check_password(FIRST_FACILITATOR, PASSWORD, DESK, browser)
    assert app.logins.check_password(FIRST_FACILITATOR, PASSWORD, DESK), "it has used up nobody else's tries"
    for cookie in (
        f"{browser}x",
        app.access.browsers.seen(None),
    ):  # forged, or of a page that was only opened
        app.logins.check_password("other", "wrong", IPAD, cookie)
    assert len([key for key in rows(app) if key.startswith("login:")]) == 5 + 3


def test_an_own_right_password_buys_no_more_guesses_at_another_account(app: App) -> None:
    app.logins.first_start(PASSWORD)
    app.logins.set_password("helper", PASSWORD)
    for cookie in (None, app.access.browsers.let_in(None)):
        for _ in range(5):
            assert not app.logins.check_password(FIRST_FACILITATOR, "wrong", IPAD, cookie)
            assert app.logins.check_password("helper", PASSWORD, IPAD, cookie)
        with pytest.raises(ThrottledError):
            app.logins.check_password(FIRST_FACILITATOR, PASSWORD, IPAD, cookie)


def test_what_was_typed_is_not_in_the_table(app: App) -> None:
    app.logins.check_password("my-secret-password", "wrong", IPAD)
    text = " ".join(rows(app))
    assert "secret" not in text
    assert IPAD not in text
    assert all(len(key) <= 120 for key in rows(app))


def test_a_guess_spread_over_many_addresses_is_slow_too(app: App, guesses: GuessThrottle) -> None:
    for number in range(int(throttle.TRIES_PER_SUBJECT)):
        guesses.count_try(PasswordGuess(FIRST_FACILITATOR, FIRST_FACILITATOR, f"198.51.100.{number}"))
    before = len(rows(app))
    with pytest.raises(ThrottledError):
        guesses.count_try(PasswordGuess(FIRST_FACILITATOR, FIRST_FACILITATOR, "203.0.113.1"))
    assert len(rows(app)) == before  # a refused try leaves no row


def test_picture_codes_are_slowed_down_by_group_and_address(app: App, event: EventView) -> None:
    first, second = event.groups[:2]
    for _ in range(5):
        with pytest.raises(BadInputError):
            app.access.ticket_by_picture_code(first.id, ["no"] * 4, IPAD)
    with pytest.raises(ThrottledError):
        app.access.ticket_by_picture_code(first.id, first.picture_code, IPAD)
    assert app.access.ticket_by_picture_code(first.id, first.picture_code, DESK)
    assert app.access.ticket_by_picture_code(second.id, second.picture_code, IPAD)


def test_a_group_gets_in_by_its_pictures_whatever_was_guessed_from_the_same_address(
    app: App, event: EventView
) -> None:
    chosen = event.groups[0]

    def guess(number: int, **who: str | None) -> None:
        for _ in range(number):
            with pytest.raises((BadInputError, ThrottledError)):
                app.access.ticket_by_picture_code(chosen.id, ["no"] * 4, IPAD, **who)

    child = app.access.browsers.seen(None)
    guess(1000)  # a script without cookies
    guess(20, browser=child)  # a child that taps away on an iPad
    with pytest.raises(ThrottledError):
        app.access.ticket_by_picture_code(chosen.id, chosen.picture_code, IPAD, browser=child)
    other = app.access.browsers.seen(None)
    assert app.access.ticket_by_picture_code(chosen.id, chosen.picture_code, IPAD, browser=other)


def test_an_ipad_that_was_in_the_class_gets_in_again_whatever_browsers_guess(
    app: App, event: EventView
) -> None:
    """Also when a script collects cookies, which makes it many browsers."""
    chosen = event.groups[0]
    before = app.access.redeem_ticket("group", app.access.issue_ticket("group", event.groups[1].id))
    app.access.leave_group(before)
    for _ in range(80):
        with pytest.raises((BadInputError, ThrottledError)):
            app.access.ticket_by_picture_code(
                chosen.id, ["no"] * 4, IPAD, browser=app.access.browsers.seen(None)
            )
    with pytest.raises(ThrottledError):
        app.access.ticket_by_picture_code(
            chosen.id, chosen.picture_code, IPAD, browser=app.access.browsers.seen(None)
        )
    code = chosen.picture_code
    assert app.access.ticket_by_picture_code(chosen.id, code, IPAD, before=before)
    for _ in range(5):
        with pytest.raises(BadInputError):
            app.access.ticket_by_picture_code(chosen.id, ["no"] * 4, IPAD, before=before)
    with pytest.raises(ThrottledError):
        app.access.ticket_by_picture_code(chosen.id, code, IPAD, before=before)


def test_a_right_password_starts_the_own_count_anew(app: App) -> None:
    app.logins.first_start(PASSWORD)
    for _ in range(3):
        for _ in range(4):
            assert not app.logins.check_password(FIRST_FACILITATOR, "wrong", DESK)
        assert app.logins.check_password(FIRST_FACILITATOR, PASSWORD, DESK)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("127.0.0.1", "::1", True),
        ("127.0.0.1", "", True),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_what_counts_as_one_device(
    app: App, guesses: GuessThrottle, first: str, second: str, same: bool
) -> None:
    guesses.count_try(PasswordGuess("", "", first))
    guesses.count_try(PasswordGuess("", "", second))
    assert len(rows(app)) == (3 if same else 5)


def test_first_tries_at_once_are_all_counted(app: App, guesses: GuessThrottle) -> None:
    def guess(_: int) -> bool:
        try:
            guesses.count_try(PasswordGuess("", "", IPAD))
        except ThrottledError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(16))) == 5


def test_the_sweep_forgets_old_counts_and_tickets_nobody_redeemed(app: App, event: EventView) -> None:
    app.logins.check_password("nobody", "wrong", IPAD)
    old, fresh = (app.access.issue_ticket("group", event.groups[0].id) for _ in range(2))
    app.access.sweep()
    assert len(rows(app)) == 3
    with app.db.write() as session:
        session.execute(update(Throttle).values(updated_at=utcnow() - dt.timedelta(days=1, seconds=1)))
        past = utcnow() - dt.timedelta(seconds=1)
        session.execute(update(Ticket).where(Ticket.id == old).values(expires_at=past))
    app.access.sweep()
    assert rows(app) == []
    assert app.access.redeem_ticket("group", fresh)
    with app.db.read() as session:
        assert session.scalars(select(Ticket)).all() == []


@pytest.mark.parametrize("odd", ["\0", "\ud800", "x" * 100_000])
def test_a_name_or_password_that_no_database_takes_is_only_wrong(app: App, odd: str) -> None:
    app.logins.first_start(PASSWORD)
    assert not app.logins.check_password(odd, PASSWORD)
    assert not app.logins.check_password(FIRST_FACILITATOR, odd)
