"""The tables: SQLAlchemy 2 typed classes. Sizes in bytes, times in UTC."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from classroom_app.states import (
    FREEZE_MINUTES,
    CameraTrouble,
    CountedRun,
    DeletionScope,
    EmbedState,
    FaceRule,
    Half,
    Leader,
    Notice,
    Phase,
    Role,
    RunStage,
    RunState,
    StaffWord,
)


def _word(kind: type[StrEnum], length: int) -> Enum:
    """A column of the enum's values as text: a new one needs no change of the column."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda words: [word.value for word in words],
    )


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A timezone-aware UTC time on every database (SQLite would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return value.astimezone(dt.UTC) if value is not None else None

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def utcnow() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # SQLAlchemy reads it from the class itself; a ClassVar note would say nothing more.
    type_annotation_map = {dt.datetime: UtcDateTime(), dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012  # SQLAlchemy reads it from the class


class Facilitator(Base):
    __tablename__ = "facilitators"
    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    session_version: Mapped[int] = mapped_column(default=1)  # raised on a new password: every log-in ends
    role: Mapped[Role] = mapped_column(_word(Role, 16), default=Role.OWNER, server_default=Role.OWNER.value)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class ClassAccount(Base):
    """A class that an account may see; an owner sees all without."""

    __tablename__ = "class_accounts"
    username: Mapped[str] = mapped_column(
        ForeignKey("facilitators.username", ondelete="CASCADE"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AccountSession(Base):
    """A log-in on one browser, by the number in its cookie. No address: the device's words are enough."""

    __tablename__ = "account_sessions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("facilitators.username", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(60))  # "Safari, iPad"; empty where the browser says nothing
    begun_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Throttle(Base):
    """Wrong guesses that fade with time, per address and per subject (a user name, a group)."""

    __tablename__ = "throttles"
    door: Mapped[str] = mapped_column(String(120), primary_key=True)  # a keyed hash: says nothing by itself
    failures: Mapped[float] = mapped_column(default=0.0)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Ticket(Base):
    """Swaps a page's log-in for a cookie over a route, once, within a minute."""

    __tablename__ = "tickets"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[dt.datetime]


class EndedCookie(Base):
    """A group's cookie whose iPad left: no copy of it opens anything. Kept until it would have ended."""

    __tablename__ = "ended_cookies"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires_at: Mapped[dt.datetime]


class Event(Base):
    """A class: one day, its labels, its groups and its hidden challenge photos."""

    __tablename__ = "events"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    phase: Mapped[Phase] = mapped_column(_word(Phase, 16), default=Phase.LOBBY)
    projector_version: Mapped[int] = mapped_column(default=1)
    show_practice: Mapped[bool] = mapped_column(
        default=True
    )  # may groups see practice photos they got wrong?
    faces: Mapped[FaceRule] = mapped_column(_word(FaceRule, 8), default=FaceRule.WARN)
    # The rules of its contest.
    counted: Mapped[CountedRun] = mapped_column(_word(CountedRun, 8), default=CountedRun.BEST)
    trainings_max: Mapped[int | None]  # of a group in a round; None: as many as it likes
    freeze_minutes: Mapped[int] = mapped_column(default=FREEZE_MINUTES)  # the board stands still; 0: never
    tie_break: Mapped[bool] = mapped_column(default=False)
    # The clock of its round, by the server's time; `services/round_clock.py` reads it.
    round_started_at: Mapped[dt.datetime | None]
    round_ends_at: Mapped[dt.datetime | None]  # moved on by as long as a pause lasted
    round_paused_at: Mapped[dt.datetime | None]  # None: it runs
    round_went_on_at: Mapped[dt.datetime | None]  # when its newest pause ended
    board_frozen_at: Mapped[dt.datetime | None]  # written down when the clock is changed after the freeze
    collect_ended_at: Mapped[dt.datetime | None]  # a facilitator moved on from collecting
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    # Raised whenever a challenge photo comes, goes or gets its features: what was found out by the set before
    # is found out again.
    challenge_version: Mapped[int] = mapped_column(default=0)
    halves_settled: Mapped[int] = mapped_column(default=0)  # the version whose halves were put right
    show_baselines: Mapped[bool] = mapped_column(default=False)  # a coin and the teacher's AI on the board?
    # From where its iPads and projectors may come, blocks with commas; empty: from anywhere.
    networks: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    # Its swap round: which turn of the rotation, None while there is none; whose AI each group tries, ids of
    # groups by id (services/swap_pairs.py).
    swap_turn: Mapped[int | None]
    swap_pairs: Mapped[dict[str, Any] | None]
    # May groups take their AI home after the reveal? What it learnt leaves the building then.
    take_home: Mapped[bool] = mapped_column(default=False, server_default=false())
    # From then on nothing is taken in; a while later the class goes by itself. None: of a release before.
    ends_at: Mapped[dt.datetime | None]
    # How many days later, sooner than the settings say; None: as they say (`services/class_terms.py`).
    keep_days: Mapped[int | None]
    labels: Mapped[list[Label]] = relationship(
        order_by="Label.position", cascade="all, delete-orphan", passive_deletes=True
    )
    groups: Mapped[list[Group]] = relationship(
        order_by="Group.position", cascade="all, delete-orphan", passive_deletes=True, back_populates="event"
    )


class Label(Base):
    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("event_id", "key"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    emoji: Mapped[str] = mapped_column(String(16))
    name_ja: Mapped[str] = mapped_column(String(80))  # furigana as {漢字|かんじ}
    name_en: Mapped[str] = mapped_column(String(80))


class Group(Base):
    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("event_id", "key"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    emoji: Mapped[str] = mapped_column(String(16))
    color: Mapped[str] = mapped_column(String(16))
    name_ja: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    join_token: Mapped[str] = mapped_column(String(40), unique=True)
    token_version: Mapped[int] = mapped_column(default=1)  # raised: every cookie of the group ends
    picture_code: Mapped[list[Any]]
    epoch: Mapped[int] = mapped_column(default=1)  # raised first by a reset; every commit checks it
    joined_at: Mapped[dt.datetime | None]
    seen_at: Mapped[dt.datetime | None]
    # Were its children told that photos of the challenge are not trained on? None: there was no need yet.
    seen_notice: Mapped[Notice | None] = mapped_column(_word(Notice, 8))
    # What a facilitator told its iPads last, and since when and why it has to wait. Gone with a reset.
    said_word: Mapped[StaffWord | None] = mapped_column(_word(StaffWord, 16))
    said_text: Mapped[str | None] = mapped_column(String(120))
    said_at: Mapped[dt.datetime | None]
    said_read_at: Mapped[dt.datetime | None]  # the first of them pressed OK
    locked_at: Mapped[dt.datetime | None]
    locked_word: Mapped[StaffWord | None] = mapped_column(_word(StaffWord, 16))
    locked_text: Mapped[str | None] = mapped_column(String(120))
    # For children who must not be in pictures; the stricter of this and the class's rule holds. None: the
    # class's. A reset leaves it: the children are the same.
    faces: Mapped[FaceRule | None] = mapped_column(_word(FaceRule, 8))
    ipads: Mapped[int] = mapped_column(default=1, server_default="1")  # that it is to get on the day
    # The highest version of its AIs that a deletion took, and the epoch that this holds in: no other AI gets
    # the number, and what ended badly before it is no news. A reset begins anew.
    deleted_version: Mapped[int] = mapped_column(default=0, server_default="0")
    deleted_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    event: Mapped[Event] = relationship(back_populates="groups")


class StoredPhoto:
    """What a group's photo and a challenge photo have in common."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    blob_key: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    brightness: Mapped[float]  # mean luma, 0 to 255
    sharpness: Mapped[float]  # variance of the Laplacian on a 256 px luma image
    perceptual_hash: Mapped[int] = mapped_column(BigInteger)  # signed 64-bit difference hash
    taken_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    embed_state: Mapped[EmbedState] = mapped_column(_word(EmbedState, 16), default=EmbedState.PENDING)
    embed_tries: Mapped[int] = mapped_column(default=0)
    embed_lease_until: Mapped[dt.datetime | None]  # somebody is embedding it; free again after this
    feature_space: Mapped[str | None] = mapped_column(String(80))
    feature_views: Mapped[int] = mapped_column(default=0)
    features: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # float16 [views, length]


class Photo(StoredPhoto, Base):
    __tablename__ = "photos"
    __table_args__ = (
        Index("ix_photos_group_id_label_id", "group_id", "label_id"),
        Index(
            "ix_photos_pending",
            "embed_state",
            sqlite_where=text("embed_state = 'pending'"),
            postgresql_where=text("embed_state = 'pending'"),
        ),
    )
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    tiny: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # 12 x 12 RGB, for the coach
    deleted_at: Mapped[dt.datetime | None]  # a child's delete, undone within minutes; then purged


class BuriedPhoto(Base):
    """The random id of a deleted photo, for a day: a late retry of an iPad must not bring it back."""

    __tablename__ = "buried_photos"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    buried_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class UnreadPhoto(Base):
    """The random id of a photo on which every decoder failed, and how often it was sent."""

    __tablename__ = "unread_photos"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    posts: Mapped[int]
    set_aside_at: Mapped[dt.datetime | None]  # given up: it will not be looked at again


class ChallengePhoto(StoredPhoto, Base):
    """Hidden test photos of a class. `half` is practice (shown while training) or final (at the end)."""

    __tablename__ = "challenge_photos"
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))
    half: Mapped[Half] = mapped_column(_word(Half, 8))
    kin: Mapped[str | None] = mapped_column(String(36))  # photos that look alike share it, and their half


class Comparison(Base):
    """A group's photo was held beside the challenge set; all rows of a class go when its set changes."""

    __tablename__ = "comparisons"
    photo_id: Mapped[str] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    # The challenge photo that it is the same picture as: then no run trains on it.
    seen_as: Mapped[str | None] = mapped_column(
        ForeignKey("challenge_photos.id", ondelete="SET NULL"), index=True
    )


class ExpectationRow(Base):
    """What an AI scores that was trained on a part of the class's challenge photos and tried on the rest."""

    __tablename__ = "expectations"
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    challenge_version: Mapped[int]  # of the set that was looked at
    found: Mapped[dict[str, Any]]  # an `Outcome` of services/expectations.py


class Run(Base):
    """One training run of a group, and its version number; the workflow has the same id."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("group_id", "version"),
        # One active run per group, held by the database: a double tap cannot start two.
        Index(
            "uq_runs_active_group",
            "group_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]
    version: Mapped[int]
    state: Mapped[RunState] = mapped_column(_word(RunState, 16), default=RunState.QUEUED)
    stage: Mapped[RunStage] = mapped_column(_word(RunStage, 16), default=RunStage.WAITING)
    progress: Mapped[float] = mapped_column(default=0.0)
    photos: Mapped[dict[str, Any]] = mapped_column(default=dict)  # photos by label id at the tap
    left_out: Mapped[int] = mapped_column(default=0)  # photos not trained on: they are of the challenge
    tells_seen: Mapped[bool] = mapped_column(default=False)  # its result says so: nobody had said it before
    error_key: Mapped[str | None] = mapped_column(String(60))
    requested_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    chosen_at: Mapped[dt.datetime | None]  # the group wants this version to count; the newest choice holds
    # "selectin", not "joined": Postgres refuses to lock the empty side of an outer join.
    result: Mapped[RunResult | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class RunResult(Base):
    """Written once a run, whoever computed it (its primary key is the run's id)."""

    __tablename__ = "run_results"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[str] = mapped_column(String(64))  # sha256 of the model's bytes
    model_key: Mapped[str] = mapped_column(String(200))
    recipe: Mapped[str] = mapped_column(String(40))
    fit_seconds: Mapped[float]
    curve: Mapped[list[Any]]  # [{"photos_per_label", "correct", "total"}, …]
    practice_correct: Mapped[int]
    practice_total: Mapped[int]
    final_correct: Mapped[int]
    final_total: Mapped[int]
    # A `ChallengeAnswer` per challenge photo. Read for one run at a time: a leaderboard has no need of
    # thousands of them.
    answers: Mapped[list[Any]] = mapped_column(deferred=True)
    # Ids of the photos that it was fitted on; none of a run that the release before finished.
    learnt_from: Mapped[list[Any] | None] = mapped_column(JSON, deferred=True)


class Final(Base):
    """What counted when a class came to its reveal, written down once. Number 2 was made after groups had
    seen the results of number 1.
    """

    __tablename__ = "finals"
    __table_args__ = (UniqueConstraint("event_id", "number"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    reopened_at: Mapped[dt.datetime | None]  # the class went back to collecting: it is the board no more
    rules: Mapped[dict[str, Any]]  # a `ContestRules`
    halves: Mapped[dict[str, Any]]  # ids of the challenge photos by half
    awards: Mapped[list[Any]]  # an `Award` each
    fooled: Mapped[dict[str, Any] | None]  # what counted for an award in swap rounds, by group id
    looked_at: Mapped[dt.datetime | None]  # when it was found out what looking around would have given
    entries: Mapped[list[FinalEntry]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class FinalEntry(Base):
    """A group in a final, with the run that counted; it goes with either of them."""

    __tablename__ = "final_entries"
    final_id: Mapped[str] = mapped_column(ForeignKey("finals.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[str] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    photos: Mapped[int]  # that the group had
    runs: Mapped[int]  # versions that it had
    practice_correct: Mapped[int | None]
    practice_total: Mapped[int | None]
    final_correct: Mapped[int | None]
    final_total: Mapped[int | None]
    # Right of the final half, had the AI looked around first. It counts nowhere.
    looked_correct: Mapped[int | None]


class FooledAi(Base):
    """A group held a thing before another group's AI, in a swap round, and the AI took it for another label.

    Of the thing nothing is kept but the two labels and the time. It goes with either of the two groups.
    """

    __tablename__ = "fooled_ais"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)  # who did
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)  # whose AI
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))  # what it was
    guess_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"))  # what the AI said
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class IPad(Base):
    """A browser of a group, by a random id that it made itself: its last word on how it fares. No history."""

    __tablename__ = "ipads"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(default=0, server_default="0")  # in its group, from 1; 0: none yet
    beat_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    unsent: Mapped[int]  # photos that wait on it
    page: Mapped[str] = mapped_column(String(16), default="", server_default="")  # that is open
    failed: Mapped[int] = mapped_column(default=0, server_default="0")  # photos refused since it was opened
    camera: Mapped[CameraTrouble | None] = mapped_column(_word(CameraTrouble, 16))  # none: no trouble
    cannot_send: Mapped[bool]  # somebody else answers there for this app: a filter, a proxy, a Wi-Fi log-in
    clock_off_s: Mapped[int | None]  # its clock is so far ahead of the server's; none: it has not said


class Show(Base):
    """Where a class's show is, for all its screens. Without a row: at its first step, led by hand."""

    __tablename__ = "shows"
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    leader: Mapped[Leader] = mapped_column(_word(Leader, 16), default=Leader.FACILITATOR)
    automatic_s: Mapped[float | None]  # seconds a step from `changed_at` on; none: led by hand
    dark: Mapped[bool] = mapped_column(default=False)


class Receipt(Base):
    """What a deletion removed and what a recount found left. It names no person and no photo."""

    __tablename__ = "receipts"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    scope: Mapped[DeletionScope] = mapped_column(_word(DeletionScope, 16))
    subject: Mapped[str] = mapped_column(String(120))
    deleted: Mapped[dict[str, Any]]
    left: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class ReceiptAccount(Base):
    """Whose class it was when it was deleted from: the class may be gone since, and with it who saw it."""

    __tablename__ = "receipt_accounts"
    receipt_id: Mapped[str] = mapped_column(ForeignKey("receipts.id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str] = mapped_column(
        ForeignKey("facilitators.username", ondelete="CASCADE"), primary_key=True, index=True
    )


class Executor(Base):
    """A web process that works on runs, and when it was last alive."""

    __tablename__ = "executors"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    beat_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    swept_at: Mapped[dt.datetime | None]  # when it last dropped from its memory what no row knows
    # How often others, who had deleted something, have asked it to forget that, and how often it then did.
    forget_asked: Mapped[int] = mapped_column(default=0, server_default="0")
    forget_done: Mapped[int] = mapped_column(default=0, server_default="0")


class Deletion(Base):
    """A deletion that can be undone. Its rows are taken out of their tables at once and kept aside
    (`SetAsideRow`), so that nobody sees them anywhere; its files wait until the time for undo is over.
    """

    __tablename__ = "deletions"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    scope: Mapped[DeletionScope] = mapped_column(_word(DeletionScope, 16))
    event_id: Mapped[str] = mapped_column(String(36))  # no foreign key: the class may be what is deleted
    group_id: Mapped[str | None] = mapped_column(String(36))
    subject: Mapped[str] = mapped_column(String(120))
    counts: Mapped[dict[str, Any]]  # by kind, before
    prefix: Mapped[str | None] = mapped_column(String(200))  # of the files, where all under it go ...
    keys: Mapped[list[Any]]  # ... else these; all that are known by now
    group_ids: Mapped[list[Any]]
    run_ids: Mapped[list[Any]]
    asked_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    due_at: Mapped[dt.datetime]  # until then it can be undone
    held_until: Mapped[dt.datetime | None]  # a process is finishing it


class SetAsideRow(Base):
    """A row of another table, as JSON, in the order in which a restore puts them back."""

    __tablename__ = "set_aside_rows"
    deletion_id: Mapped[str] = mapped_column(ForeignKey("deletions.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    table: Mapped[str] = mapped_column(String(40))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Base):
    """Who did what, when, from which network. Triggers of the database refuse to change or delete one."""

    __tablename__ = "audit_entries"
    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    kind: Mapped[str] = mapped_column(String(16))  # of who: facilitator, group, projector, system
    who: Mapped[str] = mapped_column(String(64))  # a user name, an id
    did: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(60))  # a network, not an address
    event_id: Mapped[str | None] = mapped_column(String(36), index=True)  # no foreign key: it outlives them
    group_id: Mapped[str | None] = mapped_column(String(36))


class Lease(Base):
    """Work that one process at a time does, and until when it is somebody's."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[dt.datetime]
