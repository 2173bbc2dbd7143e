"""`make bench-photo`: the processor time of one photo on its way in, part by part; nothing is asserted.

One photo after another, so that waiting counts for nothing. Neighbours on the machine slow all parts down:
compare those of one run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import structlog
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.middleware import Middleware

from classroom_app.data import migrate
from classroom_app.data.files import Files
from classroom_app.intake import clean_jpeg, decoder_client, decoder_process, measures
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.resources import App, build, make_blobs, set_app
from classroom_app.settings import Settings
from classroom_app.states import Phase
from classroom_app.views.classes import EventView
from classroom_app.web.asgi import OwnRoutes, own_routes
from classroom_app.web.open_paths import OpenPaths
from classroom_app.web.request_observer import RequestObserver
from tests.e2e.ipads import large
from tests.support.challenge_set import put_in
from tests.support.prepared_class import LABELS, drawn
from tests.support.stand_ins import StandInMl, group_cookie, identity

PHOTOS = 60
ROUNDS = 3
SIDE_PX = 640
AS_DECODER = "--decoder"

Row = tuple[str, float]


def cost(what: str, act: Callable[[Any], object], over: Sequence[Any]) -> Row:
    """Milliseconds of processor for each; the best of some rounds, which neighbours disturbed least."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for one in over:
            act(one)
        rounds.append(1000 * (time.process_time() - began) / len(over))
    return what, min(rounds)


def decoder_parts(photos: Sequence[bytes]) -> list[Row]:
    """In a process with the environment of a decoder: it decides where memory comes from."""

    def job(data: bytes, *, face: bool = False) -> decoder_process.Job:
        return decoder_process.Job(data, SIDE_PX, measure=True, find_face=face)

    images = [decoder_process.decoded(job(data)) for data in photos]
    lumas = [image.convert("L") for image in images]
    smalls = [measures.small(luma) for luma in lumas]
    thumbs = [clean_jpeg.thumbnail(image) for image in images]
    return [
        cost("decoder, all of it", lambda data: decoder_process.clean(job(data, face=True)), photos),
        cost("  without the face finder", lambda data: decoder_process.clean(job(data)), photos),
        cost("  decode", lambda data: decoder_process.decoded(job(data)), photos),
        cost("  luma", lambda image: image.convert("L"), images),
        cost("  luma to 256 px", measures.small, lumas),
        cost("  thumbnail", clean_jpeg.thumbnail, images),
        cost("  JPEG", lambda image: clean_jpeg.encoded(image, clean_jpeg.QUALITY), images),
        cost(
            "  JPEG of the thumbnail",
            lambda image: clean_jpeg.encoded(image, clean_jpeg.THUMB_QUALITY),
            thumbs,
        ),
        cost("  brightness", measures.light, lumas),
        cost("  sharpness", measures.sharpness, smalls),
        cost("  blur", measures.blur, smalls),
        cost("  hash", measures.difference_hash, lumas),
        cost("  tiny picture", measures.tiny, thumbs),
        cost("  face finder", measures.face, thumbs),
    ]


class Decoded(Intake):
    """Hands out what was decoded before, once it is told: what is measured then is all the rest."""

    ready: CleanPhoto | None = None

    def clean(self, data: bytes, **options: Any) -> CleanPhoto:
        return self.ready or super().clean(data, **options)


def web_parts(photos: Sequence[bytes], folder: Path) -> list[Row]:
    intake = Decoded(workers=1)
    ready = intake.clean(photos[0], measure=True)
    rows = [cost("web, to a decoder and back", intake.clean, photos)]
    settings = Settings(data_dir=folder)
    app = build(settings, ml=StandInMl(), intake=intake)
    migrate.upgrade(app.db.engine)
    set_app(app)
    files = Files(make_blobs(settings))
    put = cost("web, two files", lambda n: files.put_photo(f"x/{n}", ready.jpeg, ready.thumb), range(PHOTOS))
    try:
        event = app.classes.create("Bench", 1, template="fruit")
        for number, label in enumerate(event.labels):
            challenge = [(f"{n}.jpg", photos[10 * number + n]) for n in range(4)]
            put_in(app.challenge, event.id, label.id, challenge)
        app.classes.set_phase(event.id, Phase.COLLECT)
        intake.ready = ready
        return [*rows, put, *_of_app(app, event, photos[0])]
    finally:
        set_app(None)
        app.intake.close()
        app.db.close()


def _of_app(app: App, event: EventView, photo: bytes) -> list[Row]:
    group, cookie, label_id = identity(app, event, 0), group_cookie(app, event, 0), event.labels[0].id

    def take(_: object) -> None:
        assert app.photos.take(group, label_id, str(uuid.uuid4()), None, photo).fresh

    async def post(times: int) -> None:
        routes = own_routes(app.settings)
        layers = [
            Middleware(RequestObserver),
            Middleware(OpenPaths, routes=routes),
            Middleware(OwnRoutes, routes=routes),
        ]
        transport = httpx.ASGITransport(Starlette(middleware=layers))
        headers = {"Cookie": f"group={cookie}", "X-Classroom": "1", "Content-Type": "image/jpeg"}
        async with httpx.AsyncClient(transport=transport, base_url="http://class", headers=headers) as http:
            for _ in range(times):
                number = {"X-Photo-Id": str(uuid.uuid4())}
                answer = await http.post(f"/photos?label={label_id}", content=photo, headers=number)
                assert answer.status_code == 201, answer.text

    what, all_of_them = cost("web, the route with its client", lambda n: asyncio.run(post(n)), [PHOTOS])
    return [
        cost("web, who sends it", lambda _: app.access.group(cookie), range(PHOTOS)),
        cost("web, service: files and database", take, range(PHOTOS)),
        (what, all_of_them / PHOTOS),
    ]


def main() -> None:
    photos = [large(drawn(LABELS[number % len(LABELS)].key, "bench", number)) for number in range(PHOTOS)]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if AS_DECODER not in sys.argv:
        environment = {**os.environ, **decoder_client.ENVIRONMENT}
        with tempfile.TemporaryDirectory() as data:
            rows = web_parts(photos, Path(data))
        show(rows)
        again = [sys.executable, "-m", "tests.bench.photo", AS_DECODER]
        subprocess.run(again, env=environment, check=True)
    else:
        show(decoder_parts(photos))


def show(rows: Sequence[Row]) -> None:
    table = Table(title=f"a photo of {SIDE_PX} px, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    table.add_column("part")
    table.add_column("ms of processor", justify="right")
    for what, ms in rows:
        table.add_row(what, f"{ms:.2f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
