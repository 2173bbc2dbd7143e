"""The bench of a tap: what it draws can be learned, and each size has its line."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.bench.taps import LABELS, drawn_set, run_taps
from ml_core.learn.fit import train


def test_drawn_photos_are_a_class_like_any_other() -> None:
    photos = drawn_set(3 * LABELS)
    assert np.bincount([photo.label for photo in photos]).tolist() == [3] * LABELS
    table = train(photos, LABELS).check.confusion
    assert np.trace(table) > 2 * table.sum() / LABELS, "better than chance, so that no part is skipped"


def test_each_size_has_a_line_with_how_it_grew(capsys: pytest.CaptureFixture[str]) -> None:
    run_taps([20, 40])
    first, second = capsys.readouterr().out.splitlines()
    assert "20 photos of 10 labels" in first
    assert "for 2.0 times as many" in second
