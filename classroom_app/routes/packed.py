"""Sends Streamlit's scripts and styles compressed: as they are, they are most of what an iPad loads.

Knows nothing of pages. Streamlit leaves compressing to a proxy, and a class on one machine has none.
"""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = "/static/"
SUFFIXES = frozenset({".js", ".css"})
# Their names carry a hash of what is in them.
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Encoding": "gzip",
    "Vary": "Accept-Encoding",
}


class PackedStatic:
    """Packs each file once, when it is first asked for, and keeps it: a few megabytes in all."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder.resolve()
        self._packed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and _wants_packed(scope):
            path: str = scope["path"]
            if path not in self._packed:
                await run_in_threadpool(self._pack, path)
            if (data := self._packed.get(path)) is not None:
                kind = mimetypes.types_map.get(Path(path).suffix, "text/javascript")
                await Response(data, media_type=kind, headers=HEADERS)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _pack(self, path: str) -> None:
        file = (self._folder / path.removeprefix(FOLDER)).resolve()
        if file.is_relative_to(self._folder) and file.is_file():
            self._packed[path] = gzip.compress(file.read_bytes(), compresslevel=9, mtime=0)


def _wants_packed(scope: Scope) -> bool:
    path: str = scope["path"]
    if not path.startswith(FOLDER) or Path(path).suffix not in SUFFIXES:
        return False
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers
