"""Streams: each camera its own, the oldest leave first, nothing stays of a reset or when nobody asks."""

from __future__ import annotations

from classroom_app.services.streams import StreamKey, Streams


def key(camera: str, group: str = "penguin") -> StreamKey:
    return StreamKey(group, 1, "model", camera)


def keep(streams: Streams, at: StreamKey, scene: bytes) -> None:
    streams.keep(at, scene, streams.scene(at)[1])


def test_each_camera_has_its_own_scene() -> None:
    streams = Streams()
    keep(streams, key("a"), b"one")
    keep(streams, key("b"), b"two")
    assert streams.scene(key("a"))[0] == b"one"
    assert streams.scene(key("b"))[0] == b"two"
    assert streams.scene(key("a", "panda"))[0] == b""


def test_the_longest_unseen_leaves_when_there_are_too_many() -> None:
    streams = Streams(most=2)
    for name in ("a", "b", "a", "c"):
        keep(streams, key(name), name.encode())
    assert [streams.scene(key(name))[0] for name in "abc"] == [b"a", b"", b"c"]


def test_nothing_stays_of_a_camera_that_is_away() -> None:
    streams = Streams(idle_s_max=-1)
    keep(streams, key("a"), b"a")
    assert streams.scene(key("a"))[0] == b""
    assert len(streams) == 0


def test_the_sweep_takes_it_when_no_other_camera_asks() -> None:
    streams = Streams(idle_s_max=-1)
    keep(streams, key("a"), b"a")
    assert len(streams) == 1
    streams.sweep()
    assert len(streams) == 0
    streams = Streams()
    keep(streams, key("a"), b"a")
    streams.sweep()
    assert len(streams) == 1, "one that is in use"


def test_a_group_is_forgotten_and_no_other() -> None:
    streams = Streams()
    for at in (key("a"), key("b"), key("a", "panda")):
        keep(streams, at, b"seen")
    streams.forget("penguin")
    assert [streams.scene(key(name))[0] for name in "ab"] == [b"", b""]
    assert streams.scene(key("a", "panda"))[0] == b"seen"


def test_a_frame_that_was_on_its_way_brings_nothing_back() -> None:
    streams = Streams()
    keep(streams, key("a"), b"before")
    _, turn = streams.scene(key("a"))
    streams.forget("penguin")
    streams.keep(key("a"), b"late", turn)
    assert len(streams) == 0


def test_a_camera_may_begin_anew() -> None:
    streams = Streams()
    keep(streams, key("a"), b"seen")
    streams.drop(key("a"))
    streams.drop(key("b"))
    assert streams.scene(key("a"))[0] == b""
