"""The composition root: everything that lives as long as the process, built once and wired here."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

from classroom_app.compute.channel import Tls, parse_targets
from classroom_app.compute.client import GrpcMlClient
from classroom_app.compute.each_server import ask_each
from classroom_app.compute.interface import MlClient
from classroom_app.content import dates
from classroom_app.data import migrate
from classroom_app.data.cloud_sql import cloud_sql_engine
from classroom_app.data.engine import Database, make_engine
from classroom_app.data.files import Files
from classroom_app.data.incoming import Incoming
from classroom_app.data.reserve import Reserve
from classroom_app.errors import NotAllowedError
from classroom_app.intake.decoder_pool import Intake
from classroom_app.services import metrics, who_asks
from classroom_app.services.access import AccessService
from classroom_app.services.accounts import AccountService
from classroom_app.services.allowed_calls import CheckedCalls, may_call
from classroom_app.services.audit_reading import AuditService
from classroom_app.services.awards import AwardService
from classroom_app.services.backlog import BacklogService
from classroom_app.services.board import BoardService
from classroom_app.services.challenge import ChallengeService
from classroom_app.services.challenge_shots import ChallengeShotService
from classroom_app.services.checklist import ChecklistService
from classroom_app.services.class_changes import ClassChangeService
from classroom_app.services.class_terms import ClassTerms
from classroom_app.services.classes import ClassService
from classroom_app.services.console import ConsoleService
from classroom_app.services.contest_rules import ContestService
from classroom_app.services.deletions import DeletionService
from classroom_app.services.embedding import EmbeddingService, UploadBurst, embedder
from classroom_app.services.ending import EndingService
from classroom_app.services.expectations import ExpectationService
from classroom_app.services.final import FinalService
from classroom_app.services.forgetting import LOOK_EVERY_S, Forgetting
from classroom_app.services.group_now import GroupNowService
from classroom_app.services.group_reveal import GroupRevealService
from classroom_app.services.hardest import HardestService
from classroom_app.services.health import ReadinessProbe
from classroom_app.services.help_wanted import HelpService
from classroom_app.services.integrity import IntegrityService
from classroom_app.services.ipads import IPadService
from classroom_app.services.likeness import LikenessService
from classroom_app.services.looking_around import LookingAroundService
from classroom_app.services.mistakes import MistakeService
from classroom_app.services.model_store import ModelStore
from classroom_app.services.passwords import PASSWORD_ROUNDS
from classroom_app.services.photo_desk import PhotoDeskService
from classroom_app.services.photos import PhotoService
from classroom_app.services.play import PlayService
from classroom_app.services.privacy import PrivacyService
from classroom_app.services.results_export import ResultsService
from classroom_app.services.retention import RetentionService
from classroom_app.services.screen import ScreenService
from classroom_app.services.show import ShowService
from classroom_app.services.signing import Signer
from classroom_app.services.staff_logins import StaffLoginService
from classroom_app.services.staff_words import StaffWordService
from classroom_app.services.streams import Streams
from classroom_app.services.swap import SwapService
from classroom_app.services.take_home_links import TakeHomeService
from classroom_app.services.tier import TierService
from classroom_app.services.training.ask import RunService
from classroom_app.services.training.jobs import JobService
from classroom_app.services.training.queue import RunQueue
from classroom_app.services.training.steps import TrainingService
from classroom_app.services.turn import Turn
from classroom_app.services.venue import VenueService
from classroom_app.services.worker import Worker
from classroom_app.settings import Settings, get_settings
from classroom_app.states import Phase
from classroom_app.views.accounts import Account
from classroom_app.views.jobs import ServerNow
from ml_core.contract.blobs import FREE_BYTES_MIN, BlobStore, FolderBlobs, GcsBlobs, free_bytes

SWEEP_EVERY_S = 120.0
# Of many processes one lists the bucket, the photos and the queue and has Postgres clean up; after so long
# without a word from it another one does.
SWEEP_TURN = dt.timedelta(seconds=3 * SWEEP_EVERY_S)
FORECAST_EVERY_S = 3.0
BLOBS_KEPT_S = 30.0  # a look lists the bucket, which is paid by the thousand; each photo says sooner


@dataclass
class App:
    """The parts that pages and routes call."""

    settings: Settings
    db: Database
    files: Files
    models: ModelStore
    streams: Streams
    ml: MlClient
    intake: Intake
    access: AccessService
    logins: StaffLoginService
    classes: ClassService
    class_changes: ClassChangeService
    checklist: ChecklistService
    challenge: ChallengeService
    shots: ChallengeShotService
    photos: PhotoService
    runs: RunService
    now: GroupNowService
    training: TrainingService
    board: BoardService
    play: PlayService
    mistakes: MistakeService
    ipads: IPadService
    privacy: PrivacyService
    deletions: DeletionService
    forgetting: Forgetting
    audit: AuditService
    retention: RetentionService
    integrity: IntegrityService
    queue: RunQueue
    embedding: EmbeddingService
    likeness: LikenessService
    expectations: ExpectationService
    embedder: Worker
    forecaster: Worker
    sweeper: Worker
    forgetter: Worker
    backlog: BacklogService
    readiness: ReadinessProbe
    incoming: Incoming
    contest: ContestService
    final: FinalService
    awards: AwardService
    results: ResultsService
    show: ShowService
    screen: ScreenService
    hardest: HardestService
    looking_around: LookingAroundService
    reveal: GroupRevealService
    ending: EndingService
    help_wanted: HelpService
    accounts: AccountService
    venue: VenueService
    words: StaffWordService
    jobs: JobService
    photo_desk: PhotoDeskService
    console: ConsoleService
    tier: TierService
    swap: SwapService
    take_home: TakeHomeService
    account: Account | None = None  # whose services these are; None: everybody's, for the app itself

    def as_account(self, cookie: str | None) -> App | None:
        """The services as whoever is logged in with this cookie may call them; None when nobody is.

        Each redraw and request looks anew who that is. What a page or route of grown-ups does, it does with
        this.
        """
        who_asks.forget()
        account = self.logins.account(cookie)
        if account is None or cookie is None:
            return None
        who_asks.begin(cookie, account)

        def look_up() -> Account:
            found = self.logins.account(cookie)
            if found is None:
                raise NotAllowedError
            return found

        who = functools.partial(who_asks.account, cookie, look_up)

        parts = {
            field.name: CheckedCalls(field.name, getattr(self, field.name), self.db, who)
            for field in dataclasses.fields(self)
            if field.name not in {"settings", "account"}
        }
        return dataclasses.replace(self, **parts, account=account)  # type: ignore[arg-type]  # stand-ins

    def lets(self, service: str, name: str) -> bool:
        """May whoever these services are given to make this call, by their role? What a page asks before it
        shows a button: `app.lets("words", "say")`.
        """
        return self.account is None or may_call(self.account, service, name)

    def make_first_facilitator(self) -> None:
        """With the password that the settings give; without one, a person makes it at the command line."""
        given = self.settings.first_password.get_secret_value()
        if given:
            self.logins.first_start(given)

    def start(self) -> None:
        """Start the threads that work beside the requests."""
        # What a process before us was unpacking when it was killed may be a whole challenge set.
        self.incoming.clear()
        self.queue.start()
        self.embedder.start()
        self.forecaster.start()
        self.sweeper.start()
        self.forgetter.start()

    def has_died(self) -> bool:
        """A thread that works beside the requests ended by itself: only a new process helps."""
        parts = (self.queue, self.embedder, self.forecaster, self.sweeper, self.forgetter)
        return any(part.has_died() for part in parts)

    def stop(self) -> None:
        self.readiness.stop()
        self.forgetter.stop()
        self.sweeper.stop()
        self.forecaster.stop()
        self.embedder.stop()
        self.queue.stop()
        self.intake.close()
        self.db.close()


def _servers(settings: Settings) -> list[ServerNow]:
    """Each server of the compute tier, and what it works with. Raises TargetError."""
    found = ask_each(settings.ml_targets, ml_tls(settings))
    return [ServerNow(server.address, server.device) for server in found]


def _ml_is_here(settings: Settings) -> bool:
    return all(target.is_loopback for target in parse_targets(settings.ml_targets))


def build(
    settings: Settings,
    *,
    ml: MlClient | None = None,
    blobs: BlobStore | None = None,
    intake: Intake | None = None,
    password_rounds: int = PASSWORD_ROUNDS,
) -> App:
    """Wire an app from settings; tests pass parts of their own."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    dates.live_in(settings.time_zone)
    ml = ml if ml is not None else make_ml(settings)
    db = open_db(settings)
    blobs = blobs if blobs is not None else make_blobs(settings)
    intake = intake if intake is not None else Intake(on_failure=metrics.count_decoder_failure)
    signer = Signer(secret_key(settings))
    undo = dt.timedelta(minutes=settings.undo_minutes)
    files, wake, burst = Files(blobs), threading.Event(), UploadBurst()
    models, streams = ModelStore(files), Streams()
    # Only a bucket is there for both tiers: of a folder the compute tier is sent the bytes.
    likeness, expectations = LikenessService(db), ExpectationService(db, ml)
    embedding = EmbeddingService(
        db, files, ml, by_uri=_in_bucket(settings), features_came=likeness.features_came
    )
    training = TrainingService(db, files, models, ml, embedding, likeness)
    queue = RunQueue(
        training,
        db,
        database_url=settings.queue_database,
        executor_id=settings.executor_id,
        workers=settings.training_workers,
        pooled=settings.database_pooled,
    )
    incoming = Incoming(settings.data_dir / "incoming")
    forgetting = Forgetting(db, models, streams, ml, intake, settings.executor_id, queue)
    privacy = PrivacyService(db, files, undo, queue, forgetting, incoming)
    reserve = Reserve(settings.data_dir / "reserve" if _on_this_disk(settings) else None)
    deletion = DeletionService(db, files, privacy, forgetting, undo, queue, wake.set, incoming, reserve)
    terms = ClassTerms.of(settings)
    class_service = ClassService(db, settings.max_groups, terms)
    retention = RetentionService(
        db,
        privacy,
        deletion,
        terms,
        lambda event_id: class_service.set_phase(event_id, Phase.CLOSED),
    )
    turn = Turn(db, "sweep", SWEEP_TURN)
    logins = StaffLoginService(db, signer, settings.session_hours, password_rounds)
    access = AccessService(db, signer, settings.session_hours, logins)
    board = BoardService(db)
    contest, awards, ipads = ContestService(db), AwardService(db), IPadService(db)
    hardest = HardestService(db, files, board.counted_runs)
    show = ShowService(db, board, hardest, awards.awards)
    looking_around = LookingAroundService(db, models, ml, lambda event_id: show.now(event_id).over)
    readiness = _readiness(settings, db, files, queue, ml, intake)
    free = None if _in_bucket(settings) else functools.partial(free_bytes, settings.data_dir)
    checklist = ChecklistService(db, expectations.expect, readiness.look, free)
    jobs = JobService(db, settings.training_workers)
    challenge_set = ChallengeService(
        db,
        files,
        intake,
        max_photos=settings.max_challenge_photos,
        zip_bytes_max=settings.zip_bytes_max,
        wake_embedder=wake,
        scrub=privacy.scrub,
    )
    return App(
        settings=settings,
        db=db,
        files=files,
        models=models,
        streams=streams,
        ml=ml,
        intake=intake,
        access=access,
        logins=logins,
        classes=class_service,
        class_changes=ClassChangeService(db, settings.max_groups),
        checklist=checklist,
        challenge=challenge_set,
        shots=ChallengeShotService(db, challenge_set),
        photos=PhotoService(
            db,
            files,
            intake,
            max_photos_per_group=settings.max_photos_per_group,
            undo=undo,
            wake_embedder=wake,
            burst=burst,
        ),
        runs=RunService(db),
        now=GroupNowService(db, contest, show),
        training=training,
        board=board,
        play=PlayService(db, models, intake, ml, streams),
        mistakes=MistakeService(db, files, models, ml),
        ipads=ipads,
        privacy=privacy,
        deletions=deletion,
        audit=AuditService(db),
        retention=retention,
        integrity=IntegrityService(db, files, queue),
        queue=queue,
        embedding=embedding,
        likeness=likeness,
        expectations=expectations,
        embedder=embedder(
            embedding,
            wake,
            settings.executor_id,
            burst if _ml_is_here(settings) else None,
            likeness.compare_due,
        ),
        # Beside the embedding: it takes seconds, and children's photos are not to wait for it.
        forecaster=Worker(
            "forecaster",
            expectations.renew,
            looking_around.renew,
            every_s=FORECAST_EVERY_S,
            failed_event="expectation_failed",
            waits_event="expectation_waits",
        ),
        # Keeps the deletion promise while nobody looks.
        sweeper=Worker(
            "sweeper",
            streams.sweep,  # first: these wait for no database
            challenge_set.sweep,
            reserve.keep,
            turn.look,
            turn.of(privacy.sweep),
            forgetting.sweep,
            deletion.sweep,
            retention.tick,
            turn.of(queue.sweep),
            queue.rest,
            turn.of(access.sweep),
            turn.of(logins.sweep),
            every_s=SWEEP_EVERY_S,
            failed_event="sweep_failed",
            waits_event="sweep_waits",
        ),
        forgetting=forgetting,
        # Beside the sweep: who deletes waits for all processes to forget.
        forgetter=Worker(
            "forgetter",
            forgetting.look,
            every_s=LOOK_EVERY_S,
            failed_event="sweep_failed",
            waits_event="sweep_waits",
            stop_wait_s=1.0,
        ),
        backlog=BacklogService(db),
        incoming=incoming,
        show=show,
        screen=ScreenService(db, show, contest, functools.partial(expectations.baselines, final=False)),
        hardest=hardest,
        looking_around=looking_around,
        readiness=readiness,
        contest=contest,
        final=FinalService(db),
        awards=awards,
        results=ResultsService(db),
        reveal=GroupRevealService(board, show),
        ending=EndingService(db, access, board),
        help_wanted=HelpService(db),
        accounts=AccountService(db, logins),
        venue=VenueService(db),
        words=StaffWordService(db),
        jobs=jobs,
        photo_desk=PhotoDeskService(db),
        console=ConsoleService(db, jobs),
        take_home=TakeHomeService(db, models, show, signer, access.session_seconds),
        tier=TierService(functools.partial(_servers, settings)),
        swap=SwapService(db),
    )


def _readiness(
    settings: Settings, db: Database, files: Files, queue: RunQueue, ml: MlClient, intake: Intake
) -> ReadinessProbe:
    """Without the compute tier the class goes on: photos are kept and wait for it. Decoders that fail are
    started anew by themselves, so another pod would do no better.
    """
    in_bucket = _in_bucket(settings)
    disk = {} if in_bucket else {"disk": functools.partial(_disk_has_room, settings)}
    return ReadinessProbe(
        needed={
            "database": functools.partial(_database_is_ready, db, settings),
            "migrations": functools.partial(migrate.is_done, db.engine),
            "blobs": files.is_reachable,
            "queue": queue.is_alive,
        },
        reported={"ml_core": ml.is_ready, "intake": intake.is_working, **disk},
        kept_s={"blobs": BLOBS_KEPT_S} if in_bucket else {},  # a folder is free
    )


def _in_bucket(settings: Settings) -> bool:
    """Do photos lie in a bucket, and not in a folder of this machine?"""
    return settings.blobs.startswith("gs://")


def _on_this_disk(settings: Settings) -> bool:
    """Is the database a file of this machine?"""
    return settings.database.startswith("sqlite")


def _database_is_ready(db: Database, settings: Settings) -> bool:
    """SQLite answers on a full disk too, until somebody writes."""
    return db.is_ready() and (not _on_this_disk(settings) or _disk_has_room(settings))


def _disk_has_room(settings: Settings) -> bool:
    return free_bytes(settings.data_dir) >= FREE_BYTES_MIN


def open_db(settings: Settings) -> Database:
    """The tables of a class, wherever the settings say that they lie."""
    if not settings.cloud_sql_instance:
        return Database(make_engine(settings.database, pooled=settings.database_pooled))
    engine = cloud_sql_engine(
        settings.cloud_sql_instance,
        database=settings.cloud_sql_database,
        user=settings.cloud_sql_user,
        password=settings.cloud_sql_password.get_secret_value() or None,
    )
    return Database(engine)


def make_ml(settings: Settings) -> GrpcMlClient:
    """Raises TargetError for addresses that cannot be used, OSError for certificates that are not there."""
    return GrpcMlClient(settings.ml_targets, ml_tls(settings))


def ml_tls(settings: Settings) -> Tls | None:
    ca, certificate, key = settings.ml_tls_ca, settings.ml_tls_cert, settings.ml_tls_key
    return Tls(ca, certificate, key, settings.ml_tls_name) if ca and certificate and key else None


def make_blobs(settings: Settings) -> BlobStore:
    if _in_bucket(settings):
        return GcsBlobs(settings.blobs.removeprefix("gs://").strip("/"))
    return FolderBlobs(Path(settings.blobs) if settings.blobs else settings.data_dir / "blobs")


def secret_key(settings: Settings) -> str:
    """The given key, or one of our own kept beside the data, readable by its owner alone."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given
    path = settings.data_dir / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


_lock = threading.Lock()
_app: App | None = None


def get_app() -> App:
    """The app of this process, built at the first call."""
    global _app  # noqa: PLW0603  # one a process is what it is for
    with _lock:
        if _app is None:
            _app = build(get_settings())
        return _app


def set_app(app: App | None) -> None:
    """Another app for this process, or none until the next `get_app`; for tests."""
    global _app  # noqa: PLW0603  # as above
    with _lock:
        _app = app
