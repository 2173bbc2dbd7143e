"""The use cases against a real database, blob folder and intake; the compute tier is a stand-in."""

from __future__ import annotations

import datetime as dt
import io
import threading
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from classroom_app.compute.interface import Embedded, PhotoSource
from classroom_app.data.tables import Facilitator, Photo, Run, Ticket, utcnow
from classroom_app.errors import (
    BadInputError,
    ClassroomError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    PasswordTooShortError,
    StaleEpochError,
    ThrottledError,
    UnavailableError,
)
from classroom_app.resources import App
from classroom_app.services.signing import Signer
from classroom_app.services.staff_logins import StaffLoginService
from classroom_app.states import DeletionScope, Half
from classroom_app.views.classes import EventView, GroupIdentity, NewLabel
from classroom_app.views.deletion import DeletionTarget
from ml_core.contract.blobs import FolderBlobs
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg, take, train


def blobs(app: App) -> FolderBlobs:
    return FolderBlobs(app.settings.data_dir / "blobs")


# -- access ------------------------------------------------------------------------------------


def test_the_first_password_is_held_to_the_same_rule_as_every_other(app: App) -> None:
    for short in ("x", "a" * 9):
        with pytest.raises(PasswordTooShortError, match="CLASSROOM_FIRST_PASSWORD is too short: it needs 10"):
            app.logins.first_start(short)
    assert not app.logins.check_password("facilitator", "x", "")
    assert app.logins.first_start("a" * 10) == "a" * 10
    assert app.logins.first_start("x") is None, "there is one already: nothing to hold it to"


def test_the_first_password_is_made_once_and_stored_hashed(app: App) -> None:
    logins = StaffLoginService(
        app.db, Signer("k" * 40), session_hours=1
    )  # with bcrypt's rounds as on the day
    password = logins.first_start()
    assert password
    assert logins.first_start() is None
    assert logins.check_password("facilitator", password)
    assert not logins.check_password("facilitator", password + "x")
    assert not logins.check_password("nobody", password)
    assert not logins.check_password("nobody", "")
    with app.db.read() as session:
        stored = [row.password_hash for row in session.query(Facilitator)]
    assert [value[:7] for value in stored] == ["$2b$12$"]
    assert password not in stored[0]


def test_wrong_passwords_are_throttled_and_the_right_one_is_too_until_it_fades(app: App) -> None:
    password = app.logins.first_start()
    assert password

    def try_many() -> None:  # a slow machine forgets a little between two tries
        for _ in range(20):
            assert not app.logins.check_password("facilitator", "wrong")

    with pytest.raises(ThrottledError):
        try_many()
    with pytest.raises(ThrottledError):
        app.logins.check_password("facilitator", password)


def test_a_new_password_and_a_log_out_end_all_sessions(app: App) -> None:
    app.logins.first_start("a-long-password")
    cookie = app.logins.facilitator_cookie("facilitator")
    assert app.logins.facilitator(cookie) == "facilitator"
    app.logins.log_out_everywhere("facilitator")
    assert app.logins.facilitator(cookie) is None
    cookie = app.logins.facilitator_cookie("facilitator")
    app.logins.set_password("facilitator")
    assert app.logins.facilitator(cookie) is None
    with pytest.raises(BadInputError):
        app.logins.set_password("facilitator", "short")


def test_a_group_comes_in_by_its_token_and_goes_with_its_version_or_the_class(
    app: App, event: EventView
) -> None:
    token = event.groups[0].join_path.removeprefix("/join/")
    cookie = app.access.group_cookie_by_token(token)
    found = app.access.group(cookie)
    assert found is not None
    assert found.id == event.groups[0].id
    for tampered in (cookie[:-1], cookie + "x", "", None, app.access.projector_link(event.id)):
        assert app.access.group(tampered) is None
    app.classes.renew_group_links(event.id, found.id)
    assert app.access.group(cookie) is None
    with pytest.raises(NotAllowedError):
        app.access.group_cookie_by_token(token)
    second = app.access.group_cookie_by_token(event.groups[1].join_path.removeprefix("/join/"))
    app.classes.set_phase(event.id, "closed")
    assert app.access.group(second) is None


def test_a_picture_code_gives_a_ticket_for_one_cookie(app: App, event: EventView) -> None:
    chosen = event.groups[1]
    wrong = list(reversed(chosen.picture_code)) if len(set(chosen.picture_code)) > 1 else ["none"] * 4
    with pytest.raises(BadInputError):
        app.access.ticket_by_picture_code(chosen.id, [*wrong[:3], "none"])
    ticket = app.access.ticket_by_picture_code(chosen.id, chosen.picture_code)
    with pytest.raises(NotAllowedError):
        app.access.redeem_ticket("facilitator", ticket)
    ticket = app.access.ticket_by_picture_code(chosen.id, chosen.picture_code)
    found = app.access.group(app.access.redeem_ticket("group", ticket))
    assert found is not None
    assert found.id == chosen.id
    with pytest.raises(NotAllowedError):
        app.access.redeem_ticket("group", ticket)


def test_guessing_picture_codes_is_throttled(app: App, event: EventView) -> None:
    for _ in range(5):
        with pytest.raises(BadInputError):
            app.access.ticket_by_picture_code(event.groups[0].id, ["no", "no", "no", "no"])
    with pytest.raises(ThrottledError):
        app.access.ticket_by_picture_code(event.groups[0].id, event.groups[0].picture_code)


def test_an_old_ticket_is_worth_nothing(app: App, event: EventView) -> None:
    ticket = app.access.issue_ticket("group", event.groups[0].id)
    with app.db.write() as session:
        row = session.get(Ticket, ticket)
        assert row is not None
        row.expires_at = utcnow() - dt.timedelta(seconds=1)
    with pytest.raises(NotAllowedError):
        app.access.redeem_ticket("group", ticket)


def test_a_projector_link_ends_when_it_is_renewed(app: App, event: EventView) -> None:
    link = app.access.projector_link(event.id)
    assert app.access.projector_event(link) == event.id
    app.access.rotate_projector(event.id)
    assert app.access.projector_event(link) is None


# -- classes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "groups", "template", "key"),
    [
        ("", 3, "fruit", "class_name_wrong"),
        ("x" * 61, 3, "fruit", "class_name_wrong"),
        ("ok", 0, "fruit", "class_groups_wrong"),
        ("ok", 61, "fruit", "class_groups_wrong"),
        ("ok", 3, "nothing", "class_template_unknown"),
        ("ok", 3, None, "class_labels_few"),
    ],
)
def test_a_class_that_cannot_be_says_why(
    app: App, name: str, groups: int, template: str | None, key: str
) -> None:
    with pytest.raises(BadInputError) as error:
        app.classes.create(name, groups, template=template)
    assert error.value.key == key


def test_own_labels_need_a_name_and_no_more(app: App) -> None:
    good = [NewLabel("cat", "🐱", "ねこ", "Cat"), NewLabel("dog", "🐶", "いぬ", "Dog")]
    assert [label.key for label in app.classes.create("Pets", 2, labels=good).labels] == ["cat", "dog"]
    with pytest.raises(BadInputError):
        app.classes.create("Pets", 2, labels=[good[0], good[0]])
    with pytest.raises(BadInputError):
        app.classes.create("Pets", 2, labels=[good[0], NewLabel("dog", "🐶", "", "")])
    named = app.classes.create(
        "Pets", 2, labels=[NewLabel("", "🐱", "ねこ", ""), NewLabel("", "🐶", "", "Dog")]
    )
    assert [(label.key, label.name_ja, label.name_en) for label in named.labels] == [
        ("ねこ", "ねこ", "ねこ"),
        ("dog", "Dog", "Dog"),
    ]


def test_collecting_needs_both_halves_of_every_label(app: App) -> None:
    event = app.classes.create("No challenge", 2, template="fruit")
    with pytest.raises(ConflictError) as error:
        app.classes.set_phase(event.id, "collect")
    assert error.value.key == "challenge_missing"
    assert app.classes.get(event.id).phase == "lobby"


# -- challenge set -----------------------------------------------------------------------------


def test_a_zip_is_sorted_into_labels_and_halves_and_each_refusal_has_a_reason(app: App) -> None:
    event = app.classes.create("Zip", 2, template="fruit")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(3):
            archive.writestr(f"test/apple/{n}.jpg", jpeg(COLORS["apple"], n))
            archive.writestr(f"BANANA/{n}.png", jpeg(COLORS["banana"], n))
        archive.writestr("orange/bad.jpg", b"not a photo")
        archive.writestr("pear/0.jpg", jpeg(COLORS["apple"], 9))
        archive.writestr("__MACOSX/apple/._0.jpg", b"x")
        archive.writestr("../../apple/evil.jpg", jpeg(COLORS["apple"], 10))
    upload = app.challenge.add_zip(event.id, packed)
    assert upload.added == 6
    reasons = {key: files.names for key, files in upload.rejected.items()}
    assert reasons == {
        "photo_not_image": ["orange/bad.jpg"],
        "challenge_folder_unknown": ["pear/0.jpg"],
        "challenge_path_strange": ["../../apple/evil.jpg"],
    }
    counts = app.challenge.counts(event.id)
    apple = event.labels[0].id
    assert (counts[apple, Half.PRACTICE], counts[apple, Half.FINAL]) == (2, 1)
    assert all(key.startswith(f"events/{event.id}/challenge/") for key in blobs(app).keys(""))
    with pytest.raises(BadInputError):
        app.challenge.add_zip(event.id, io.BytesIO(b"no zip"))


def test_the_challenge_set_is_closed_once_a_group_has_trained(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.runs.request(group)
    with pytest.raises(ConflictError) as error:
        put_in(app.challenge, event.id, event.labels[0].id, [("a.jpg", jpeg(COLORS["apple"], 77))])
    assert error.value.key == "challenge_locked"


# -- photos ------------------------------------------------------------------------------------


def test_a_photo_is_kept_once_without_its_metadata(app: App, event: EventView, group: GroupIdentity) -> None:
    exif = Image.Exif()
    exif[0x010E] = "who took it and where"
    exif[0x0112] = 6  # turned by 90 degrees
    wide = Image.new("RGB", (1200, 600), "red")
    out = io.BytesIO()
    wide.save(out, "JPEG", exif=exif)
    photo_id = str(uuid.uuid4())
    assert app.photos.take(group, event.labels[0].id, photo_id, None, out.getvalue())
    assert not app.photos.take(group, event.labels[0].id, photo_id, None, out.getvalue())
    stored = app.photos.picture(photo_id, "full", group=group)
    assert b"who took it" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (320, 640)
        assert not image.getexif()
    thumb = Image.open(io.BytesIO(app.photos.picture(photo_id, "thumb", group=group)))
    assert max(thumb.size) == 240


def test_the_same_photo_sent_many_times_at_once_is_one_photo(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    photo_id, data = str(uuid.uuid4()), jpeg(COLORS["apple"], 5)
    results: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                bool(app.photos.take(group, event.labels[0].id, photo_id, None, data))
            )
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]
    assert app.photos.album(group).counts == {event.labels[0].id: 1}


@pytest.mark.parametrize("photo_id", ["", "../x", "1234", "c232ab00-9414-11ec-b3c8-9f6bdeced846"])
def test_an_id_that_no_client_of_ours_makes_is_refused(
    app: App, event: EventView, group: GroupIdentity, photo_id: str
) -> None:
    with pytest.raises(BadInputError):
        app.photos.take(group, event.labels[0].id, photo_id, None, jpeg(COLORS["apple"]))


def test_no_photo_goes_to_another_class_or_another_group(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.photos.take(group, other.labels[0].id, str(uuid.uuid4()), None, jpeg(COLORS["apple"]))
    photo_id = take(app, group, event, 1)[0]
    stranger = identity(app, event, 1)
    with pytest.raises(NotFoundError):
        app.photos.picture(photo_id, "full", group=stranger)
    with pytest.raises(NotFoundError):
        app.photos.delete(stranger, photo_id)
    with pytest.raises(BadInputError):
        app.photos.take(stranger, event.labels[0].id, photo_id, None, jpeg(COLORS["apple"]))


def test_delete_undo_and_move(app: App, event: EventView, group: GroupIdentity) -> None:
    apple, banana = event.labels[0].id, event.labels[1].id
    photo_id = take(app, group, event, 1)[0]
    app.photos.delete(group, photo_id)
    assert app.photos.album(group).counts.get(apple, 0) == 0
    with pytest.raises(NotFoundError):
        app.photos.picture(photo_id, "thumb", group=group)
    assert app.photos.album(group).can_undo
    assert app.photos.undo_delete(group)
    assert app.photos.album(group).counts[apple] == 1
    assert not app.photos.undo_delete(group)
    app.photos.move(group, photo_id, banana)
    assert app.photos.album(group).counts == {banana: 2, event.labels[2].id: 1}


def test_photos_stop_with_the_phase(app: App, event: EventView, group: GroupIdentity) -> None:
    photo_id = take(app, group, event, 1)[0]
    app.classes.set_phase(event.id, "final")
    with pytest.raises(ConflictError) as error:  # with the identity of before the change
        app.photos.take(group, event.labels[0].id, str(uuid.uuid4()), None, jpeg(COLORS["apple"], 3))
    assert error.value.key == "phase_no_photos"
    assert app.photos.album(group).counts[event.labels[0].id] == 1
    late = identity(app, event, 0)
    with pytest.raises(ConflictError):
        app.photos.delete(late, photo_id)
    # Nothing of the refused photo is left on the disk.
    assert sum("groups/" in key for key in blobs(app).keys("events/")) == 2 * len(event.labels)


def test_features_wait_for_the_compute_tier_and_are_made_once(
    app: App, event: EventView, group: GroupIdentity, ml: StandInMl
) -> None:
    ml.away = True
    ids = take(app, group, event, 5)
    run_id = app.runs.request(group)
    assert app.training.start(run_id)
    with pytest.raises(UnavailableError):
        app.training.prepare(run_id)
    ml.away = False
    app.training.prepare(run_id)
    app.training.prepare(run_id)
    challenge = 4 * len(event.labels)
    assert sorted(photo for photo in ml.embedded if photo in ids) == sorted(ids)
    assert len(ml.embedded) == len(ids) + challenge


# -- runs --------------------------------------------------------------------------------------


def test_the_button_says_what_is_missing(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 4)
    ready = app.runs.readiness(group)
    assert not ready.ready
    assert [number for _, number in ready.missing] == [1] * len(event.labels)
    with pytest.raises(ConflictError) as error:
        app.runs.request(group)
    assert error.value.key == "not_enough_photos"
    take(app, group, event, 1, start=4)
    assert app.runs.readiness(group).ready


def test_a_stage_of_a_newer_compute_tier_fails_no_training(
    app: App, event: EventView, group: GroupIdentity, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = ml.train
    seen: list[str] = []

    def with_a_new_stage(labels: Any, examples: Any, on_progress: Callable[[str, float], None]) -> Any:
        on_progress("polishing", 0.3)
        seen.append(app.runs.status(group, run_id).stage)
        return learn(labels, examples, on_progress)

    monkeypatch.setattr(ml, "train", with_a_new_stage)
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    app.training.finish(run_id, app.training.fit(run_id))
    assert seen == ["features"]
    assert app.runs.status(group, run_id).state == "done"


def test_every_label_is_asked_for_until_two_have_enough(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    first, second, third = event.labels
    take(app, group, replace(event, labels=(second,)), 5)
    assert [label.id for label, _ in app.runs.readiness(group).missing] == [first.id, third.id]
    take(app, group, replace(event, labels=(third,)), 5)
    assert app.runs.readiness(group).ready


def test_many_taps_at_once_start_one_run(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(app.runs.request(group))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1


def test_a_run_ends_in_a_version_and_a_score_without_the_final_half(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    run_id = train(app, group)
    run = app.runs.status(group, run_id)
    assert (run.state, run.version, run.photos) == ("done", 1, 15)
    assert (run.practice_correct, run.practice_total) == (6, 6)
    assert run.seconds is not None
    take(app, group, event, 1, start=5)
    assert app.runs.status(group, train(app, group)).version == 2
    assert [item.version for item in app.runs.history(group)] == [1, 2]
    guess = app.play.guess(group, jpeg(COLORS["banana"], 99))
    assert guess.version == 2
    assert guess.scores[0][0].key == "banana"


def test_a_finished_step_may_be_repeated_and_writes_one_result(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.start(run_id)
    app.training.prepare(run_id)
    app.training.fit(run_id)
    fitted = app.training.fit(run_id)
    app.training.finish(run_id, fitted)
    with pytest.raises(StaleEpochError):
        app.training.finish(run_id, fitted)
    assert not app.training.start(run_id)
    with app.db.read() as session:
        assert session.query(Run).count() == 1
    models = [key for key in blobs(app).keys("events/") if "/models/" in key]
    assert len(models) == 1


def test_another_groups_run_is_not_found(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    run_id = train(app, group)
    with pytest.raises(NotFoundError):
        app.runs.status(identity(app, event, 1), run_id)


def test_no_training_outside_its_phase(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    app.classes.set_phase(event.id, "final")
    with pytest.raises(ConflictError) as error:
        app.runs.request(group)
    assert error.value.key == "phase_no_training"


# -- leaderboard -------------------------------------------------------------------------------


def test_equal_scores_share_a_rank_and_groups_without_a_run_have_none(app: App, event: EventView) -> None:
    for index in (0, 1):
        take(app, identity(app, event, index), event, 5)
        train(app, identity(app, event, index))
    board = app.board.board(event.id)
    assert [row.rank for row in board.rows] == [1, 1, None]
    assert all(row.final_correct is None for row in board.rows)
    app.classes.set_phase(event.id, "reveal")
    assert app.board.board(event.id).rows[0].final_correct == 6
    assert all(row.final_correct is None for row in app.board.board(event.id, final=False).rows)


# -- deletion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT])
def test_a_deletion_counts_before_and_finds_nothing_after(
    app: App, event: EventView, group: GroupIdentity, scope: DeletionScope
) -> None:
    app.queue.start()
    try:
        take(app, group, event, 5)
        take(app, identity(app, event, 1), event, 2)
        train(app, group)
        app.play.guess(group, jpeg(COLORS["apple"], 3))
        target = DeletionTarget(scope, event.id, group_id=None if scope == "event" else group.id)
        counted = app.privacy.count(target)
        receipt = app.privacy.delete(target)
    finally:
        app.queue.stop()
    assert receipt.clean
    assert receipt.deleted["photos"] == counted["photos"] == (21 if scope == "event" else 15)
    assert receipt.deleted["files"] == counted["files"] > 30
    assert counted["runs"] == counted["results"] == counted["cached_models"] == 1
    left = list(blobs(app).keys("events/"))
    assert not [key for key in left if group.id in key]
    assert bool(left) == (scope != "event")
    assert app.privacy.receipts()[0].left == receipt.left
    if scope == "group_reset":
        again = identity(app, event, 0)
        assert again.epoch == group.epoch + 1
        assert take(app, again, event, 1)
    else:
        with pytest.raises(NotAllowedError):
            identity(app, event, 0)


def test_one_photo_and_one_label(app: App, event: EventView, group: GroupIdentity) -> None:
    ids = take(app, group, event, 3)
    none = {"features": 0, "file_versions": 0}  # made later; no bucket
    one = DeletionTarget(DeletionScope.PHOTO, event.id, group.id, photo_id=ids[0])
    assert app.privacy.count(one) == none | {"photos": 1, "files": 2}
    assert app.privacy.delete(one).clean
    label = DeletionTarget(DeletionScope.LABEL, event.id, group.id, label_id=event.labels[0].id)
    none |= {"compute_models": 0}
    assert app.privacy.delete(label).deleted == none | {"photos": 2, "files": 4}
    whole = DeletionTarget(DeletionScope.LABEL, event.id, label_id=event.labels[1].id)
    assert app.privacy.delete(whole).deleted == none | {"photos": 3, "files": 6}
    with pytest.raises(NotFoundError):
        app.privacy.delete(one)


def test_nothing_comes_back_after_a_reset(app: App, event: EventView, group: GroupIdentity) -> None:
    """What was on its way when the group was reset: an upload, a run half done."""
    app.queue.start()
    try:
        take(app, group, event, 5)
        run_id = app.runs.request(group)
        app.training.start(run_id)
        app.training.prepare(run_id)
        fitted = app.training.fit(run_id)
        app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    finally:
        app.queue.stop()
    with pytest.raises(StaleEpochError):
        app.photos.take(group, event.labels[0].id, str(uuid.uuid4()), None, jpeg(COLORS["apple"], 50))
    with pytest.raises(StaleEpochError):
        app.training.finish(run_id, fitted)
    with pytest.raises(StaleEpochError):
        app.training.fit(run_id)
    with pytest.raises(StaleEpochError):
        app.runs.request(group)
    assert not [key for key in blobs(app).keys("events/") if group.id in key]
    with app.db.read() as session:
        assert session.query(Run).count() == session.query(Photo).count() == 0


def test_the_sweep_purges_what_undo_no_longer_covers_and_lost_files(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 1)
    app.photos.delete(group, ids[0])
    blobs(app).put(f"events/{event.id}/groups/{group.id}/photos/lost.jpg", b"x")
    assert app.privacy.sweep() == 0
    with app.db.write() as session:
        row = session.get(Photo, ids[0])
        assert row is not None
        row.deleted_at = utcnow() - dt.timedelta(hours=1)
    assert app.privacy.sweep() == 2
    assert app.privacy.sweep() == 0
    with app.db.read() as session:
        assert session.get(Photo, ids[0]) is None
    assert sum("groups/" in key for key in blobs(app).keys("events/")) == 2 * (len(event.labels) - 1)


def test_two_processes_at_one_run_leave_one_result_and_its_model(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    """One was thought dead and wakes when the other one has finished."""
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    late = app.training.fit(run_id)
    app.training.finish(run_id, app.training.fit(run_id))
    with pytest.raises(StaleEpochError):
        app.training.finish(run_id, late)
    with pytest.raises(StaleEpochError):
        app.training.fit(run_id)
    assert app.play.guess(group, jpeg(COLORS["banana"], 99)).scores[0][0].key == "banana"


def test_the_sweep_leaves_the_model_of_a_run_that_is_not_finished(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    fitted = app.training.fit(run_id)
    assert app.privacy.sweep() == app.privacy.sweep() == 0
    app.training.finish(run_id, fitted)
    assert app.runs.status(group, run_id).state == "done"


def test_one_photo_that_breaks_the_compute_tier_does_not_stop_the_others(
    app: App, event: EventView, group: GroupIdentity, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = take(app, group, event, 5)
    real = ml.embed

    def breaks_on_one(photos: Sequence[PhotoSource]) -> list[Embedded]:
        if ids[0] in {photo.id for photo in photos}:
            raise ClassroomError
        return real(photos)

    monkeypatch.setattr(ml, "embed", breaks_on_one)
    run_id = app.runs.request(group)
    app.training.start(run_id)
    app.training.prepare(run_id)
    app.training.finish(run_id, app.training.fit(run_id))
    assert app.runs.status(group, run_id).photos == len(ids) - 1
