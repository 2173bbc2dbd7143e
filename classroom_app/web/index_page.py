"""Makes Streamlit's index page ours: its language, and words for whoever gets no further than this page.

Every sentence of the pages comes over the websocket. What keeps that from opening has to be said before: a
network that lets none through, scripts that do not load, an old browser or one without cookies, an app that
starts.
"""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Callable
from functools import cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.content import i18n
from classroom_app.ui.page_table import HOME, PAGES
from classroom_app.web.routes.common import BROWSER_COOKIE, LANGUAGE_COOKIE

_FILES: Final = Path(__file__).with_name("index_page_files")
KINDS: Final = {  # what can be wrong, with its picture
    "cookies": "🍪",
    "old": "🦕",
    "server": "🌱",
    "foreign": "🚧",
    "script": "🧩",
    "socket": "🚧",
    "slow": "⏳",
}
_PASSES: Final = frozenset({"server", "slow"})
# What would make the page another one than the file of this release in this viewer's language.
_NOT_ASKED: Final = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})
_NOT_ANSWERED: Final = ("etag", "last-modified", "accept-ranges", "content-length")

_log = structlog.get_logger(__name__)


class IndexPage:
    """Changes the HTML of the pages' addresses on its way out; everything else passes untouched."""

    def __init__(
        self,
        app: ASGIApp,
        default_language: str,
        seen: Callable[[str | None], str | None] = lambda _cookie: None,
    ) -> None:
        """`seen`: a cookie for a browser that has none like it yet, from what it has."""
        self._app = app
        self._default = default_language
        self._seen = seen
        self._pages = {"" if page is HOME else page.name for page in PAGES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = (
            scope["type"] == "http" and scope["method"] == "GET" and scope["path"].strip("/") in self._pages
        )
        if not is_page:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = headers.get("cookie", "")
        chosen = _cookie(cookies, LANGUAGE_COOKIE)
        lang = chosen if chosen in i18n.LANGUAGES else self._default
        new = self._seen(_cookie(cookies, BROWSER_COOKIE))
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        # Gone when the browser is closed: it need know no child's iPad for longer.
        cookie = f"{BROWSER_COOKIE}={new}; Path=/; HttpOnly; SameSite=lax{secure}" if new else ""
        zipped = "gzip" in headers.get("accept-encoding", "")
        plain = {**scope, "headers": [(name, v) for name, v in scope["headers"] if name not in _NOT_ASKED]}
        await self._app(plain, receive, _Rewriting(send, lang, cookie, zipped=zipped))


class _Rewriting:
    """Holds an HTML answer back until it is whole, and sends ours."""

    def __init__(self, send: Send, lang: str, cookie: str, *, zipped: bool) -> None:
        self._send, self._lang, self._cookie, self._zipped = send, lang, cookie, zipped
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._answer(self._start, bytes(self._body))
        else:
            await self._send(message)

    async def _answer(self, start: Message, body: bytes) -> None:
        page, packed = served(body, self._lang)
        data = packed if self._zipped else page
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in _NOT_ANSWERED:
            del headers[name]
        headers["Cache-Control"] = "private, no-cache"
        headers["Vary"] = "Accept-Encoding, Cookie"
        headers["Content-Length"] = str(len(data))
        if self._zipped:
            headers["Content-Encoding"] = "gzip"
        if self._cookie:
            headers.append("Set-Cookie", self._cookie)
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": data})


def _is_html(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == 200 and kind.startswith("text/html")


def _cookie(cookie_header: str, name: str) -> str | None:
    try:
        found = SimpleCookie(cookie_header).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


@cache
def served(index: bytes, lang: str) -> tuple[bytes, bytes]:
    """The page, as it is and packed: once a language, since the file never changes while the app runs."""
    try:
        page = rewritten(index.decode(), lang).encode()
    except ValueError:  # another Streamlit: pages without our words are better than none
        _log.exception("index_page_is_streamlits")
        page = index
    return page, gzip.compress(page, mtime=0)


def rewritten(index: str, lang: str) -> str:
    """Raises ValueError where Streamlit's page has not the parts that ours go in place of."""
    style = f"<style>{_file('first_words.css')}</style>"
    # First of all: it hears which of the scripts after it fail.
    watch = f"<script>\n{_file('first_words.js')}watchFirstPage(window, document);\n</script>"
    title = html.escape(i18n.t_kanji("app_title", lang))
    parts = (
        (r"<html\b[^>]*>", f'<html lang="{lang}" translate="no">'),
        (r"<meta charset=[^>]*>", f'<meta charset="UTF-8">\n{watch}\n{style}'),
        (r"<title>[^<]*</title>", f"<title>{title}</title>"),
        (
            r"<noscript>.*?</noscript>",
            f'<noscript><div id="first-words">{_section("noscript", lang)}</div></noscript>',
        ),
        (r"<body>", f'<body>\n<div id="first-words" role="alert" hidden>{_sections(lang)}</div>'),
    )
    for old, new in parts:
        found = re.search(old, index, flags=re.S)
        if found is None:
            raise ValueError(f"Streamlit's index page has no {old}")
        index = index[: found.start()] + new + index[found.end() :]
    return index


def _sections(lang: str) -> str:
    return "".join(_section(kind, lang, hidden=True) for kind in KINDS)


def _section(kind: str, lang: str, *, hidden: bool = False) -> str:
    """The viewer's language large, and the other one below: nobody may be able to change it now."""
    other = next(one for one in i18n.LANGUAGES if one != lang)
    waits = ' class="waits"' if kind in _PASSES else ""
    return (
        f'<section data-kind="{kind}"{waits}{" hidden" if hidden else ""}>'
        f'<p class="picture" aria-hidden="true">{KINDS.get(kind, "🔌")}</p>{_words(kind, lang)}'
        f'<div class="other" lang="{other}">{_words(kind, other)}</div></section>'
    )


def _words(kind: str, lang: str) -> str:
    what, act = i18n.t_html(f"first_{kind}", lang), i18n.t_html(f"first_{kind}_do", lang)
    adult = html.escape(i18n.t_kanji(f"first_{kind}_adult", lang))
    return f'<p class="what">{what}</p><p class="do">{act}</p><p class="adult" lang="{lang}">{adult}</p>'


@cache
def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")
