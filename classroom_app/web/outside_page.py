"""Plain pages for whoever comes to a door of a class that does not open, in both languages."""

from __future__ import annotations

import html
from functools import cache
from typing import Final

from starlette.responses import HTMLResponse, Response

from classroom_app.content import i18n

_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    # Its own few lines of style, and nothing that runs or loads.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
}


def outside() -> Response:
    """The page for whoever is not at the class."""
    return HTMLResponse(_page("🏫", "venue_outside", "venue_outside_do"), 403, _HEADERS)


def nothing_here(key: str) -> Response:
    """One sentence for whoever opens a link that is good no more."""
    return HTMLResponse(_page("👋", key), 403, _HEADERS)


@cache
def _page(picture: str, title_key: str, text_key: str = "") -> str:
    def says(lang: str) -> str:
        text = f"<p>{i18n.t_html(text_key, lang)}</p>" if text_key else ""
        return f'<section lang="{lang}"><h1>{i18n.t_html(title_key, lang)}</h1>{text}</section>'

    words = "".join(map(says, i18n.LANGUAGES))
    title = html.escape(i18n.t_kanji("app_title", i18n.LANGUAGES[0]))
    style = (
        "body{font-family:sans-serif;background:#fffaf3;color:#2b2420;text-align:center;"
        "padding:12vh 6vw;line-height:1.8}p.picture{font-size:4rem;margin:0}h1{font-size:1.5rem}"
        "section+section{margin-top:3rem;font-size:.9rem}"
    )
    return (
        f'<!doctype html><html lang="{i18n.LANGUAGES[0]}" translate="no"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body>"
        f'<p class="picture" aria-hidden="true">{picture}</p>{words}</body></html>'
    )
