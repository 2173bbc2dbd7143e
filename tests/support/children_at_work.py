"""A group that sends photos and trains, whatever happens to the app meanwhile."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from classroom_app.rehearsal.answers import CreatedClass
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from tests.support.ledger import Ledger
from tests.support.stand_ins import COLORS, jpeg

RUN_LIMIT_S = 240.0


async def collect_and_train(
    ipad: GroupClient,
    label_ids: Mapping[str, str],
    first: int,
    per_label: int,
    ledger: Ledger,
    clock_off_s: float = 0.0,
) -> None:
    """An iPad sends each photo until it hears that it is saved, and asks until its run has ended.

    `clock_off_s`: how much its clock is ahead.
    """
    for number in range(first, first + per_label):
        for key, label_id in label_ids.items():
            photo_id = str(uuid.uuid4())
            taken = int(1000 * (time.time() + clock_off_s))
            await ipad.send_photo(label_id, jpeg(COLORS[key], number), photo_id=photo_id, taken_at_ms=taken)
            ledger.photos.add(photo_id)
    run = await ipad.start_run()
    ledger.runs.add(run.id)
    ended = await ipad.wait_for_run(run.id, limit_s=RUN_LIMIT_S)
    assert ended.state == "done", ended


async def collect_and_be_reset(
    ipad: GroupClient, adult: FacilitatorClient, made: CreatedClass, group: int, first: int, per_label: int
) -> None:
    """A group that a facilitator resets in the middle of its training: nothing of it is to stay."""
    for number in range(first, first + per_label):
        for key, label_id in made.label_ids.items():
            await ipad.send_photo(label_id, jpeg(COLORS[key], number))
    await ipad.start_run()
    body = {"scope": "group_reset", "group_id": made.groups[group].id, "now": True}
    answer = await adult.http.ask("POST", f"/api/events/{made.id}/deletions", data=body)
    receipt = answer.json()
    assert receipt["clean"], receipt
