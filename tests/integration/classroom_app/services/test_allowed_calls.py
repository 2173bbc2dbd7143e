"""What each account may call: every action of the grown-ups' pages and routes, by every role."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classroom_app.data.tables import ChallengePhoto, utcnow
from classroom_app.errors import NotAllowedError, NotFoundError, RoleError, UnavailableError
from classroom_app.resources import App
from classroom_app.services import who_asks
from classroom_app.services.allowed_calls import EACH, ONE, RULES
from classroom_app.states import DeletionScope, Right, Role
from classroom_app.ui.page_table import PAGES, Audience
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget, ReceiptView
from tests.integration.classroom_app.services.test_console import from_table, selects
from tests.support.roles import (
    CHANGES,
    GROWN_UPS,
    INSTRUCTOR,
    LOOKS,
    MAKES,
    OTHER,
    OWN,
    OWNER,
    Cast,
    cast,
)
from tests.support.stand_ins import COLORS, jpeg

ROOT = Path(__file__).parents[4]
LET_IN = {
    Right.LOOK: LOOKS,
    Right.LEAD: LOOKS,
    Right.CHANGE: CHANGES,
    Right.MAKE: MAKES,
    Right.OWN: frozenset({OWNER}),
    EACH: GROWN_UPS,
    ONE: CHANGES,
}
ROUTES = ("contest", "deletions", "facilitator", "show", "take_home")
ACTIONS = [(service, name, rule) for service, rules in RULES.items() for name, rule in rules.items()]


@pytest.fixture
def people(app: App, event: EventView) -> Cast:
    return cast(app, event)


def scoped(app: App, people: Cast, who: str) -> App:
    found = app.as_account(people.cookies[who]["facilitator"])
    assert found is not None
    return found


def given(method: Callable[..., Any], group: GroupIdentity, event_id: str) -> dict[str, Any]:
    """Arguments for a call on the class, by the names of the parameters."""
    values = {
        "event_id": event_id,
        "group_id": group.id,
        "group": group,
        "target": DeletionTarget(DeletionScope.GROUP, event_id, group.id),
        "from_id": event_id,
    }
    asked = inspect.signature(method).parameters.values()
    return {one.name: values.get(one.name, "x") for one in asked if one.default is one.empty}


@pytest.mark.parametrize(("service", "name", "rule"), ACTIONS, ids=str)
def test_every_action_by_every_role(
    app: App, people: Cast, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch,
    service: str, name: str, rule: Right | str,
) -> None:  # fmt: skip
    """`group` is of the class that `people` are around."""
    part = getattr(app, service)
    method = getattr(part, name)
    called: list[str] = []
    photo = photo_of(app, service, group, people.event.labels[0].id)
    whose = app.as_account(people.cookies[OWN]["facilitator"])
    assert whose is not None
    assert whose.account is not None
    receipt = ReceiptView(
        DeletionScope.EVENT, "A class", {}, {}, utcnow(), "r", frozenset({whose.account.username})
    )

    @functools.wraps(method)
    def note(*args: object, **options: object) -> object:
        called.append(name)
        return receipt if rule == ONE else []

    monkeypatch.setattr(part, name, note)
    let_in = set()
    for who in GROWN_UPS:
        options = given(method, group, people.event.id)
        if rule == Right.SELF:
            own = scoped(app, people, who).account
            assert own is not None
            options["username"] = own.username
        if "photo_id" in options:
            options["photo_id"] = photo
        if "deletion_id" in options:
            options["deletion_id"] = deletion_of(app, group)
        try:
            getattr(getattr(scoped(app, people, who), service), name)(**options)
            let_in.add(who)
        except (RoleError, NotFoundError):
            pass
    assert let_in == LET_IN.get(rule, GROWN_UPS)
    asked = GROWN_UPS if rule == ONE else let_in  # whose it is says what is found
    assert len(called) == len(asked), "who is refused reaches no service"


def deletion_of(app: App, group: GroupIdentity) -> str:
    return app.deletions.begin(DeletionTarget(DeletionScope.GROUP_RESET, group.event_id, group.id)).id


def photo_of(app: App, service: str, group: GroupIdentity, label_id: str) -> str:
    """A challenge photo of the class, or one that its group has just taken."""
    if service != "photos":
        with app.db.read() as session:
            found = session.query(ChallengePhoto).filter(ChallengePhoto.event_id == group.event_id).first()
            assert found is not None
            return found.id
    photo_id = str(uuid.uuid4())
    app.photos.take(group, label_id, photo_id, None, jpeg(COLORS["apple"]))
    return photo_id


def test_every_action_of_the_grown_ups_pages_has_its_rule() -> None:
    """What has none is an owner's alone: then a page that all grown-ups open would fail for the others."""
    fields = {field.name for field in dataclasses.fields(App)}
    files = [page.file for page in PAGES if page.audience is Audience.FACILITATOR]
    files += sorted((ROOT / "classroom_app/ui/facilitator").glob("*.py"))  # the page's parts
    files += [ROOT / f"classroom_app/web/routes/{name}.py" for name in ROUTES]
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                owner = node.value
                if isinstance(owner.value, ast.Name) and owner.value.id == "app" and owner.attr in fields:
                    found.add((owner.attr, node.attr))
    assert len(found) > 40
    known = {(service, name) for service, rules in RULES.items() for name in rules}
    # Who a screen is, before anybody is let in; what the signed link of a group opens.
    asked_of_the_app_itself = {("access", "projector_event"), ("take_home", "by_token")}
    found -= asked_of_the_app_itself
    assert {pair for pair in found if pair[0] not in {"settings", "account"}} - known == set()


def test_a_rule_is_of_a_method_that_there_is(app: App) -> None:
    assert [f"{s}.{n}" for s, n, _ in ACTIONS if not callable(getattr(getattr(app, s), n, None))] == []


def test_what_has_no_rule_is_an_owners_alone(app: App, people: Cast) -> None:
    for who in GROWN_UPS - {OWNER}:
        theirs = scoped(app, people, who)
        calls: tuple[Callable[[], object], ...] = (
            functools.partial(theirs.logins.set_password, "facilitator"),
            functools.partial(theirs.retention.purge, lambda _seconds: None),
            functools.partial(getattr, theirs.db, "engine"),
            theirs.final.recount_all,
        )
        for call in calls:
            with pytest.raises(RoleError):
                call()


def test_another_classs_group_is_not_reached_by_way_of_an_own_class(app: App, people: Cast) -> None:
    own, strange = scoped(app, people, OWN), people.other.groups[0].id
    for call in (
        lambda: own.classes.renew_group_links(people.event.id, strange),
        lambda: own.photos.of_group(people.event.id, strange),
        lambda: own.privacy.delete(DeletionTarget(DeletionScope.GROUP, people.event.id, strange)),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert len(app.classes.get(people.other.id).groups) == 2


def test_who_deleted_a_class_may_bring_it_back(app: App, people: Cast) -> None:
    own, other = scoped(app, people, OWN), scoped(app, people, OTHER)
    pending = own.deletions.begin(DeletionTarget(DeletionScope.EVENT, people.event.id))
    assert [item.id for item in own.deletions.pending()] == [pending.id]
    assert other.deletions.pending() == []
    with pytest.raises(NotFoundError):
        other.deletions.undo(pending.id)
    own.deletions.undo(pending.id)
    assert own.classes.get(people.event.id).name == people.event.name


def test_an_account_changes_nobody_elses_log_ins_or_password(app: App, people: Cast) -> None:
    for who in GROWN_UPS:  # an owner has other means: a new password, which is not the old one
        accounts = scoped(app, people, who).accounts
        name = "teacher" if who != INSTRUCTOR else "own"
        calls: tuple[Callable[[], object], ...] = (
            functools.partial(accounts.sessions, name),
            functools.partial(accounts.end_session, name, "x"),
            functools.partial(accounts.change_password, name, "x", "a-new-password"),
        )
        for call in calls:
            with pytest.raises(RoleError):
                call()


def test_each_sees_its_own_classes(app: App, people: Cast) -> None:
    names = {who: {event.name for event in scoped(app, people, who).classes.all()} for who in GROWN_UPS}
    both = {people.event.name, people.other.name}
    assert names[OWNER] == both
    assert names[OWN] == names[INSTRUCTOR] == {people.event.name}
    assert names[OTHER] == {people.other.name}


def test_what_changes_counts_with_the_next_redraw_of_a_page_that_is_open(app: App, people: Cast) -> None:
    """A page's parts run again without the page: they hold the services that they were given."""
    own, teacher = scoped(app, people, OWN), scoped(app, people, INSTRUCTOR)

    def redrawn(who: str) -> None:
        """As the guard does it, first of all; who uses what it gives is told nothing."""
        app.as_account(people.cookies[who]["facilitator"])

    assert own.classes.get(people.event.id)
    app.accounts.change("own", Role.INSTRUCTOR, [people.event.id])
    redrawn(OWN)
    with pytest.raises(RoleError):
        own.classes.set_phase(people.event.id, "closed")
    app.accounts.change("own", Role.FACILITATOR, [people.other.id])
    redrawn(OWN)
    with pytest.raises(NotFoundError):
        own.classes.get(people.event.id)
    app.accounts.remove("own")
    redrawn(OWN)
    with pytest.raises(NotAllowedError):
        own.classes.all()
    assert teacher.classes.get(people.event.id)
    app.logins.log_out(people.cookies[INSTRUCTOR]["facilitator"])
    redrawn(INSTRUCTOR)
    with pytest.raises(NotAllowedError):
        teacher.classes.get(people.event.id)


def test_who_it_is_is_asked_once_a_redraw(app: App, people: Cast) -> None:
    alone = len(selects(app, lambda: app.classes.get(people.event.id)))

    def redrawn() -> None:
        own = scoped(app, people, OWN)
        for _ in range(6):
            own.classes.get(people.event.id)

    asked = selects(app, redrawn)
    assert len(asked) - 6 * alone <= 4
    for table in ("facilitators", "account_sessions", "class_accounts"):
        assert from_table(asked, table) == 1, table


def test_a_look_up_is_not_kept_past_a_redraw(app: App, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no redraw began since, as in what a tap calls: for two seconds at most."""
    own = scoped(app, people, OWN)
    assert own.classes.get(people.event.id)
    app.accounts.remove("own")
    later = time.monotonic() + who_asks.KEPT_S + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(NotAllowedError):
        own.classes.get(people.event.id)


def test_another_log_in_is_never_taken_for_this_one(app: App, people: Cast) -> None:
    own, other = scoped(app, people, OWN), scoped(app, people, OTHER)
    assert {event.id for event in own.classes.all()} == {people.event.id}
    assert {event.id for event in other.classes.all()} == {people.other.id}


def test_a_class_is_its_makers_with_the_very_transaction_that_makes_it(
    app: App, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = scoped(app, people, OWN)
    made = own.classes.create("Mine", 1, template="fruit")
    assert own.classes.get(made.id).name == "Mine", "in the same redraw too"

    def lost(*_given: object) -> None:
        raise UnavailableError

    monkeypatch.setattr("classroom_app.data.repository.accounts.give_class", lost)
    with pytest.raises(UnavailableError):
        own.classes.create("Nobody's", 1, template="fruit")
    assert "Nobody's" not in {event.name for event in app.classes.all()}
    assert app.classes.create("Of the command line", 1, template="fruit").id
