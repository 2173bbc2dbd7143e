"""The room that deletions have on a full disk: kept while there is room, given away when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_app.data import reserve
from classroom_app.data.reserve import RESERVE_BYTES, Reserve
from ml_core.contract.blobs import FREE_BYTES_MIN


class Disk:
    free = 10 * FREE_BYTES_MIN


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr(reserve, "free_bytes", lambda _folder: made.free)
    return made


def test_a_deletion_on_a_full_disk_gets_its_room_and_it_is_kept_again_afterwards(
    tmp_path: Path, disk: Disk
) -> None:
    kept = Reserve(tmp_path / "reserve")
    kept.keep()
    assert (tmp_path / "reserve").stat().st_size == RESERVE_BYTES
    with kept.given_away():
        assert (tmp_path / "reserve").exists(), "there is room for it and for the deletion"
    disk.free = 0
    with kept.given_away():
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == [], "there is still none"
    disk.free = FREE_BYTES_MIN + RESERVE_BYTES
    with kept.given_away():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["reserve"]


def test_where_room_is_short_none_is_taken(tmp_path: Path, disk: Disk) -> None:
    disk.free = FREE_BYTES_MIN + RESERVE_BYTES - 1  # photos would have none behind it
    Reserve(tmp_path / "reserve").keep()
    assert list(tmp_path.iterdir()) == []


def test_what_lies_on_no_disk_of_ours_needs_none(disk: Disk) -> None:
    disk.free = 0
    kept = Reserve(None)
    kept.keep()
    with kept.given_away():
        pass


def test_a_disk_that_fills_up_meanwhile_is_left_as_it_is(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_bytes: int) -> bytes:
        raise OSError("no space left on the device")

    monkeypatch.setattr("os.urandom", full)
    Reserve(tmp_path / "reserve").keep()
    assert list(tmp_path.iterdir()) == []


def test_a_deletion_gets_its_room_before_none_is_left_and_with_it_what_a_killed_process_began(
    tmp_path: Path, disk: Disk
) -> None:
    kept = Reserve(tmp_path / "reserve")
    kept.keep()
    (tmp_path / "reserve.new").write_bytes(b"half")
    disk.free = FREE_BYTES_MIN - 1
    with kept.given_away():
        assert list(tmp_path.iterdir()) == []
