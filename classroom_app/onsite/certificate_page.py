"""The page from which an iPad installs the class's CA: a tiny app for plain HTTP that serves nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_app.onsite import private_ca

FOLDER = Path(__file__).with_name("certificate_page_files")
LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}  # each in itself, so that its readers find it
FINGERPRINT_BYTES_PER_LINE = 8

# What is dropped from a text for the window's title: readings with their tags, then the other tags.
_TAGS = re.compile(r"<rt>.*?</rt>|<[^>]*>")

# Keys of the texts that `ca_app` is given, per language, as HTML (with <ruby> in Japanese).
TEXT_KEYS = (
    "ca_title",
    "ca_lead",
    "ca_waiting",
    "ca_ready",
    "ca_step1_title",
    "ca_step1_body",
    "ca_step1_button",
    "ca_step2_title",
    "ca_step2_body",
    "ca_step3_title",
    "ca_step3_body",
    "ca_step4_title",
    "ca_step4_body",
    "ca_step4_button",
    "ca_remove_title",
    "ca_remove_body",
    "ca_fingerprint_title",
    "ca_fingerprint_body",
    "ca_others_title",
    "ca_others_android",
    "ca_others_mac",
    "ca_others_windows",
    "ca_others_button",
    "ca_ui_settings",
    "ca_ui_downloaded",
    "ca_ui_install",
    "ca_ui_general",
    "ca_ui_about",
    "ca_ui_trust",
    "ca_ui_profiles",
    "ca_ui_remove",
)


def ca_app(ca_pem_path: Path, class_url: str, strings: Mapping[str, Mapping[str, str]]) -> Starlette:
    """The app. `strings[lang][key]` is HTML of our own for every key of TEXT_KEYS; the first language is the
    default. The CA is read once: a new one comes with a new start.
    """
    certificate = x509.load_pem_x509_certificate(ca_pem_path.read_bytes())
    name = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    profile = private_ca.mobileconfig(certificate.public_bytes(Encoding.DER), name)
    pages = {
        lang: _page(lang, texts, certificate, name, class_url, tuple(strings))
        for lang, texts in strings.items()
    }

    async def index(request: Request) -> Response:
        return HTMLResponse(pages[_language(request, tuple(pages))])

    async def apple_profile(_: Request) -> Response:
        # No Content-Disposition: Safari would put the file aside instead of offering to install it.
        return Response(profile, media_type="application/x-apple-aspen-config")

    async def plain_certificate(_: Request) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="classroom-ca.crt"'}
        pem = certificate.public_bytes(Encoding.PEM)
        return Response(pem, media_type="application/x-x509-ca-cert", headers=headers)

    routes = [
        Route("/", index),
        Route("/classroom-ca.mobileconfig", apple_profile),
        Route("/classroom-ca.crt", plain_certificate),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(_SecurityHeaders, origin=_origin(class_url))])
    app.router.redirect_slashes = False  # what is not one of the three is not there
    return app


class _SecurityHeaders:
    """Adds the same strict headers to every answer, errors included."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        policy = (
            "default-src 'none'",
            f"style-src {source_hash('page.css')}",
            f"script-src {source_hash('page.js')}",
            f"connect-src {origin}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
        self.headers = {
            "Content-Security-Policy": "; ".join(policy),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _page(
    lang: str,
    texts: Mapping[str, str],
    certificate: x509.Certificate,
    name: str,
    class_url: str,
    languages: tuple[str, ...],
) -> str:
    other = next((item for item in languages if item != lang), lang)
    values = {key: texts[key] for key in TEXT_KEYS} | {
        "lang": lang,
        "other_lang": other,
        "other_name": LANGUAGE_NAMES.get(other, other),
        "plain_title": _TAGS.sub("", texts["ca_title"]),
        "probe": html.escape(f"{_origin(class_url)}/healthz"),
        "class_url": html.escape(class_url),
        "ca_name": html.escape(name),
        "fingerprint": _lines(private_ca.fingerprint(certificate)),
        "css": _read("page.css"),
        "js": _read("page.js"),
    }
    return Template(_read("page.html")).substitute(values)


def _language(request: Request, languages: tuple[str, ...]) -> str:
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")[:2].lower()
    return asked if asked in languages else languages[0]


def _origin(url: str) -> str:
    """Scheme, host and port of an address; refuses what is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(char in url for char in "'\";, \n"):
        raise ValueError(f"not a web address: {url}")
    return f"{parts.scheme}://{parts.netloc}"


def _lines(fingerprint: str) -> str:
    """32 pairs in rows of eight: a screen of an iPad and a terminal can be compared row by row."""
    pairs = fingerprint.split(":")
    rows = (
        pairs[start : start + FINGERPRINT_BYTES_PER_LINE]
        for start in range(0, len(pairs), FINGERPRINT_BYTES_PER_LINE)
    )
    return "\n".join(":".join(row) for row in rows)


def _read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def source_hash(name: str) -> str:
    """What lets this inline script or style run, and no other."""
    digest = hashlib.sha256(_read(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
