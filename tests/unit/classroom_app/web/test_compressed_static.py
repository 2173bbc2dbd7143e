"""Scripts of Streamlit go out compressed, once packed, and nothing else of the disk goes out at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from classroom_app.web.asgi import STREAMLIT_STATIC
from classroom_app.web.compressed_static import PackedStatic

SCRIPT = "const answer = 42;\n" * 200


@pytest.fixture
def app(tmp_path: Path) -> PackedStatic:
    folder = tmp_path / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "a.1234.js").write_text(SCRIPT)
    (tmp_path / "secret.js").write_text("secret")
    return PackedStatic(PlainTextResponse("passed on"), folder)


def get(app: PackedStatic, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://class.test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_script_is_packed_once_and_may_be_kept(app: PackedStatic, tmp_path: Path) -> None:
    first = get(app, "/static/js/a.1234.js")
    (tmp_path / "static" / "js" / "a.1234.js").unlink()
    for answer in (first, get(app, "/static/js/a.1234.js")):
        assert answer.text == SCRIPT
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(SCRIPT) // 10
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/none.js",
        "/static/../secret.js",
        "/static/%2e%2e/secret.js",
        "/static/media/font.woff2",
        "/join",
    ],
)
def test_everything_else_is_passed_on(app: PackedStatic, path: str) -> None:
    assert get(app, path).text == "passed on"


def test_browsers_that_do_not_unpack_or_want_a_part_are_passed_on(app: PackedStatic) -> None:
    assert get(app, "/static/js/a.1234.js", **{"accept-encoding": "identity"}).text == "passed on"
    assert get(app, "/static/js/a.1234.js", range="bytes=0-10").text == "passed on"


def test_streamlit_keeps_its_scripts_where_we_look() -> None:
    assert list((STREAMLIT_STATIC / "js").glob("index.*.js"))
