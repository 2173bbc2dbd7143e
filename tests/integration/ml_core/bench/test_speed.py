"""The benchmark on a real server, in the small: each figure is there, in its unit, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml_core.bench import speed
from ml_core.config import DEFAULT_BACKBONE


def test_every_figure_is_measured_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, small in (("PHOTOS_PER_LABEL", 6), ("GROUPS", 2), ("FRAMES", 3), ("BARE_TIMES", 1)):
        monkeypatch.setattr(speed, name, small)
    monkeypatch.setattr(speed, "has_torch", lambda: False)  # the peer's figure takes seconds
    out = tmp_path / "speed.json"
    found = speed.run_speed(DEFAULT_BACKBONE, "cpu", out)
    written = json.loads(out.read_text())
    assert written["photos_per_second"] == found.photos_per_second > 0
    assert 0 < found.share_of_bare < 2
    assert found.frame_p95_full_queue_ms > 0
    assert found.frame_p50_ms <= found.frame_p95_ms
    assert found.groups_per_minute > 0
    assert (found.device, found.card_memory_mb) == ("CPU", None)
    assert f"{found.share_of_bare:.2f} of the bare backbone's speed" in capsys.readouterr().out


def test_an_error_beside_what_is_measured_is_not_lost() -> None:
    def breaks() -> None:
        raise RuntimeError("the queue broke")

    with pytest.raises(RuntimeError, match="the queue broke"):
        speed.beside(breaks, lambda: [0.1])
