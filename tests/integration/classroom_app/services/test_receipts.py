"""The receipts as a file: for facilitators alone, readable by a spreadsheet, nothing that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from classroom_app.resources import App, set_app
from classroom_app.services.access import FIRST_FACILITATOR
from classroom_app.states import DeletionScope
from classroom_app.views import DeletionTarget
from tests.integration.classroom_app.web.test_routes import Browser

PATH = "/api/receipts.csv"


@pytest.fixture
def browser(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setattr(app.privacy, "_forget_runs", lambda run_ids: 0)  # no queue is running
    set_app(app)
    yield Browser(app)
    set_app(None)


def test_only_for_facilitators(browser: Browser) -> None:
    assert browser("GET", PATH).status_code == 401


def test_every_receipt_is_in_it(browser: Browser, app: App) -> None:
    app.access.first_start("a-long-password")
    browser.cookies.set("facilitator", app.access.facilitator_cookie(FIRST_FACILITATOR))
    for name in ("5年2組", "=1+1"):
        app.privacy.delete(
            DeletionTarget(DeletionScope.EVENT, app.classes.create(name, 2, template="fruit").id)
        )
    answer = browser("GET", PATH)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {line["subject"] for line in lines} == {"5年2組", "'=1+1"}
    [groups] = [line for line in lines if line["kind"] == "groups" and line["subject"] == "5年2組"]
    assert (groups["scope"], groups["deleted"], groups["left"]) == ("event", "2", "0")
