"""What an iPad loads to guess by itself: runtime, network, and its group's model."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.ui.widgets import device
from classroom_app.views.classes import GroupIdentity
from classroom_app.web.routes import common

# Their addresses carry a hash of what is in them.
_FOR_EVER = "max-age=31536000, immutable"
# A worker and its modules run under the policy of their own answers: they may compile the runtime and ask us.
_WORKER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def runtime_file(request: Request, _app: App, _body: bytes) -> Response:
    """A file of the runtime, or the script of the worker that runs it.

    Takes a `stamp` (of all of them) and a `name` in the path.
    Answers 200: the file, compressed where the browser takes that; it may be kept for ever.
    Refuses `error_not_found`.
    """
    files = _files()
    file = files.runtime.get(request.path_params["name"])
    if file is None or request.path_params["stamp"] != files.stamp:
        raise NotFoundError
    scripts = file.media_type == device.SCRIPT_TYPE
    policy = {"Content-Security-Policy": _WORKER_POLICY} if scripts else {}
    return _sent(request, file, {"Cache-Control": f"public, {_FOR_EVER}", **policy})


def graph(request: Request, _app: App, _body: bytes) -> Response:
    """The exported network (ONNX), by its SHA-256.

    Answers 200: the file, compressed where the browser takes that; it may be kept for ever.
    Refuses `error_not_found`.
    """
    files = _files()
    if request.path_params["sha256"] != files.graph_sha256:
        raise NotFoundError
    return _sent(request, files.graph, {"Cache-Control": f"private, {_FOR_EVER}"})


def model(request: Request, app: App, _body: bytes) -> Response:
    """The group's newest model, by its SHA-256; no browser may keep it.

    Answers 200: its file (safetensors; docs/mathematics.md says what the numbers are).
    Refuses `no_model`, `error_not_found`, `error_group_was_reset`, `error_unavailable`.
    """
    group: GroupIdentity = request.state.allowed
    data = app.play.model_file(group, request.path_params["sha256"])
    return Response(data, media_type="application/octet-stream", headers=common.NO_STORE)


def _files() -> device.DeviceFiles:
    files = device.device_files()
    if files is None:
        raise NotFoundError
    return files


def _sent(request: Request, file: device.DeviceFile, headers: Mapping[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            file.packed(), media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"}
        )
    return Response(file.read(), media_type=file.media_type, headers=headers)


ROUTES = [
    common.route("/on-device/graphs/{sha256}", graph, allow=common.require_group),
    common.route("/on-device/models/{sha256}", model, allow=common.require_group),
    common.route("/on-device/{stamp}/{name}", runtime_file),
]
