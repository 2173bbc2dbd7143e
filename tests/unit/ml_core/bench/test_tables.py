"""The bench's figures as tables: a row for each set and place, nothing lost and nothing mixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml_core.bench.tables import read_run, tables
from ml_core.errors import InvalidInputError


def figure(k: int, recipe: str, accuracy: float, backbone: str = "small") -> dict[str, Any]:
    return {"backbone": backbone, "recipe": recipe, "k": k, "accuracy": accuracy, "worst": accuracy - 0.1}


def unknown(rule: str, seen: str, right: float) -> dict[str, Any]:
    return {
        "backbone": "small",
        "rule": rule,
        "seen": seen,
        "k": 20,
        "known_answered": 0.7,
        "right_among_answered": right,
        "far_rejected": 0.9,
        "near_rejected": 0.4,
        "far_area": 0.99,
        "near_area": 0.81,
    }


def looking(recipe: str, way: str, photos: str) -> dict[str, Any]:
    return {
        "backbone": "small",
        "recipe": recipe,
        "way": way,
        "k": 20,
        "photos": photos,
        "plain": 0.5,
        "looked_around": 0.75,
    }


def run(folder: Path, name: str, elsewhere: bool, **parts: list[dict[str, Any]]) -> Path:
    told = {"folder": name, "elsewhere": elsewhere, "figures": [], "unknown": [], "looking": []} | parts
    path = folder / f"{name}-{elsewhere}.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_every_set_and_place_has_a_row(tmp_path: Path) -> None:
    paths = [
        run(tmp_path, "wall", False, figures=[figure(5, "closed-form", 0.8), figure(5, "other", 0.6)]),
        run(tmp_path, "wall", True, figures=[figure(5, "closed-form", 0.7)]),
    ]
    lines = tables([read_run(path) for path in paths]).splitlines()
    assert lines == [
        "Accuracy, mean over the seeds (the worst of them):",
        "",
        "| photos | k | closed-form | other |",
        "| --- | --- | --- | --- |",
        "| wall | 5 | 0.800 (0.700) | 0.600 (0.500) |",
        "| wall, moved | 5 | 0.700 (0.600) |  |",
    ]


def test_several_backbones_have_a_row_each(tmp_path: Path) -> None:
    both = [figure(5, "closed-form", 0.8), figure(5, "closed-form", 0.9, "large")]
    found = tables([read_run(run(tmp_path, "wall", False, figures=both))])
    assert "| wall, small | 5 | 0.800 (0.700) |" in found
    assert "| wall, large | 5 | 0.900 (0.800) |" in found


def test_two_runs_of_a_set_on_two_backbones_have_a_row_each(tmp_path: Path) -> None:
    runs = [
        read_run(run(tmp_path, "wall", False, figures=[figure(5, "closed-form", accuracy, backbone)]))
        for backbone, accuracy in (("small", 0.8), ("large", 0.9))
    ]
    found = tables(runs)
    assert "| wall, small | 5 | 0.800 (0.700) |" in found
    assert "| wall, large | 5 | 0.900 (0.800) |" in found
    with pytest.raises(InvalidInputError) as caught:
        tables([*runs, runs[0]])
    assert caught.value.key == "bad_figures", "the later one would stand in the place of the other"


def test_i_dont_know_is_of_our_rule_and_areas_of_photos_by_themselves(tmp_path: Path) -> None:
    parts = [
        unknown("ours", "photo", float("nan")),
        unknown("ours", "stream", 0.95),
        unknown("energy", "photo", 0.9),
    ]
    found = tables([read_run(run(tmp_path, "wall", False, unknown=parts))])
    assert "| wall | 20 | photo | 0.700 | none | 0.900 | 0.400 |" in found
    assert "| wall | 20 | stream | 0.700 | 0.950 | 0.900 | 0.400 |" in found
    assert "| photos | k | ours | energy |" in found
    assert found.count("0.990, 0.810") == 2


def test_each_way_of_looking_around_has_a_column(tmp_path: Path) -> None:
    parts = [
        looking("closed-form", "solved for the place", "mixed"),
        looking("other", "scores centred", "mixed"),
        looking("other", "scores centred", "one label"),
    ]
    lines = tables([read_run(run(tmp_path, "wall", False, looking=parts))]).splitlines()
    assert lines[2] == "| photos | k |  | closed-form, solved for the place | other, scores centred |"
    assert lines[4:6] == [
        "| wall | 20 | mixed | 0.500 to 0.750 | 0.500 to 0.750 |",
        "| wall | 20 | one label |  | 0.500 to 0.750 |",
    ]


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    few = '"figures": [{"backbone": "b", "k": 5}], "unknown": [], "looking": []'
    early = f'{{"folder": "a", "elsewhere": false, {few}}}'
    for text in ("{", "[]", "{}", '{"folder": 1, "elsewhere": false, "figures": 3}', early):
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        with pytest.raises(InvalidInputError) as caught:
            read_run(tmp_path / "odd.json")
        assert caught.value.key == "bad_figures"
