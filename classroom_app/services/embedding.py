"""Makes the features of photos as they arrive, and of those a run is waiting for.

Photos wait in the database when the compute tier is away.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import structlog

from classroom_app.compute.interface import Embedded, EmbedSizes, MlClient, PhotoSource
from classroom_app.data.engine import Database
from classroom_app.data.files import Files
from classroom_app.data.repository import challenge, comparisons, embedding, executors
from classroom_app.data.repository.photo_filter import PhotoFilter, PhotoTable
from classroom_app.data.tables import ChallengePhoto, Photo, utcnow
from classroom_app.errors import ClassroomError, NotFoundError, UnavailableError
from classroom_app.services.worker import Worker
from classroom_app.states import EmbedState
from ml_core.contract.observe import request_id, tracing

LEASE_S = 30.0  # of photos that somebody embeds; when a process dies they wait so long for another one
LEASE_RENEWED_EVERY_S = 8.0  # a batch may take longer than a lease when all want the compute tier at once
LEASE = dt.timedelta(seconds=LEASE_S)
TRIES_MAX = 3
# Whoever takes a photo wakes this process's thread. What others left it looks for by itself: soon at first,
# and less often while there is nothing, so that a hundred idle pods ask as much as a few.
IDLE_WAIT_S, IDLE_WAIT_MAX_S, IDLE_SLOWER = 5.0, 30.0, 1.5
IDLE_ROUNDS_COUNTED = 10
AWAY_WAIT_S = 2.0
BURST_S = 0.4  # since the last photo; a burst brings five a second
STOP_WAIT_S = 10.0  # for the batch in hand
STAND_BACK_S, THEN_WORK_S = 4.0, 4.0

_log = structlog.get_logger(__name__)


class UploadBurst:
    """When children's photos come in, so that whoever works in the background can stand back."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def photo_came(self) -> None:
        self._last = time.monotonic()

    def is_on(self) -> bool:
        return time.monotonic() - self._last < BURST_S


class EmbeddingService:
    def __init__(
        self,
        db: Database,
        files: Files,
        ml: MlClient,
        *,
        by_uri: bool = False,
        features_came: Callable[[Iterable[str], Iterable[str]], None],
    ) -> None:
        """`features_came` is told the groups and the classes whose photos got features."""
        self._db = db
        self._files = files
        self._ml = ml
        self._features_came = features_came
        self._by_uri = by_uri  # the compute tier reads the photos from the store itself

    def embed_some(self, table: PhotoTable, which: PhotoFilter | None = None) -> int:
        """Embed one batch of waiting photos, of the compute tier's size; returns how many were taken up.

        Raises UnavailableError when the compute tier is away; the photos wait on.
        """
        batch = self.sizes().batch
        with self._db.write() as session:
            rows = embedding.lease(session, table, batch, utcnow() + LEASE, which)
            taken = [(row.id, row.blob_key) for row in rows]
        if taken:
            # A run that waits for its photos passes its own id on; photos on their own get one for the batch.
            span = tracing.span("embed", attributes={"photos": len(taken)})
            with request_id.ensured(), span, self._held(table, [photo_id for photo_id, _ in taken]):
                self._embed_taken(table, taken)
        return len(taken)

    def sizes(self) -> EmbedSizes:
        """What the compute tier wants to be sent. Raises UnavailableError."""
        return self._ml.embed_sizes()

    @contextmanager
    def _held(self, table: PhotoTable, ids: list[str]) -> Iterator[None]:
        """The leases last as long as the block, or as this process lives, and not much longer."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(LEASE_RENEWED_EVERY_S):
                with suppress(UnavailableError), self._db.write() as session:
                    embedding.renew(session, table, ids, utcnow() + LEASE)

        renewing = threading.Thread(target=renew, name="embed-leases", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def _embed_taken(self, table: PhotoTable, taken: list[tuple[str, str]]) -> None:
        ids = [photo_id for photo_id, _ in taken]
        answers: list[Embedded] = []
        try:
            if self._by_uri:
                answers += self._read_there(taken)
            done = {answer.id for answer in answers}
            sources = self._sources([(name, key) for name, key in taken if name not in done], answers)
            answers += self._embed(sources)
        finally:
            self._keep(table, ids, answers)
        # From the ids of the uploads to that of the batch, which the compute tier logs.
        _log.info("photos_embedded", kind=table.__tablename__, photos=ids)

    def _read_there(self, taken: list[tuple[str, str]]) -> list[Embedded]:
        """Photos that the compute tier reads from the store by itself; of the others it gets the bytes."""
        try:
            found = self._ml.embed([PhotoSource(name, uri=self._files.uri(key)) for name, key in taken])
        except UnavailableError:
            raise
        except ClassroomError as exc:
            _log.warning("compute_tier_reads_no_photos", reason=exc.key, detail=exc.params)
            return []
        return [answer for answer in found if answer.error_key != "photo_missing"]

    def _embed(self, sources: list[PhotoSource]) -> list[Embedded]:
        """One call; when it fails for another reason than absence, one call a photo, and a try is counted."""
        if not sources:
            return []
        try:
            return self._ml.embed(sources)
        except UnavailableError:
            raise
        except ClassroomError as exc:
            _log.warning("embedding_failed", photos=len(sources), reason=exc.key, detail=exc.params)
            if len(sources) == 1:
                return [Embedded(sources[0].id, None, "embed_failed")]
        return [answer for source in sources for answer in self._embed([source])]

    def _sources(self, taken: list[tuple[str, str]], missing: list[Embedded]) -> list[PhotoSource]:
        sources = []
        for photo_id, key in taken:
            try:
                sources.append(PhotoSource(photo_id, image=self._files.get_photo(key)))
            except NotFoundError:
                missing.append(Embedded(photo_id, None, "photo_missing"))
        return sources

    def _keep(self, table: PhotoTable, ids: list[str], answers: list[Embedded]) -> None:
        """Write what came back; a photo deleted meanwhile has no row, so nothing is kept of it."""
        by_id = {answer.id: answer for answer in answers}
        ready: set[str] = set()  # groups or classes of those that got features
        with self._db.write() as session:
            if table is ChallengePhoto:
                # Before the photos themselves, as whoever changes the set does.
                for event_id in challenge.classes_of(session, ids):
                    challenge.lock(session, event_id)
            for row in embedding.lock(session, table, ids):
                row.embed_lease_until = None
                answer = by_id.get(row.id)
                if answer is None:
                    continue  # the compute tier was away: not the photo's fault, no try is counted
                if answer.features is not None:
                    row.features = answer.features.values
                    row.feature_space = answer.features.space
                    row.feature_views = answer.features.views
                    row.embed_state = EmbedState.READY
                    ready.add(row.group_id if isinstance(row, Photo) else row.event_id)
                else:
                    row.embed_tries += 1
                    over = row.embed_tries >= TRIES_MAX
                    row.embed_state = EmbedState.FAILED if over else EmbedState.PENDING
            if table is ChallengePhoto:
                session.flush()
                for event_id in sorted(ready):
                    comparisons.set_changed(session, event_id)
        if ready:
            self._features_came(*((ready, ()) if table is Photo else ((), ready)))

    def free_leases(self, executor_id: str) -> None:
        """At start: photos that a killed process was embedding wait no longer, unless others are at work."""
        with self._db.write() as session:
            if not executors.others_alive(session, executor_id, utcnow() - LEASE):
                embedding.free_leases(session)

    def embed_group(
        self,
        group_id: str,
        saved_by: dt.datetime,
        timeout_s: float,
        check: Callable[[], object] = bool,
    ) -> None:
        """Every photo that the group had saved by then has its features, or has failed, when this returns.

        Those that follow are not waited for: a group that goes on taking photos would wait for ever.
        `check` is called again and again; what it raises ends the wait. Raises UnavailableError when they are
        not ready in time.
        """
        self._embed_all(Photo, PhotoFilter(group_ids=(group_id,), saved_by=saved_by), timeout_s, check)

    def embed_challenge(self, event_id: str, timeout_s: float, check: Callable[[], object] = bool) -> None:
        """All of them: since the first tap no more can be added."""
        self._embed_all(ChallengePhoto, PhotoFilter(event_id=event_id), timeout_s, check)

    def _embed_all(
        self, table: PhotoTable, which: PhotoFilter, timeout_s: float, check: Callable[[], object]
    ) -> None:
        limit = time.monotonic() + timeout_s
        space = self._ml.space()
        with self._db.write() as session:
            # After an upgrade of the compute tier the features of the day before do not fit any more.
            embedding.await_other_space(session, table, which, space)
        while True:
            check()
            if self.embed_some(table, which):
                continue
            with self._db.read() as session:
                waiting = embedding.any_pending(session, table, which)
            if not waiting:
                return
            if time.monotonic() > limit:
                raise UnavailableError
            time.sleep(0.05)  # another thread holds the rest


def embedder(
    service: EmbeddingService,
    wake: threading.Event,
    executor_id: str,
    burst: UploadBurst | None = None,
    *then: Callable[[], object],
) -> Worker:
    """The thread that embeds photos as they arrive; `then`: what it does each time when none waits any more.

    `burst`: of the photos whose way in shares the processor with the compute tier.
    """
    stopping = threading.Event()
    rounds = EmbedRounds(service, executor_id, burst, stopping)
    return Worker(
        "embedder",
        rounds.embed_waiting,
        *then,
        every_s=rounds.pause_s,
        error_wait_s=AWAY_WAIT_S,
        failed_event="embedding_failed",
        waits_event="embedding_waits",
        wake=wake,
        stopping=stopping,
        stop_wait_s=STOP_WAIT_S,
    )


class EmbedRounds:
    """What the thread does each time it wakes, and what it remembers from one time to the next."""

    def __init__(
        self,
        service: EmbeddingService,
        executor_id: str,
        burst: UploadBurst | None,
        stopping: threading.Event,
    ) -> None:
        self._service = service
        self._executor_id = executor_id
        self._burst = burst
        self._stopping = stopping
        self._has_begun = False
        self._works_until = 0.0
        self._idle = 0  # rounds without a photo

    def pause_s(self) -> float:
        """Until it looks by itself."""
        return min(IDLE_WAIT_S * IDLE_SLOWER**self._idle, IDLE_WAIT_MAX_S)

    def embed_waiting(self) -> None:
        """Batch after batch until no photo waits."""
        if not self._has_begun:
            self._service.free_leases(self._executor_id)
            self._has_begun = True
        sizes = self._service.sizes()
        self._idle = min(self._idle + 1, IDLE_ROUNDS_COUNTED)
        while not self._stopping.is_set():
            self._let_photos_in()
            taken = self._embed_some()
            if taken == 0:
                return
            self._idle = 0
            if taken >= sizes.batch and sizes.calls > 1:  # a full batch: more wait behind it
                self._embed_at_once(sizes.calls)

    def _embed_some(self) -> int:
        # Children's photos first: the challenge set was there before the class began.
        return self._service.embed_some(Photo) or self._service.embed_some(ChallengePhoto)

    def _embed_at_once(self, calls: int) -> None:
        """A card is busy only while many photos are read, decoded and seen at the same time."""

        def embed_all() -> None:
            while not self._stopping.is_set() and self._embed_some():
                pass

        with ThreadPoolExecutor(calls, thread_name_prefix="embed-batch") as pool:
            for done in [pool.submit(embed_all) for _ in range(calls)]:
                done.result()

    def _let_photos_in(self) -> None:
        """A burst goes first: a child waits for its ticks, and for the features only at the train button.

        Not for long: photos that come without a pause must not keep the features from being made.
        """
        began = time.monotonic()
        if self._burst is None or began < self._works_until:
            return
        while self._burst.is_on() and not self._stopping.wait(0.05):
            now = time.monotonic()
            if now > began + STAND_BACK_S:
                self._works_until = now + THEN_WORK_S
                return
