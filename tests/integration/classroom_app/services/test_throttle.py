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
from classroom_app.services.access import FIRST_FACILITATOR
from classroom_app.services.signing import Signer
from classroom_app.services.throttle import GuessThrottle
from classroom_app.views import EventView

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
    app.access.first_start(PASSWORD)
    for _ in range(5):
        assert not app.access.check_password(FIRST_FACILITATOR, "wrong", IPAD)
    for _ in range(200):  # refused tries count nowhere
        with pytest.raises(ThrottledError):
            app.access.check_password(FIRST_FACILITATOR, PASSWORD, IPAD)
    assert app.access.check_password(FIRST_FACILITATOR, PASSWORD, DESK)


def test_inventing_user_names_starts_no_new_counts(app: App) -> None:
    for number in range(5):
        assert not app.access.check_password(f"name-{number}", "wrong", IPAD)
    with pytest.raises(ThrottledError):
        app.access.check_password("one-more-name", "wrong", IPAD)
    assert len(rows(app)) == 2  # that of the address, and that of all names that do not exist


def test_what_was_typed_is_not_in_the_table(app: App) -> None:
    app.access.check_password("my-secret-password", "wrong", IPAD)
    text = " ".join(rows(app))
    assert "secret" not in text
    assert IPAD not in text
    assert all(len(key) <= 120 for key in rows(app))


def test_a_guess_spread_over_many_addresses_is_slow_too(app: App, guesses: GuessThrottle) -> None:
    for number in range(int(throttle.TRIES_PER_SUBJECT)):
        guesses.count_try("login", FIRST_FACILITATOR, f"198.51.100.{number}", apart=False)
    before = len(rows(app))
    with pytest.raises(ThrottledError):
        guesses.count_try("login", FIRST_FACILITATOR, "203.0.113.1", apart=False)
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


def test_a_right_password_starts_the_own_count_anew(app: App) -> None:
    app.access.first_start(PASSWORD)
    for _ in range(3):
        for _ in range(4):
            assert not app.access.check_password(FIRST_FACILITATOR, "wrong", DESK)
        assert app.access.check_password(FIRST_FACILITATOR, PASSWORD, DESK)


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
    guesses.count_try("login", "", first)
    guesses.count_try("login", "", second)
    assert len(rows(app)) == (2 if same else 3)


def test_first_tries_at_once_are_all_counted(app: App, guesses: GuessThrottle) -> None:
    def guess(_: int) -> bool:
        try:
            guesses.count_try("login", "", IPAD)
        except ThrottledError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(16))) == 5


def test_the_sweep_forgets_old_counts_and_tickets_nobody_redeemed(app: App, event: EventView) -> None:
    app.access.check_password("nobody", "wrong", IPAD)
    old, fresh = (app.access.issue_ticket("group", event.groups[0].id) for _ in range(2))
    app.access.sweep()
    assert len(rows(app)) == 2
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
    app.access.first_start(PASSWORD)
    assert not app.access.check_password(odd, PASSWORD)
    assert not app.access.check_password(FIRST_FACILITATOR, odd)
