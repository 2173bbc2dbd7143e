"""Sends Streamlit's scripts and styles compressed: as they are, they are most of what an iPad loads.

Streamlit leaves compressing to a proxy, and a class on one machine has none.
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
        # The files that there are, by their one address each: no other spelling is ever packed.
        self._files = {
            f"{FOLDER}{file.relative_to(folder).as_posix()}": file
            for file in folder.rglob("*")
            if file.suffix in SUFFIXES
        }
        self._packed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._files:
            path: str = scope["path"]
            if _takes_gzip(scope):
                data = self._packed.get(path) or await run_in_threadpool(self._pack, path)
                kind = mimetypes.types_map.get(Path(path).suffix, "text/javascript")
                await Response(data, media_type=kind, headers=HEADERS)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _pack(self, path: str) -> bytes:
        data = gzip.compress(self._files[path].read_bytes(), compresslevel=6, mtime=0)
        self._packed[path] = data
        return data


def _takes_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers
