"""Every page of the children in every state, looked through by `page_checks`."""

from __future__ import annotations

import pytest

from tests.e2e import page_views
from tests.e2e.page_checks import problems_of
from tests.e2e.page_views import PageView, PageVisitor

pytestmark = pytest.mark.slow
VIEWS = [view for view in page_views.ALL if view.who == "child"]


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
def test_a_page_is_fit_for_everybody(view: PageView, visitor: PageVisitor) -> None:
    page = visitor.open(view)
    try:
        assert problems_of(view, page) == []
    finally:
        visitor.leave(view, page)
