"""Streams: each camera its own, the oldest leave first, nothing stays when nobody asks."""

from __future__ import annotations

from classroom_app.services.streams import Streams


def test_each_camera_has_its_own_scene() -> None:
    streams = Streams()
    streams.keep(("penguin", "a"), b"one")
    streams.keep(("penguin", "b"), b"two")
    assert streams.scene(("penguin", "a")) == b"one"
    assert streams.scene(("penguin", "b")) == b"two"
    assert streams.scene(("panda", "a")) == b""


def test_the_longest_unseen_leaves_when_there_are_too_many() -> None:
    streams = Streams(most=2)
    for name in ("a", "b", "a", "c"):
        streams.keep((name,), name.encode())
    assert [streams.scene((name,)) for name in "abc"] == [b"a", b"", b"c"]


def test_nothing_stays_of_a_camera_that_is_away() -> None:
    streams = Streams(idle_s_max=-1)
    streams.keep(("a",), b"a")
    assert streams.scene(("a",)) == b""
    assert len(streams) == 0
