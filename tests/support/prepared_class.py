"""A class in a running app whose groups have come differently far, made over HTTP on drawn photos.

Knows nothing of browsers.
"""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from classroom_app.rehearsal.drawn_photos import TEST_GROUNDS, TRAIN_GROUNDS, draw_photo
from tests.support.running import OWN, PASSWORD, Running, wait_for

CLASS_NAME = "AIきょうしつ 5の2"
LABELS = (
    ("apple", "🍎", "りんご", "Apple"),
    ("pencil", "✏️", "えんぴつ", "Pencil"),
    ("cup", "☕", "コップ", "Cup"),
    ("star", "⭐", "ほし", "Star"),
)
# How far each group has come; the numbers are places in the class's list of groups.
BETTER, FIRST, READY, SOME, EMPTY, WORKING, FAILED, AWAY = range(8)
BETWEEN_PHOTOS_MS = 4_000  # a child's pace; photos closer together count as one burst
PHASES = ("lobby", "collect", "final", "reveal", "closed")


def drawn(label: str, part: str, number: int) -> bytes:
    chance = random.Random(f"stage/{part}/{label}/{number}")  # noqa: S311 - repeatable drawing
    out = io.BytesIO()
    grounds = TEST_GROUNDS if part == "challenge" else TRAIN_GROUNDS
    draw_photo(label, grounds, chance).save(out, "JPEG", quality=85)
    return out.getvalue()


@dataclass
class Stage:
    """The class; `enter` moves it to a phase, and fills it with photos when photos are first allowed."""

    app: Running
    teacher: httpx.Client
    event: Mapping[str, Any]
    photos: int
    phase: str = "lobby"
    filled: bool = False
    groups: list[httpx.Client] = field(default_factory=list)

    @classmethod
    def build(cls, app: Running, photos: int, password: str = PASSWORD) -> Stage:
        """`photos`: of each label that a group takes before it trains for the first time."""
        teacher = httpx.Client(base_url=app.url, headers=OWN, timeout=120)
        login = {"username": "facilitator", "password": password}
        assert teacher.post("/session/facilitator", json=login).status_code == 204
        labels = [dict(zip(("key", "emoji", "name_ja", "name_en"), label, strict=True)) for label in LABELS]
        asked = {"name": CLASS_NAME, "groups": AWAY + 1, "labels": labels}
        answer = teacher.post("/api/events", json=asked)
        assert answer.status_code == 201, answer.text
        stage = cls(app, teacher, answer.json(), photos)
        stage._add_challenge()
        for group in stage.event["groups"]:
            client = httpx.Client(base_url=app.url, headers=OWN, timeout=120)
            client.get(group["join_path"])
            stage.groups.append(client)
        return stage

    def close(self, *, delete: bool = False) -> None:
        if delete:
            self.teacher.delete(f"/api/events/{self.event['id']}")
        for client in (self.teacher, *self.groups):
            client.close()

    def join_url(self, group: int) -> str:
        return self.app.url + str(self.event["groups"][group]["join_path"])

    def _add_challenge(self) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for key, *_ in LABELS:
                for number in range(2 * self.photos):
                    archive.writestr(f"{key}/{number}.jpg", drawn(key, "challenge", number))
        added = self.teacher.post(f"/api/events/{self.event['id']}/challenge", content=packed.getvalue())
        assert added.json()["added"] == 2 * self.photos * len(LABELS)

    def enter(self, phase: str) -> None:
        if phase != self.phase:
            self._move(phase)
        if phase == "collect" and not self.filled:
            self.filled = True
            self._fill()

    def _move(self, phase: str) -> None:
        if PHASES.index(phase) > 1 and not self.filled:
            self.enter("collect")
        asked = {"phase": phase}
        answer = self.teacher.post(f"/api/events/{self.event['id']}/phase", json=asked)
        assert answer.status_code == 204, answer.text
        self.phase = phase

    def _fill(self) -> None:
        everything = {key: self.photos for key, *_ in LABELS}
        self.take(BETTER, dict.fromkeys(everything, 5))  # few, so that more photos help
        for group in (FIRST, READY, WORKING, FAILED):
            self.take(group, everything)
        self.take(SOME, {"apple": self.photos, "cup": 2})
        for group in (BETTER, FIRST):
            self.train(group)
        self.take(BETTER, dict.fromkeys(everything, 2 * self.photos), start=100)
        self.train(BETTER)
        self._fail(FAILED)

    def take(self, group: int, counts: Mapping[str, int], start: int = 0) -> None:
        """The group's photos, at a child's pace as their times tell it."""
        ids = {label["key"]: label["id"] for label in self.event["labels"]}
        moment = time.time_ns() // 1_000_000 - sum(counts.values()) * BETWEEN_PHOTOS_MS
        for key, count in counts.items():
            for number in range(start, start + count):
                moment += BETWEEN_PHOTOS_MS
                answer = self.groups[group].post(
                    f"/photos?label={ids[key]}&taken_at={moment}",
                    content=drawn(key, f"group {group}", number),
                    headers={"X-Photo-Id": str(uuid.uuid4())},
                )
                assert answer.status_code == 201, answer.text

    def train(self, group: int) -> None:
        run_id = self.start_run(group)
        client = self.groups[group]
        run = wait_for(
            lambda: (run := client.get(f"/runs/{run_id}").json())["finished_at"] and run,
            180,
            "the run has ended",
        )
        assert run["state"] == "done", run

    def start_run(self, group: int) -> str:
        answer = self.groups[group].post("/runs")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

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
                (str(uuid.uuid4()), self.event["groups"][group]["id"]),
            )
        database.close()
