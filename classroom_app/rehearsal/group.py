"""One group's part of the day: its iPads join, send photos, look at them, and train."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from classroom_app.rehearsal.answers import NewGroup, RunStatus, SavedPhoto
from classroom_app.rehearsal.client import GroupClient
from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import RefusedError, RehearsalError
from classroom_app.rehearsal.records import GroupRecord, Hand, PlayedRun, SentPhoto

RESENT_PER_ROUND = 2  # photos that are sent a second time, as after an answer lost in the Wi-Fi
GALLERY_AT_ONCE = 4
BETWEEN_PHOTOS_MS = 4_000  # a child's pace; photos closer together would count as one burst


@dataclass(frozen=True)
class _Photo:
    """A photo that waits to be sent."""

    id: str
    label_id: str
    taken_at_ms: int
    jpeg: bytes


class GroupPlayer:
    """Plays one group; what goes wrong is written down, so that the other groups go on."""

    def __init__(
        self,
        options: RehearsalOptions,
        group: NewGroup,
        ipads: Sequence[GroupClient],
        hand: Hand,
        failures: list[str],
    ) -> None:
        self.record = GroupRecord(group)
        self._options = options
        self._ipads = ipads
        self._hand = hand
        self._failures = failures
        photos = sum(len(jpegs) for jpegs in hand.values())
        self._taken_at_ms = time.time_ns() // 1_000_000 - photos * BETWEEN_PHOTOS_MS

    @property
    def ipad(self) -> GroupClient:
        return self._ipads[0]

    def fail(self, text: str) -> None:
        self._failures.append(f"{self.record.group.name}: {text}")

    async def join(self) -> None:
        for ipad in self._ipads:
            try:
                await ipad.join(self.record.group.join_path)
            except RehearsalError as exc:
                self.fail(f"an iPad could not join: {exc}")

    async def upload(self, part: slice, label_ids: Mapping[str, str], step: Callable[[], None]) -> None:
        """All iPads of the group take this part of each label's photos from one pile, as fast as they can."""
        hand = {key: jpegs[part] for key, jpegs in self._hand.items()}
        waiting = deque(self._photo(label_ids[key], jpeg) for key, jpeg in _in_turn(hand))
        again = list(waiting)[:RESENT_PER_ROUND]
        if len(self._ipads) > 1 and waiting:
            await self._send_at_once_from_two(waiting.popleft())
            step()

        async def empty_pile(ipad: GroupClient) -> None:
            while waiting:
                await self._send(ipad, waiting.popleft())
                step()

        await asyncio.gather(*(empty_pile(ipad) for ipad in self._ipads))
        for photo in again:
            await self._send_again(photo)

    async def count_photos(self, step: Callable[[], None]) -> None:
        """Opens the whole gallery: each photo that was saved must be there, once."""
        gate = asyncio.Semaphore(GALLERY_AT_ONCE)

        async def is_there(photo: SentPhoto) -> bool:
            async with gate:
                seen = await self.ipad.sees_photo(photo.id)
            step()
            return seen

        try:
            seen = await asyncio.gather(*(is_there(photo) for photo in self.record.sent))
            counts = {label.id: label.photos for label in (await self.ipad.overview()).labels}
        except RehearsalError as exc:
            self.fail(f"the gallery cannot be read: {exc}")
            return
        expected = len(self.record.sent)
        counted = sum(counts.values())
        missing = seen.count(False)
        lost = max(missing, expected - counted) + self.record.refused
        doubled = max(0, counted - (expected - missing))
        self.record.lost, self.record.doubled = lost, doubled
        if lost:
            self.fail(f"{lost} photos lost ({expected} saved, {counted} counted, {missing} not shown)")
        if doubled:
            self.fail(f"{doubled} photos doubled ({expected} saved, {counted} counted)")
        self._compare_labels(counts)

    async def train(self, name: str, pending: int, *, double_tap: bool = False) -> None:
        """Presses the button (with two fingers, if asked) and waits for the result."""
        tapped = time.monotonic()
        try:
            fingers = [self.ipad, self._ipads[-1]] if double_tap else [self.ipad]
            run, *others = await asyncio.gather(*(ipad.start_run() for ipad in fingers))
            ended = await self._wait_for(run.id)
            seconds = time.monotonic() - tapped
            twins = [await self._wait_for(other.id) for other in others if other.id != run.id]
        except RehearsalError as exc:
            self.fail(f"training {name}: {exc}")
            return
        if any(_overlap(ended, twin) for twin in twins):
            self.fail(f"training {name}: a double tap started two runs")
        if ended.leaks:
            self.fail(f"training {name}: the group is told of the final half: {', '.join(ended.leaks)}")
        if ended.state != "done":
            self.fail(f"training {name} (run {ended.id}) ended as {ended.state} after {seconds:.1f} s")
        elif ended.practice is None:
            self.fail(f"training {name} (run {ended.id}) has no practice result")
        self.record.runs.append(PlayedRun(name, ended, seconds, pending))

    async def is_not_seen_by(self, stranger: GroupClient, who: str) -> None:
        try:
            for photo in self.record.sent[:1]:
                if await stranger.sees_photo(photo.id):
                    self.fail(f"{who} is shown its photos")
        except RehearsalError as exc:
            self.fail(f"asked for a photo as {who}: {exc}")

    async def sees_nothing_any_more(self) -> None:
        await self.is_not_seen_by(self.ipad, "the group of a deleted class")

    async def _wait_for(self, run_id: str) -> RunStatus:
        return await self.ipad.wait_for_run(
            run_id, limit_s=self._options.run_limit_s, poll_s=self._options.poll_s
        )

    def _photo(self, label_id: str, jpeg: bytes) -> _Photo:
        self._taken_at_ms += BETWEEN_PHOTOS_MS
        return _Photo(str(uuid.uuid4()), label_id, self._taken_at_ms, jpeg)

    async def _send(self, ipad: GroupClient, photo: _Photo) -> None:
        began = time.monotonic()
        try:
            saved = await _sent(ipad, photo)
        except RehearsalError as exc:
            self._not_taken(exc)
            return
        self._keep(photo, began, saved)

    async def _send_at_once_from_two(self, photo: _Photo) -> None:
        """The same id from two iPads in the same moment: one photo, saved once."""
        began = time.monotonic()
        try:
            answers = await asyncio.gather(*(_sent(ipad, photo) for ipad in self._ipads[:2]))
        except RehearsalError as exc:
            self._not_taken(exc)
            return
        self.record.sent_twice += 1
        self._keep(photo, began, answers[0])
        if all(answer.status == "saved" for answer in answers):
            self.fail(f"photo {photo.id}, sent from two iPads at once, was answered `saved` twice")

    async def _send_again(self, photo: _Photo) -> None:
        if photo.id not in {sent.id for sent in self.record.sent}:
            return
        try:
            answer = await _sent(self._ipads[-1], photo)
        except RehearsalError as exc:
            self.fail(f"photo {photo.id} sent again: {exc}")
            return
        self.record.sent_twice += 1
        if answer.status != "already":
            self.fail(f"photo {photo.id} sent again was answered `{answer.status}`, not `already`")

    def _keep(self, photo: _Photo, began: float, saved: SavedPhoto) -> None:
        # `already` at the first sending is right after a retry: the answer was lost, not the photo.
        if saved.status not in {"saved", "already"} or saved.id != photo.id:
            self.fail(f"photo {photo.id} was answered as {saved.id} `{saved.status}`")
        seconds = time.monotonic() - began
        self.record.sent.append(SentPhoto(photo.id, photo.label_id, len(photo.jpeg), seconds))

    def _not_taken(self, exc: RehearsalError) -> None:
        self.record.refused += 1
        what = "refused" if isinstance(exc, RefusedError) else "not sent"
        self.fail(f"a photo was {what}: {exc}")

    def _compare_labels(self, counts: Mapping[str, int]) -> None:
        for label_id in {photo.label_id for photo in self.record.sent}:
            expected = sum(photo.label_id == label_id for photo in self.record.sent)
            if counts.get(label_id, 0) != expected:
                self.fail(f"label {label_id} counts {counts.get(label_id, 0)} photos, {expected} were sent")


def _in_turn(hand: Hand) -> list[tuple[str, bytes]]:
    """One photo of each label in turn, as a group goes from label to label."""
    columns = [[(key, jpeg) for jpeg in jpegs] for key, jpegs in hand.items()]
    return [cell for row in zip_longest(*columns) for cell in row if cell is not None]


def _overlap(run: RunStatus, twin: RunStatus) -> bool:
    """Whether both ran at the same time; a tap that came after the end may start the next run."""
    early, late = sorted((run, twin), key=lambda view: view.requested_at)
    return not early.finished_at or late.requested_at < early.finished_at


async def _sent(ipad: GroupClient, photo: _Photo) -> SavedPhoto:
    return await ipad.send_photo(photo.label_id, photo.jpeg, photo_id=photo.id, taken_at_ms=photo.taken_at_ms)
