"""Who asks too much waits for its turns; nobody else does."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

from classroom_app.web.pace import Pace
from classroom_app.web.request_pace import PARTIES_KEPT, RequestAllowance, RequestPace

FEW = RequestAllowance(per_second=0.001, at_once=3)  # after three: a quarter of an hour for each


def signed_for(cookies: Mapping[str, str]) -> str | None:
    return cookies.get("group")


def scope(address: str = "10.0.0.1", cookie: str = "") -> dict[str, Any]:
    headers = [(b"cookie", f"group={cookie}".encode())] if cookie else []
    return {"type": "http", "path": "/photos", "headers": headers, "client": (address, 1)}


def has_turn(pace: RequestPace, asked: dict[str, Any]) -> bool:
    async def ask() -> bool:
        turn = asyncio.ensure_future(pace.turn(asked))
        await asyncio.sleep(0)
        turn.cancel()
        return turn.done() and not turn.cancelled()

    return asyncio.run(ask())


def in_memory() -> int:
    """How many parties are remembered, by anybody."""
    gc.collect()
    return sum(type(one) is Pace for one in gc.get_objects())


def test_a_flood_waits_and_others_do_not() -> None:
    pace = RequestPace(signed_for, known=FEW, address=FEW)
    frogs, pandas, stranger = scope(cookie="frogs"), scope(cookie="pandas"), scope()
    assert [has_turn(pace, frogs) for _ in range(5)] == [True] * 3 + [False] * 2
    assert has_turn(pace, pandas)  # the same address
    assert [has_turn(pace, stranger) for _ in range(5)] == [True] * 3 + [False] * 2
    assert has_turn(pace, scope(address="10.0.0.2"))
    assert has_turn(pace, pandas)


def test_many_parties_do_not_fill_the_memory_and_a_flood_is_not_forgotten_for_them() -> None:
    pace = RequestPace(signed_for, known=FEW, address=RequestAllowance(per_second=1e9, at_once=3))
    frogs = scope(cookie="frogs")
    before = in_memory()
    assert [has_turn(pace, frogs) for _ in range(4)] == [True] * 3 + [False]
    for number in range(2 * PARTIES_KEPT):
        assert has_turn(pace, scope(address=f"10.0.{number // 250}.{number % 250}"))
    assert 0 < in_memory() - before <= PARTIES_KEPT + 1
    assert not has_turn(pace, frogs)
