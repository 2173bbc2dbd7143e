"""The page of the private CA: it serves three things over plain HTTP, strictly, and never a key."""

import asyncio
import html
import plistlib
import re
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette

from classroom_app.onsite import certificate_page, private_ca

CLASS_URL = "https://192.0.2.10:8501/join?a=1&b=2"


class Client:
    """A blocking client of an app in this process. Starlette's own test client wants another httpx."""

    def __init__(self, app: Starlette) -> None:
        self.transport = httpx.ASGITransport(app)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._send("GET", path, headers or {}, b""))

    def post(self, path: str, content: bytes) -> httpx.Response:
        return asyncio.run(self._send("POST", path, {}, content))

    async def _send(self, method: str, path: str, headers: dict[str, str], content: bytes) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.transport, base_url="http://192.0.2.10:8500") as client:
            return await client.request(method, path, headers=headers, content=content)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> private_ca.ServerCertificate:
    return private_ca.ensure_server_certificate(tmp_path_factory.mktemp("tls"), ["192.0.2.10"])


@pytest.fixture(scope="module")
def client(tls: private_ca.ServerCertificate) -> Client:
    return Client(certificate_page.ca_app(tls.ca_path, CLASS_URL, texts()))


def texts() -> dict[str, dict[str, str]]:
    japanese = {key: f"<ruby>{key}<rt>よみ</rt></ruby>" for key in certificate_page.TEXT_KEYS}
    return {"ja": japanese, "en": {key: f"{key} in English" for key in certificate_page.TEXT_KEYS}}


def authority(tls: private_ca.ServerCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(tls.ca_path.read_bytes())


def test_the_page_shows_every_text_and_where_to_go(client: Client, tls: private_ca.ServerCertificate) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for key in certificate_page.TEXT_KEYS:
        assert f"<ruby>{key}<rt>" in answer.text
    assert "<title>ca_title</title>" in answer.text
    for link in ("/classroom-ca.mobileconfig", "/classroom-ca.crt", html.escape(CLASS_URL)):
        assert f'href="{link}"' in answer.text
    assert 'data-probe="https://192.0.2.10:8501/healthz"' in answer.text
    assert tls.ca_fingerprint in answer.text.replace("\n", ":")
    assert "$" not in answer.text


@pytest.mark.parametrize(
    ("query", "header", "lang"),
    [
        ("", "ja-JP,ja;q=0.9", "ja"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr", "ja"),
        ("?lang=en", "ja", "en"),
        ("?lang=ja", "en", "ja"),
        ("?lang=<b>", "ja", "ja"),
    ],
)
def test_the_language_is_that_of_the_reader(client: Client, query: str, header: str, lang: str) -> None:
    page = client.get(f"/{query}", headers={"accept-language": header}).text
    assert f'<html lang="{lang}"' in page
    assert f'href="/?lang={"en" if lang == "ja" else "ja"}"' in page
    assert "<b>" not in page


def test_the_profile_is_for_this_ca(client: Client, tls: private_ca.ServerCertificate) -> None:
    answer = client.get("/classroom-ca.mobileconfig")
    assert answer.headers["content-type"] == "application/x-apple-aspen-config"
    assert "content-disposition" not in answer.headers
    (payload,) = plistlib.loads(answer.content)["PayloadContent"]
    assert payload["PayloadContent"] == authority(tls).public_bytes(Encoding.DER)
    assert payload["PayloadDisplayName"].startswith("Classroom AI ")


def test_the_certificate_is_that_of_the_ca(client: Client, tls: private_ca.ServerCertificate) -> None:
    answer = client.get("/classroom-ca.crt")
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_pem_x509_certificate(answer.content) == authority(tls)


@pytest.mark.parametrize(
    "path",
    [
        "/join",
        "/healthz",
        "/ca.key",
        "/ca.pem",
        "/../ca.key",
        "/%2e%2e/ca.key",
        "/assets/ca_page/page.html",
        "/index.html",
        "/classroom-ca.crt/",
    ],
)
def test_there_is_nothing_else(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_can_be_sent(client: Client) -> None:
    for path in ("/", "/classroom-ca.mobileconfig", "/classroom-ca.crt"):
        assert client.post(path, content=b"x").status_code == 405


def test_no_answer_holds_a_key(client: Client) -> None:
    for path in ("/", "/classroom-ca.mobileconfig", "/classroom-ca.crt"):
        assert b"PRIVATE KEY" not in client.get(path).content


@pytest.mark.parametrize("path", ["/", "/classroom-ca.mobileconfig", "/classroom-ca.crt", "/nothing"])
def test_every_answer_is_strict_and_not_kept(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src https://192.0.2.10:8501;" in policy
    assert "unsafe" not in policy


def test_the_policy_allows_just_the_style_and_script_of_the_page(client: Client) -> None:
    answer = client.get("/")
    for tag, name in (("style", "page.css"), ("script", "page.js")):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        assert found is not None
        assert found[1] == (certificate_page.FOLDER / name).read_text("utf-8")
        assert certificate_page.source_hash(name) in answer.headers["content-security-policy"]
    assert "style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)


def test_a_missing_text_is_found_at_the_start(tls: private_ca.ServerCertificate) -> None:
    incomplete = texts()
    del incomplete["en"]["ca_lead"]
    with pytest.raises(KeyError):
        certificate_page.ca_app(tls.ca_path, CLASS_URL, incomplete)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", "https://a; script-src *", "ftp://a/b"])
def test_only_a_web_address_is_linked(tls: private_ca.ServerCertificate, url: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        certificate_page.ca_app(tls.ca_path, url, texts())


def test_the_page_needs_nothing_from_outside() -> None:
    for file in Path(certificate_page.FOLDER).iterdir():
        assert "//cdn" not in file.read_text("utf-8")
        assert "http://" not in file.read_text("utf-8")
        assert "@import" not in file.read_text("utf-8")
