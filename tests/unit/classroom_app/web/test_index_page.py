"""The index page: Streamlit's own with our language and words, whole and packed, and only where a page is."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from classroom_app.content import i18n
from classroom_app.web import index_page
from classroom_app.web.index_page import KINDS, IndexPage, rewritten
from classroom_app.web.open_paths import PAGE_POLICY

STREAMLITS = Path(streamlit.__file__).parent / "static" / "index.html"
INDEX = STREAMLITS.read_text(encoding="utf-8")


async def shell(request: Request) -> Response:
    return FileResponse(STREAMLITS)


async def other_html(request: Request) -> Response:
    return HTMLResponse("<html><head></head><body></body></html>")


async def failing(request: Request) -> Response:
    return JSONResponse({"seen": request.headers.get("if-none-match")}, 503)


class Client:
    """Asks an app without a network."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app)

    def __call__(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://class.test") as http:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await http.request(method, path, headers=named)

        return asyncio.run(ask())


@pytest.fixture
def client() -> Client:
    routes = [
        Route("/", shell),
        Route("/join", shell),
        Route("/collect", failing),
        Route("/component/x", other_html),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(IndexPage, default_language="ja")])
    return Client(app)


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_streamlits_page_has_every_part_that_ours_replace(lang: str) -> None:
    page = rewritten(INDEX, lang)
    assert page.count(f'<html lang="{lang}" translate="no">') == page.count("<html") == 1
    assert f"<title>{i18n.t_kanji('app_title', lang)}</title>" in page
    for kind in (*KINDS, "noscript"):
        for one in i18n.LANGUAGES:
            for part in ("", "_do"):
                assert i18n.t_html(f"first_{kind}{part}", one) in page, (kind, one)
    scripts = re.findall(r'<script[^>]+src="[^"]+"', INDEX)
    assert scripts
    for script in scripts:
        assert page.index("watchFirstPage(window, document)") < page.index(script), "it hears them fail"
    assert '<div id="root"></div>' in page
    assert "Streamlit app can" not in page, "Streamlit's own words for those without scripts"


def test_what_it_adds_loads_nothing_and_keeps_to_the_policy() -> None:
    added = rewritten(INDEX, "ja").replace(INDEX, "")
    ours = set(re.findall(r"""(?:src|href)=["']([^"']+)""", added)) - set(
        re.findall(r"""(?:src|href)=["']([^"']+)""", INDEX)
    )
    assert ours == set()
    assert "script-src 'self' 'unsafe-inline'" in PAGE_POLICY["Content-Security-Policy"]
    assert not re.search(r"\bon[a-z]+=", re.sub(r"<script.*?</script>", "", added, flags=re.S))


def test_another_streamlit_is_served_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = b"<!doctype html><p>something else</p>"
    index_page.served.cache_clear()
    page, packed = index_page.served(strange, "ja")
    assert page == gzip.decompress(packed) == strange
    with pytest.raises(ValueError, match="has no"):
        rewritten(strange.decode(), "ja")


@pytest.mark.parametrize(
    ("cookie", "lang"),
    [("", "ja"), ("lang=en", "en"), ("lang=ja", "ja"), ("lang=fr", "ja"), ("=;lang", "ja")],
)
def test_the_cookie_says_the_language(client: Client, cookie: str, lang: str) -> None:
    answer = client("/join", cookie=cookie) if cookie else client("/join")
    assert answer.text == rewritten(INDEX, lang)


def test_packed_or_not_the_page_is_the_same_and_no_cache_keeps_another_languages(client: Client) -> None:
    packed = client("/", accept_encoding="gzip")
    plain = client("/", accept_encoding="identity")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(plain.headers["content-length"]) == len(plain.content)
    for answer in (packed, plain):
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"etag", "last-modified"}.isdisjoint(answer.headers)
        assert "Cookie" in answer.headers["vary"]


def test_a_browser_that_holds_streamlits_page_gets_ours(client: Client) -> None:
    tag = Client(Starlette(routes=[Route("/", shell)]))("/").headers["etag"]
    answer = client("/", if_none_match=tag, range="bytes=0-9")
    assert (answer.status_code, answer.text) == (200, rewritten(INDEX, "ja"))


def test_what_is_no_page_passes_untouched(client: Client) -> None:
    assert client("/component/x").text == "<html><head></head><body></body></html>"
    assert client("/collect").status_code == 503
    assert client("/join", "HEAD").headers["content-length"] == str(len(INDEX.encode()))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_browser_that_is_not_known_gets_a_cookie_and_others_keep_theirs(scheme: str) -> None:
    asked: list[str | None] = []

    def seen(cookie: str | None) -> str | None:
        asked.append(cookie)
        return None if cookie == "mine" else "new"

    middleware = [Middleware(IndexPage, default_language="ja", seen=seen)]
    client = Client(
        Starlette(routes=[Route("/join", shell), Route("/collect", failing)], middleware=middleware)
    )
    url = f"{scheme}://class.test"
    first = client(f"{url}/join").headers.get_list("set-cookie")
    assert first == [f"browser=new; Path=/; HttpOnly; SameSite=lax{'; Secure' * (scheme == 'https')}"]
    assert "set-cookie" not in client(f"{url}/join", cookie="lang=en; browser=mine").headers
    assert "set-cookie" not in client(f"{url}/collect").headers, "no page, no cookie"
    assert asked == [None, "mine", None]
