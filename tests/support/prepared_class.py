"""A class in a running app whose groups have come differently far, made over HTTP on drawn photos."""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from classroom_app.rehearsal.answers import ClassLabel, CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.drawn_photos import TEST_GROUNDS, TRAIN_GROUNDS, draw_photo
from classroom_app.rehearsal.group import BETWEEN_PHOTOS_MS
from tests.support.class_over_http import challenge_zip, facilitator_client, group_client, result_of
from tests.support.running import PASSWORD, Running

CLASS_NAME = "AIきょうしつ 5の2"
LABELS = (
    ClassLabel(key="apple", emoji="🍎", name_ja="りんご", name_en="Apple"),
    ClassLabel(key="pencil", emoji="✏️", name_ja="えんぴつ", name_en="Pencil"),
    ClassLabel(key="cup", emoji="☕", name_ja="コップ", name_en="Cup"),
    ClassLabel(key="star", emoji="⭐", name_ja="ほし", name_en="Star"),
)
# How far each group has come; the numbers are places in the class's list of groups.
BETTER, FIRST, READY, SOME, EMPTY, WORKING, FAILED, AWAY = range(8)
FEW = 5  # photos of each label, the fewest that train
PHASES = ("lobby", "collect", "final", "reveal", "closed")
RUN_LIMIT_S = 180


def drawn(label: str, part: str, number: int) -> bytes:
    """A JPEG; the same words draw the same picture."""
    chance = random.Random(f"stage/{part}/{label}/{number}")  # repeatable drawing
    out = io.BytesIO()
    grounds = TEST_GROUNDS if part == "challenge" else TRAIN_GROUNDS
    draw_photo(label, grounds, chance).save(out, "JPEG", quality=85)
    return out.getvalue()


@contextmanager
def prepare_class(
    app: Running, photos: int, password: str = PASSWORD, *, delete: bool = False
) -> Iterator[PreparedClass]:
    """A class in the lobby; `photos`: of each label that a group takes before its first training."""
    with ExitStack() as clients:
        facilitator = clients.enter_context(facilitator_client(app.url, password))
        made = result_of(facilitator.create_class(CLASS_NAME, AWAY + 1, labels=LABELS))
        if delete:
            clients.callback(lambda: result_of(facilitator.delete_class(made.id)))
        challenge = {
            label.key: [drawn(label.key, "challenge", number) for number in range(2 * photos)]
            for label in LABELS
        }
        upload = result_of(facilitator.upload_challenge(made.id, challenge_zip(challenge)))
        assert upload.added == 2 * photos * len(LABELS)
        groups = [clients.enter_context(group_client(app.url, group.join_path)) for group in made.groups]
        yield PreparedClass(app, facilitator, made, groups, photos)


@dataclass
class PreparedClass:
    """`enter` moves it to a phase, and fills it with photos when photos are first allowed."""

    app: Running
    facilitator: FacilitatorClient
    made: CreatedClass
    groups: list[GroupClient]
    photos: int
    phase: str = "lobby"
    filled: bool = False

    def join_url(self, group: int) -> str:
        return self.app.url + self.made.groups[group].join_path

    def enter(self, phase: str) -> None:
        if phase != self.phase:
            self._move(phase)
        if phase == "collect" and not self.filled:
            self.filled = True
            self._fill()

    def _move(self, phase: str) -> None:
        if PHASES.index(phase) > 1 and not self.filled:
            self.enter("collect")
        if phase == "reveal":  # who has not come by then has no place in the show
            self._write(
                "UPDATE groups SET joined_at = coalesce(joined_at, datetime('now')),"
                " seen_at = coalesce(seen_at, datetime('now')) WHERE event_id = :event"
            )
        again = phase == "collect" and self.phase in {"reveal", "closed"}  # a test before was at the end
        result_of(self.facilitator.move_phase(self.made.id, phase, reopen=again))
        self.phase = phase

    def _fill(self) -> None:
        every = [label.key for label in LABELS]
        self.take(BETTER, dict.fromkeys(every, FEW))  # few, so that more photos help
        for group in (FIRST, READY, WORKING, FAILED):
            self.take(group, dict.fromkeys(every, self.photos))
        self.take(SOME, {"apple": self.photos, "cup": 2})
        for number in (0, 3):  # of the challenge: not trained on, and shown to the facilitator
            photo = drawn("cup", "challenge", number)
            result_of(self.groups[WORKING].send_photo(self.made.label_ids["cup"], photo))
        for group in (BETTER, FIRST):
            self.train(group)
        self.take(BETTER, dict.fromkeys(every, 2 * self.photos), start=100)
        self.train(BETTER)
        self._fail(FAILED)

    def take(self, group: int, counts: Mapping[str, int], start: int = 0) -> None:
        """The group's photos, at a child's pace as their times tell it."""
        moment = time.time_ns() // 1_000_000 - sum(counts.values()) * BETWEEN_PHOTOS_MS
        for key, count in counts.items():
            for number in range(start, start + count):
                moment += BETWEEN_PHOTOS_MS
                photo = drawn(key, f"group {group}", number)
                label_id = self.made.label_ids[key]
                result_of(self.groups[group].send_photo(label_id, photo, taken_at_ms=moment))

    def train(self, group: int) -> None:
        run = result_of(self.groups[group].wait_for_run(self.start_run(group), limit_s=RUN_LIMIT_S))
        assert run.state == "done", run

    def start_run(self, group: int) -> str:
        return result_of(self.groups[group].start_run()).id

    def delete_ais(self, group: int) -> None:
        """All of the group's; its photos stay, and it can be undone."""
        body = {"scope": "runs", "group_id": self.made.groups[group].id}
        result_of(self.facilitator.http.ask("POST", f"/api/events/{self.made.id}/deletions", data=body))

    def undo_deletions(self) -> None:
        """All that were begun and can be undone: with a label's photos the AIs go that learnt from them."""
        http = self.facilitator.http
        found = result_of(http.ask("GET", f"/api/events/{self.made.id}/deletions")).json()["pending"]
        for item in found:
            result_of(http.ask("POST", f"/api/deletions/{item['id']}/undo"))

    def move_clock(self, action: str, minutes: float | None = None) -> None:
        result_of(self.facilitator.move_clock(self.made.id, action, minutes))

    def darken(self) -> None:
        self._set_dark(1)

    def lighten(self) -> None:
        self._set_dark(0)

    def _set_dark(self, dark: int) -> None:
        """The facilitator's switch for the class's screens, where the app keeps it."""
        with sqlite3.connect(self.app.data / "classroom.sqlite", timeout=30) as database:
            database.execute(
                "INSERT INTO shows (event_id, step, changed_at, leader, dark)"
                " VALUES (?, 0, datetime('now'), 'facilitator', ?)"
                " ON CONFLICT (event_id) DO UPDATE SET dark = excluded.dark",
                (self.made.id, dark),
            )
        database.close()

    def let_go_home(self, *, allowed: bool) -> None:
        """Whether groups may take their AI home."""
        self._write("UPDATE events SET take_home = :allowed WHERE id = :event", allowed=allowed)

    def lead_show(self, step: int) -> None:
        """The show of the results at this step; beyond the last one it is at its end."""
        self._write(
            "INSERT INTO shows (event_id, step, changed_at, leader, dark)"
            " VALUES (:event, :step, datetime('now'), 'facilitator', 0)"
            " ON CONFLICT (event_id) DO UPDATE SET step = excluded.step, automatic_s = NULL",
            step=step,
        )

    def start_round(self, seconds: int, *, paused: bool = False, counted: str = "best") -> None:
        """A round that ends in so many seconds, or would but for a pause."""
        self._write(
            "UPDATE events SET round_started_at = datetime('now'), counted = :counted,"
            " round_ends_at = datetime('now', :later),"
            " round_paused_at = CASE WHEN :paused THEN datetime('now') END WHERE id = :event",
            later=f"+{seconds} seconds",
            paused=paused,
            counted=counted,
        )

    def tell_groups(self, columns: str) -> None:
        """What a facilitator told all groups, as columns of their rows."""
        self._write(f"UPDATE groups SET {columns} WHERE event_id = :event")

    def worsen_newest(self, by: int) -> None:
        """The newest AI of the group with two gets so many fewer right than it did; back by as much below."""
        self._write(
            "UPDATE run_results SET practice_correct = practice_correct - :by WHERE run_id IN"
            " (SELECT runs.id FROM runs JOIN groups ON groups.id = runs.group_id"
            " WHERE groups.event_id = :event AND runs.version > 1)",
            by=by,
        )

    def renew_cards(self, by: int) -> None:
        """Cards of another version; back by as much, the old ones open the class again."""
        self._write("UPDATE groups SET token_version = token_version + :by WHERE event_id = :event", by=by)

    def end_round(self) -> None:
        """No time box, as before."""
        self._write(
            "UPDATE events SET round_started_at = NULL, round_ends_at = NULL, round_paused_at = NULL,"
            " counted = 'best' WHERE id = :event"
        )

    def start_swap(self) -> None:
        """A swap round in which the first group with an AI has fooled the other's once."""
        self._write("UPDATE events SET swap_turn = 1 WHERE id = :event")
        self._write(
            "INSERT INTO fooled_ais (id, group_id, run_id, label_id, guess_id, at)"
            " SELECT :id, :finder, (SELECT id FROM runs WHERE group_id = :owner AND state = 'done' LIMIT 1),"
            " :label, :guess, datetime('now', '-1 hour')"
            " WHERE NOT EXISTS (SELECT 1 FROM fooled_ais WHERE group_id = :finder)",
            id=str(uuid.uuid4()),
            finder=self.made.groups[FIRST].id,
            owner=self.made.groups[BETTER].id,
            label=self.made.label_ids["cup"],
            guess=self.made.label_ids["star"],
        )

    def end_swap(self) -> None:
        self._write("UPDATE events SET swap_turn = NULL WHERE id = :event")

    def look_around(self) -> None:
        """Looking around first would have changed each score: drawn photos of one set are of one place."""
        current = "(SELECT id FROM finals WHERE event_id = :event AND reopened_at IS NULL)"
        self._write(f"UPDATE finals SET looked_at = datetime('now') WHERE id = {current}")
        self._write(
            "UPDATE final_entries SET looked_correct = CASE WHEN final_correct + 2 <= final_total"
            f" THEN final_correct + 2 ELSE final_correct - 1 END WHERE final_id = {current}"
        )

    def forget_looking_around(self) -> None:
        self._write(
            "UPDATE final_entries SET looked_correct = NULL WHERE final_id IN"
            " (SELECT id FROM finals WHERE event_id = :event)"
        )

    def _write(self, statement: str, **values: object) -> None:
        """Where the app keeps it: faster than the pages of a facilitator."""
        with sqlite3.connect(self.app.data / "classroom.sqlite", timeout=30) as database:
            database.execute(statement, {"event": self.made.id, **values})
        database.close()

    def pause_ml(self) -> None:
        """The compute tier holds its breath: a run that has begun stays where it is."""
        os.kill(self.app.child("ml_core"), signal.SIGSTOP)

    def resume_ml(self) -> None:
        os.kill(self.app.child("ml_core"), signal.SIGCONT)

    def _fail(self, group: int) -> None:
        """A run that went wrong, written where the app would have written it: no tap makes one on demand."""
        path = self.app.data / "classroom.sqlite"
        if not path.exists():  # an app on another machine: then the group has none
            return
        with sqlite3.connect(path, timeout=30) as database:
            database.execute(
                "INSERT INTO runs (id, group_id, epoch, version, state, stage, progress, photos, error_key,"
                " requested_at, started_at, finished_at)"
                " SELECT ?, ?, 1, 1, 'failed', 'fitting', 0.5, '{}', 'run_failed',"
                " requested_at, started_at, finished_at FROM runs LIMIT 1",
                (str(uuid.uuid4()), self.made.groups[group].id),
            )
        database.close()
