"""Who did what: each action of a grown-up is written down in its own transaction, and stays as it is."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from classroom_app.content import i18n
from classroom_app.data import acting
from classroom_app.data.acting import Actor, ActorKind
from classroom_app.data.tables import AuditEntry
from classroom_app.errors import BadInputError, ConflictError, PasswordTooShortError
from classroom_app.resources import App
from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import take

ROOT = Path(__file__).parents[4]
FACILITATOR = Actor(ActorKind.FACILITATOR, "mika", "192.0.2.0/24")
# Where grown-ups act: pages of theirs, and routes that ask for their cookie.
WHERE = (
    *(ROOT / "pages").glob("*.py"),
    *(ROOT / "classroom_app/web/routes").glob("*.py"),
)
# Written all the time and by nobody's decision: what an iPad says of itself, a one-time ticket, a photo that
# comes. They hold no action of a person, or there are thousands of them.
NO_ACTIONS = {
    "access.note_seen",
    "logins.facilitator",
    "logins.facilitator_cookie",
    "access.issue_ticket",
    "access.redeem_ticket",
    "access.ticket_by_picture_code",
    "access.leave_group",
    "ipads.note",
    "photos.take",
    "swap.fool",  # what counts of it is a row with its time; an iPad may tap as often as it likes
}


@pytest.fixture(autouse=True)
def nobody_acts_afterwards() -> Iterator[None]:
    yield
    acting.act_as(None)


def entries(app: App) -> list[tuple[str, str, str, str | None]]:
    with app.db.read() as session:
        found = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.at)).all()
        return [(row.who, row.did, row.origin, row.event_id) for row in found]


def test_an_action_and_its_entry_are_there_together_or_not_at_all(app: App, event: EventView) -> None:
    with acting.acting(FACILITATOR):
        app.classes.set_faces(event.id, "block")
        with pytest.raises(ConflictError):
            app.contest.add_minutes(event.id, 5)  # no round is on
    assert [entry for entry in entries(app) if entry[0] == "mika"] == [
        ("mika", "faces_set", "192.0.2.0/24", event.id)
    ]


def test_a_password_that_is_refused_was_not_set(app: App) -> None:
    app.logins.first_start("a-long-password")
    with acting.acting(FACILITATOR):
        with pytest.raises(BadInputError):
            app.accounts.change_password(FIRST_FACILITATOR, "a-wrong-password", "another-password")
        with pytest.raises(PasswordTooShortError):
            app.accounts.change_password(FIRST_FACILITATOR, "a-long-password", "short")
        assert [entry for entry in entries(app) if entry[0] == "mika"] == []
        app.accounts.change_password(FIRST_FACILITATOR, "a-long-password", "another-password")
    assert [entry[1] for entry in entries(app) if entry[0] == "mika"] == ["password_set"]


def test_that_somebody_is_still_there_is_no_change_of_theirs(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.logins.first_start("a-long-password")
    cookie = app.logins.facilitator_cookie(FIRST_FACILITATOR)
    monkeypatch.setattr("classroom_app.services.staff_logins.LOGIN_SEEN_EVERY_S", -1)
    with acting.acting(FACILITATOR):
        assert app.logins.account(cookie) is not None
    assert [entry for entry in entries(app) if entry[0] == "mika"] == []


def test_a_change_that_no_method_names_is_written_down_as_well(app: App) -> None:
    with acting.acting(FACILITATOR), app.db.write():
        pass
    with acting.acting(Actor(ActorKind.GROUP, "g")), app.db.write():
        pass  # the many small things of an iPad are not
    assert [entry[:2] for entry in entries(app)][-1:] == [("mika", acting.UNNAMED)]
    assert "g" not in {entry[0] for entry in entries(app)}


def test_what_groups_do_is_theirs_and_what_a_schedule_does_is_its_own(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    [photo, *_] = take(app, group, event, 1)
    with acting.acting(Actor(ActorKind.GROUP, group.id, "192.0.2.0/24")):
        app.photos.delete(group, photo)
    app.retention.set_end(event.id, app.retention.end(event.id).ends_at)
    assert entries(app)[-2:] == [
        (group.id, "photo_deleted", "192.0.2.0/24", event.id),
        ("schedule", "class_end_set", "", event.id),
    ]


def test_a_deletion_is_one_action_and_its_undo_another(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 1)
    before = len(entries(app))
    with acting.acting(FACILITATOR):
        pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP, event.id, group.id))
        app.deletions.undo(pending.id)
        app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event.id))
    assert [entry[1] for entry in entries(app)][before:] == [
        "deletion_begun",
        "deletion_undone",
        "deleted_now",
    ]
    assert {entry[3] for entry in entries(app)[before:]} == {event.id}, "also when the class is gone"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET who = 'nobody'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
)
def test_nobody_changes_or_deletes_an_entry(app: App, event: EventView, statement: str) -> None:
    if statement.startswith("TRUNCATE") and app.db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no such statement")
    app.classes.set_faces(event.id, "block")
    before = entries(app)
    assert before
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), app.db.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert entries(app) == before


def test_where_from_is_a_network_and_no_address() -> None:
    assert acting.network_of("192.168.7.23") == "192.168.7.0/24"
    assert acting.network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert acting.network_of("testclient") == ""
    assert acting.network_of(None) == ""


# -- nothing is forgotten ----------------------------------------------------------------------------------


def called() -> set[str]:
    """`service.method` of every call that a page or a route makes."""
    found = set()
    for path in WHERE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                owner = node.value
                if isinstance(owner.value, ast.Name) and owner.value.id == "app":
                    found.add(f"{owner.attr}.{node.attr}")
    return found


def writes(kind: type, name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Does the method open a transaction that writes, by itself or by another one of its class?"""
    method = inspect.unwrap(getattr(kind, name))
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    if any(ast.unparse(node) == "self._db.write" for node in attributes):
        return True
    own = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "self"}
    others = [other for other in own - seen if inspect.isfunction(getattr(kind, other, None))]
    return any(writes(kind, other, seen | {name}) for other in others)


def actions(app: App) -> set[str]:
    """Of what pages and routes call, all that writes."""
    found = set()
    for name in called():
        service, _, method = name.partition(".")
        kind = type(getattr(app, service, None))
        if kind.__module__.startswith("classroom_app.services") and inspect.isfunction(
            getattr(kind, method, None)
        ):
            found |= {name} if writes(kind, method) else set()
    return found


def test_every_action_of_pages_and_routes_has_a_word_in_the_audit(app: App) -> None:
    found = actions(app)
    assert {"classes.set_phase", "challenge.add_zip", "show.next", "deletions.begin"} <= found
    words = {name: _word(app, name) for name in found - NO_ACTIONS}
    assert [name for name, word in words.items() if word is None] == []
    assert found | {"ipads.note"} >= NO_ACTIONS, "a name that is there no more"
    unsaid = [word for word in {*words.values(), acting.UNNAMED} if not i18n.has(f"audit_did_{word}")]
    assert unsaid == []


def _word(app: App, name: str) -> str | None:
    service, _, method = name.partition(".")
    return getattr(getattr(type(getattr(app, service)), method), "audited_as", None)


def test_who_stops_a_training_or_asks_for_it_again_is_written_down_with_its_group(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    acting.act_as(FACILITATOR)
    app.jobs.cancel(event.id, run_id)
    app.jobs.retry(event.id, run_id)
    found = {line.did: (line.event_id, line.group_id) for line in app.audit.entries()}
    assert found["training_cancelled"] == found["training_retried"] == (event.id, group.id)
