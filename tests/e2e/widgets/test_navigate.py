"""Going to another address in headless Chromium: once, after the POST, and never in a loop."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from classroom_app.ui.widgets.navigate import navigate
from tests.e2e.widgets.support import Ipad, until

pytestmark = pytest.mark.slow


def test_it_posts_once_and_leaves(ipad: Ipad) -> None:
    ipad.page.goto(f"{ipad.harness.url}/?w=navigate")
    expect(ipad.page.get_by_text("ARRIVED group=penguins")).to_be_visible()
    assert ipad.harness.arrived()["tickets"] == ["good"]


def test_a_refusal_reaches_the_page_and_reruns_do_not_post_again(ipad: Ipad) -> None:
    ipad.open("w=navigate&ticket=bad")
    expect(ipad.page.get_by_text("PROBLEM=ticket_unknown")).to_be_visible()
    for _ in range(2):
        ipad.page.get_by_role("button", name="rerun").tap()
        ipad.page.wait_for_timeout(500)
    assert ipad.harness.arrived()["tickets"] == ["bad"]
    expect(ipad.page.get_by_text("PROBLEM=None")).to_be_visible()


def test_an_address_that_leads_back_to_itself_does_not_loop(ipad: Ipad) -> None:
    # Playwright's own looking counts as a touch of the page; here nobody touches it.
    untouched = "Object.defineProperty(navigator, 'userActivation', {value: {hasBeenActive: false}})"
    ipad.page.add_init_script(untouched)
    ipad.open("w=navigate&ticket=bad")
    expect(ipad.page.get_by_text("PROBLEM=ticket_unknown")).to_be_visible()
    ipad.page.reload()
    expect(ipad.page.get_by_text("PROBLEM=ticket_unknown")).to_be_visible()
    ipad.page.reload()
    expect(ipad.page.get_by_text("PROBLEM=loop")).to_be_visible()
    assert ipad.harness.arrived()["tickets"] == ["bad", "bad"]


def test_it_waits_for_a_server_that_is_down_for_a_moment(ipad: Ipad) -> None:
    ipad.harness.set(mode="down")
    ipad.page.goto(f"{ipad.harness.url}/?w=navigate")
    assert until(lambda: len(ipad.harness.arrived()["tickets"]) >= 2, ipad.page)
    ipad.harness.set()
    expect(ipad.page.get_by_text("ARRIVED group=penguins")).to_be_visible(timeout=10_000)


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "/\\example.com", "join"])
def test_only_addresses_of_this_site(url: str) -> None:
    with pytest.raises(ValueError, match="path of this site"):
        navigate(url=url, key="x")
