"""HTTP as one browser does it: its own cookies, an iPad's patience, and a count of what it had to repeat.

Reads of an answer only whether it counts, or is worth another try.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from classroom_app.network import LOOPBACK_HOSTS
from classroom_app.rehearsal.problems import RefusedError, UnreachableError

WAITING_STATUSES = frozenset({408, 425, 429})
UNTOUCHED_STATUSES = frozenset({429, 503})  # the request was turned away before anything was done
BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
SERVER_ERROR = 500
MAX_MESSAGE_CHARS = 300


@dataclass(frozen=True)
class Patience:
    """How long to go on: waits double from `first_wait_s` to `longest_wait_s`, with some chance in them."""

    tries: int = 10
    first_wait_s: float = 0.5
    longest_wait_s: float = 15.0
    timeout_s: float = 60.0

    def wait_s(self, failed: int, asked_for_s: float) -> float:
        backoff = min(self.longest_wait_s, self.first_wait_s * 2.0 ** (failed - 1))
        spread = backoff * random.uniform(0.75, 1.25)  # keeps iPads from marching in step
        return max(spread, asked_for_s)


@dataclass
class Tally:
    """What all browsers of a rehearsal saw together; one, shared between them."""

    requests: int = 0
    retries: int = 0
    network_errors: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


class PatientHttp:
    """One browser: sends requests until there is an answer that counts, or its patience ends."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tally: Tally | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._tally = tally or Tally()
        self._patience = patience or Patience()
        self._sleep = sleep

    async def aclose(self) -> None:
        await self._client.aclose()

    async def once(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One try, whatever the answer: for those who look at answers as such."""
        headers = {**(headers or {}), **_own_header(method)}
        return await self._client.request(method, path, headers=headers, content=content)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool = True,
        timeout_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """The first answer below 400. `repeatable`: doing it twice is the same as doing it once."""
        request = self._client.build_request(
            method,
            path,
            headers={**(headers or {}), **_own_header(method)},
            params=params,
            json=data,
            content=content,
            timeout=timeout_s or self._patience.timeout_s,
        )
        trouble = ""
        for failed in range(1, self._patience.tries + 1):
            asked_for_s = 0.0
            self._tally.requests += 1
            try:
                response = await self._client.send(request, follow_redirects=False)
            except httpx.TransportError as exc:
                self._tally.network_errors += 1
                trouble = f"{type(exc).__name__} {exc}".strip()
                if not (repeatable or isinstance(exc, BEFORE_SENDING)):
                    break
            else:
                self._tally.statuses[response.status_code] += 1
                if response.status_code < httpx.codes.BAD_REQUEST:
                    return response
                trouble = f"status {response.status_code}{_said(response)}"
                if not _may_retry(response, repeatable):
                    raise _refusal(response)
                asked_for_s = _retry_after_s(response)
            if failed < self._patience.tries:
                self._tally.retries += 1
                await self._sleep(self._patience.wait_s(failed, asked_for_s))
        raise UnreachableError(f"{route_of(request)}: no usable answer, last: {trouble}")

    def cookies(self) -> Mapping[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._client.cookies.jar}


def connect(
    url: str,
    *,
    verify: ssl.SSLContext | bool = True,
    tally: Tally | None = None,
    patience: Patience | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PatientHttp:
    """A browser for the app at `url`; another `transport` than the network is for tests."""
    client = httpx.AsyncClient(base_url=url, verify=verify, trust_env=uses_proxy(url), transport=transport)
    return PatientHttp(client, tally, patience)


def uses_proxy(url: str) -> bool:
    """Whether the environment's proxy counts: it cannot reach this machine."""
    return httpx.URL(url).host not in LOOPBACK_HOSTS


def _refusal(response: httpx.Response) -> RefusedError:
    """The error of an answer of 400 or more, with the app's own key and sentence where it has them."""
    body = _json_or_none(response)
    if isinstance(body, dict):
        return RefusedError(response.status_code, str(body.get("error", "")), str(body.get("message", "")))
    return RefusedError(response.status_code, response.reason_phrase, response.text[:MAX_MESSAGE_CHARS])


def route_of(request: httpx.Request) -> str:
    """For a message that lands in a log: a token in the path opens a group, and is left out."""
    path = request.url.path
    for door in ("/join/", "/projector/"):
        if path.startswith(door):
            path = f"{door}…"
    return f"{request.method} {path}"


def _own_header(method: str) -> dict[str, str]:
    """What no other site can make a browser send: the app takes no change without it."""
    return {} if method in {"GET", "HEAD"} else {"X-Classroom": "1"}


def _may_retry(response: httpx.Response, repeatable: bool) -> bool:
    status = response.status_code
    if not repeatable:
        return status in UNTOUCHED_STATUSES
    if status in WAITING_STATUSES or status >= SERVER_ERROR:
        return True
    body = _json_or_none(response)
    return status != httpx.codes.UNAUTHORIZED and isinstance(body, dict) and body.get("retry") is True


def _retry_after_s(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:  # the header may be a date; the backoff is good enough then
        return 0.0


def _said(response: httpx.Response) -> str:
    body = _json_or_none(response)
    return f" {body.get('error')}" if isinstance(body, dict) and body.get("error") else ""


def _json_or_none(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return None
