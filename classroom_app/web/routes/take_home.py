"""AIs that go home: one group's by its link, all of a class's as a ZIP, and whether that is allowed."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from classroom_app.content import i18n
from classroom_app.errors import BadInputError, ClassroomError, NotAllowedError
from classroom_app.resources import App, get_app
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.views.play import TakeHome
from classroom_app.web.outside_page import nothing_here, outside
from classroom_app.web.routes import common
from classroom_app.web.routes.request_body import parse_json
from ml_core.contract.backbone import exported_file
from ml_core.contract.whole_graph import INPUT, OUTPUT, SIDE, VIEWS, head_of_file, whole_graph

PIECE_BYTES = 1 << 18
# What is downloaded is for a disk: should a browser show it at once, nothing of it runs at our address.
_POLICY = {"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}
README = """\
The AIs of one class, made with photos by groups of children. No photo is in here.

NAME.html   opens in a browser, without a network and without a server: it guesses what a camera or a picture
            shows. Best on a computer.
NAME.onnx   the same AI for ONNX Runtime. It takes views of a picture (256 x 256 pixels, RGB, 8 bits) and says
            the probability of each label. In Python (pip install onnxruntime pillow numpy):

{lines}
            `custom_metadata_map` says the labels, the version, and how a class's server cuts the six views
            that it averages over; the program above looks at the first of them, the whole picture.
"""
# As in README.md.
PYTHON = """\
import json, numpy, onnxruntime, PIL.Image

ai = onnxruntime.InferenceSession("ai.onnx")
photo = PIL.Image.open("photo.jpg").convert("RGB").resize((256, 256), PIL.Image.Resampling.BILINEAR)
[shares] = ai.run(["probabilities"], {"views": numpy.asarray(photo)[None]})
print(dict(zip(json.loads(ai.get_modelmeta().custom_metadata_map["labels"]), shares[0].tolist())))
"""


def take_one(request: Request, app: App, _body: bytes) -> Response:
    """A group's AI as one HTML file, by the link on the group's results page. It needs no cookie, so that
    another device can come; it is good while the class is at its reveal and allows it.

    Answers 200: the file; 403 with a page in both languages for a link that is good no more, and where the
    class is kept to other networks.
    Refuses `error_unavailable`.
    """
    address = request.client.host if request.client else ""
    try:
        taken = app.take_home.by_token(request.path_params["token"], address)
    except NotAllowedError as exc:
        return outside() if exc.key == "venue_outside" else nothing_here(exc.key)
    page = page_file.home_page(taken, common.language(request))
    if page is None:
        return nothing_here("take_home_large")
    headers = _headers(page.name, len(page))
    return StreamingResponse(_sliced(page), media_type="text/html; charset=utf-8", headers=headers)


def take_all(request: Request, app: App, _body: bytes) -> Response:
    """The AIs of all groups of a class, each as HTML and as ONNX, after the reveal of a class that allows it.

    Answers 200: a ZIP.
    Refuses `th_not_now`, `th_no_runtime`, `error_class_not_found`, `error_unavailable`.
    """
    if not page_file.is_possible():
        raise ClassroomError("th_no_runtime")
    every = app.take_home.of_class(request.path_params["id"])
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(get_app().incoming.file())  # not an account's to ask for
        _write_zip(file, every, common.language(request))
        size = file.tell()
        file.seek(0)
        return StreamingResponse(
            _pieces(file, stack.pop_all()), media_type="application/zip", headers=_headers("ai.zip", size)
        )


def allow(request: Request, app: App, body: bytes) -> Response:
    """Whether groups may take their AI home after the reveal. At first they may not.

    Takes JSON: `allowed`, true or false.
    Answers 204.
    Refuses `error_bad_input`, `error_class_not_found`.
    """
    allowed = parse_json(body).get("allowed")
    if not isinstance(allowed, bool):
        raise BadInputError
    app.take_home.allow(request.path_params["id"], allowed)
    return Response(status_code=204)


def _headers(name: str, size: int) -> dict[str, str]:
    return {
        **common.NO_STORE,
        **_POLICY,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
    }


def _sliced(page: page_file.HomePage) -> Iterator[bytes]:
    """In pieces that wait for the reader: of a slow one no whole file lies in a buffer of its own."""
    for piece in page:
        for begins in range(0, len(piece), PIECE_BYTES):
            yield piece[begins : begins + PIECE_BYTES]


def _pieces(file: IO[bytes], stack: contextlib.ExitStack) -> Iterator[bytes]:
    with stack:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _write_zip(file: IO[bytes], every: Sequence[TakeHome], lang: str) -> None:
    """Each page is written piece by piece: what all share is in memory once."""
    backbone, used = exported_file().read(), set[str]()
    indented = "".join(f"    {line}\n" for line in PYTHON.splitlines())
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("README.txt", README.format(lines=indented))
        for taken in every:
            page = page_file.home_page(taken, lang)
            if page is None:  # on another network than the one that goes home
                continue
            name = _unused(page_file.file_name(taken), used)
            with archive.open(f"{name}.html", "w", force_zip64=True) as entry:
                for piece in page:
                    entry.write(piece)
            graph = whole_graph(backbone, head_of_file(taken.model), onnx_about(taken))
            archive.writestr(f"{name}.onnx", graph, zipfile.ZIP_STORED)


def _unused(name: str, used: set[str]) -> str:
    """Two groups may be the same animal."""
    number = 2
    found = name
    while found in used:
        found, number = f"{name}-{number}", number + 1
    used.add(found)
    return found


def onnx_about(taken: TakeHome) -> dict[str, str]:
    """The metadata of the ONNX file; `labels` in the order of its output, by their names."""
    known = {label.id: label for label in taken.labels}
    labels = [known.get(label_id) for label_id in head_of_file(taken.model).labels]
    names = {
        lang: [i18n.kanji(label.name(lang)) if label else "?" for label in labels] for lang in i18n.LANGUAGES
    }
    columns = ("left", "top", "width", "height", "mirrored", "turned")
    cut = {
        "input": INPUT,
        "output": f"{OUTPUT}, of the mean over the views",
        "shape": ["n", SIDE, SIDE, 3],
        "type": "uint8, RGB",
        "filter": "triangle, as wide as the scale",
        "views": [dict(zip(columns, view, strict=True)) for view in VIEWS],
    }
    return {
        "labels": json.dumps(names["en"], ensure_ascii=False),
        "labels_ja": json.dumps(names["ja"], ensure_ascii=False),
        "group": i18n.kanji(taken.name("en")),
        "version": str(taken.version),
        "photos": str(taken.photos),
        "preprocessing": json.dumps(cut),
    }


def routes() -> list[Route]:
    return [
        common.route("/take-home/{token}", take_one),
        common.route("/api/events/{id}/take-home.zip", take_all, allow=common.require_facilitator),
        common.route("/api/events/{id}/take-home", allow, method="POST", allow=common.require_facilitator),
    ]
