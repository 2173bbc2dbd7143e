"""docs/http-api.md is made from the routes and names all that they read and answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classroom_app.resources import App
from classroom_app.settings import Settings
from classroom_app.web.asgi import own_routes
from classroom_app.web.routes import common
from classroom_app.web.routes.make_docs import document

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/http-api.md"
MODULES = [
    ROOT / f"classroom_app/web/routes/{name}.py"
    for name in (
        "access",
        "challenge",
        "contest",
        "deletions",
        "facilitator",
        "group",
        "guesses",
        "photos",
        "show",
    )
]
NAME = re.compile(r"[a-z_]+(-[a-z]+)*")


def test_the_page_is_fresh_and_has_every_route() -> None:
    routes = own_routes(Settings.model_construct())
    assert document(routes) == PAGE.read_text(encoding="utf-8"), "run make http-docs"
    own = [route for route in routes if isinstance(route, common.OwnRoute)]
    assert len(own) > 20, "the routes were found"
    assert {type(route) for route in routes if isinstance(route, Route)} == {Route, common.OwnRoute}
    for route in own:
        assert f"### `{route.method} {route.path}`\n" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_field_that_a_route_reads_or_answers_is_named(path: Path) -> None:
    said = PAGE.read_text(encoding="utf-8").lower()
    fields = set(_fields(ast.parse(path.read_text(encoding="utf-8"))))
    assert len(fields) > 3, "the fields were found"
    assert [name for name in sorted(fields) if f"`{name}`" not in said] == []


def _fields(module: ast.Module) -> Iterator[str]:
    """Keys of what is answered, and names that are asked of a body, the query or the headers."""
    for node in ast.walk(module):
        strings: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            strings += node.keys
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"get", "text_of"}:
            strings += node.args[:2]
        for part in strings:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and NAME.fullmatch(part.value):
                yield part.value


def test_a_refusal_that_nothing_raises_is_no_page() -> None:
    def handler(_request: Request, _app: App, _body: bytes) -> Response:
        """A route.

        Refuses `error_not_found`, `no_such_refusal`.
        """
        raise NotImplementedError

    with pytest.raises(ValueError, match="nothing raises no_such_refusal"):
        document([common.route("/nowhere", handler)])


def test_a_handler_without_a_word_is_no_page() -> None:
    def handler(_request: Request, _app: App, _body: bytes) -> Response:
        raise NotImplementedError

    with pytest.raises(ValueError, match="no docstring"):
        document([common.route("/nowhere", handler)])


def test_only_known_callers_may_send_large_bodies() -> None:
    def handler(_request: Request, _app: App, _body: bytes) -> Response:
        raise NotImplementedError

    with pytest.raises(ValueError, match="who may send"):
        common.route("/nowhere", handler, method="POST", body_max=common.JSON_BYTES_MAX + 1)
