"""The commands as a person starts them: a folder trained and tested, a server that stops on SIGTERM."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from ml_core.__main__ import app
from ml_core.contract.rpc import ml_core_pb2 as pb
from ml_core.contract.rpc import ml_core_pb2_grpc
from tests.support.drawn_patches import SHAPES, photo


def test_train_prints_accuracy_and_saves(tmp_path: Path) -> None:
    for half, seeds in (("train", range(5)), ("test", range(50, 52))):
        for shape in ("disc", "stripes"):
            folder = tmp_path / half / shape
            folder.mkdir(parents=True)
            for seed in seeds:
                (folder / f"{seed}.jpg").write_bytes(photo(shape, seed))
    (tmp_path / "train" / "disc" / "broken.jpg").write_bytes(b"junk")
    arguments = [
        "train",
        str(tmp_path / "train"),
        "--test",
        str(tmp_path / "test"),
        "--out",
        str(tmp_path / "out"),
    ]
    found = CliRunner().invoke(app, [*arguments, "--views", "2"])
    assert found.exit_code == 0, found.output
    assert "10 photos of 2 labels" in found.output
    assert "test:" in found.output
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    assert meta["labels"] == ["disc", "stripes"]
    assert meta["recipe"] == "closed-form"
    assert meta["space"].startswith("efficientnet_lite0.")


def halves(root: Path, photos: int = 3) -> Path:
    """So many photos per label to train on, two to test on."""
    for half, seeds in (("train", range(photos)), ("test", range(50, 52))):
        for shape in SHAPES:
            folder = root / half / shape
            folder.mkdir(parents=True)
            for seed in seeds:
                (folder / f"{seed}.jpg").write_bytes(photo(shape, seed))
    return root


def bench(root: Path, *more: str, **env: str) -> tuple[Result, dict[str, Any]]:
    """What the command says, and the figures that it writes."""
    out = root / "figures.json"
    arguments = ["bench", "--photos", str(root), "--k", "2", "--seeds", "1", "--json", str(out), *more]
    found = CliRunner().invoke(app, arguments, env={"ML_CORE_BACKBONE": None, **env})
    return found, json.loads(out.read_text()) if out.exists() else {}


@pytest.mark.parametrize("more", [[], ["--elsewhere"]], ids=["as they are", "elsewhere"])
def test_bench_compares_on_equal_splits(tmp_path: Path, tiny_backbone: str, more: list[str]) -> None:
    found, figures = bench(halves(tmp_path), *more, ML_CORE_BACKBONE=tiny_backbone)
    assert found.exit_code == 0, found.output
    assert {"closed-form", "teachable-machine"} <= {figure["recipe"] for figure in figures["figures"]}
    assert all(0 <= figure["accuracy"] <= 1 for figure in figures["figures"])
    assert all(figure["seconds"] > 0 <= figure["seconds_deviation"] for figure in figures["figures"])
    assert figures["unknown"] == [], "no rule was checked with two photos of a label"
    assert figures["elsewhere"] is bool(more)


def test_bench_compares_backbones_and_names_each(tmp_path: Path, tiny_backbone: str) -> None:
    found, figures = bench(halves(tmp_path), "--backbones", f"efficientnet_lite0, {tiny_backbone}")
    assert found.exit_code == 0, found.output
    assert [part["backbone"] for part in figures["backbones"]] == ["efficientnet_lite0", tiny_backbone]
    assert [part["feature_length"] for part in figures["backbones"]] == [1904, 18]
    assert {part["backbone"] for part in figures["figures"]} == {"efficientnet_lite0", tiny_backbone}
    assert f"{tiny_backbone} k=2   closed-form" in found.output


def test_bench_measures_unknown_things_and_looking_around(tmp_path: Path, tiny_backbone: str) -> None:
    root = halves(tmp_path, photos=24)
    found, figures = bench(root, "--k", "20", "--look-around", "3", ML_CORE_BACKBONE=tiny_backbone)
    assert found.exit_code == 0, found.output
    assert {(part["rule"], part["seen"]) for part in figures["unknown"]} == {
        ("ours", "photo"),
        ("ours", "stream"),
        ("ours", "stream of one thing"),
        ("maximum softmax", "photo"),
        ("energy", "photo"),
        ("nearest label", "photo"),
    }
    ours = figures["unknown"][0]
    assert all(0 <= ours[part] <= 1 for part in ("known_answered", "far_rejected", "near_rejected"))
    assert {part["photos"] for part in figures["looking"]} == {"mixed", "one label"}
    told = CliRunner().invoke(app, ["tables", str(root / "figures.json")])
    assert told.exit_code == 0, told.output
    assert f"| {root.name} | 20 | mixed |" in told.output


def test_tables_are_of_what_the_bench_wrote(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("[]")
    told = CliRunner().invoke(app, ["tables", str(tmp_path / "odd.json")])
    assert told.exit_code == 1
    assert "Error: " in told.output


def test_bench_says_which_backbone_has_no_weights_here(tmp_path: Path, tiny_backbone: str) -> None:
    root, home = halves(tmp_path), str(tmp_path / "nothing")
    found, figures = bench(root, "--backbones", f"convnext_tiny,{tiny_backbone}", TORCH_HOME=home)
    assert found.exit_code == 0, found.output
    assert "left out: convnext_tiny has no weights at" in found.output
    assert {part["backbone"] for part in figures["figures"]} == {tiny_backbone}
    alone, _ = bench(root, TORCH_HOME=home, ML_CORE_BACKBONE="convnext_tiny")
    assert alone.exit_code == 1
    assert "Error: there are no weights here for convnext_tiny" in alone.output


def folder_of(root: Path, photos: dict[str, int]) -> Path:
    for name, count in photos.items():
        (root / name).mkdir(parents=True)
        for seed in range(count):
            (root / name / f"{seed}.jpg").write_bytes(photo(SHAPES[seed % 2], seed))
    return root


@pytest.mark.parametrize(
    ("photos", "arguments", "said"),
    [
        ({"a": 1}, ["train", "{}"], "two labels at least"),
        ({"a": 1, "b": 0}, ["train", "{}"], "/b holds no photo"),
        ({"train/a": 1, "test/a": 1}, ["train", "{}"], "/test holds no photo"),
        ({"a": 1, "b": 1}, ["train", "{}", "--backbone", "magic"], "'magic'; there are: efficientnet_lite0"),
        ({"a": 1}, ["bench", "--photos", "{}", "--backbones", "a,b"], "'a'; there are: efficientnet_lite0"),
        ({"a": 1}, ["serve", "--backbone", "magic"], "'magic'; there are: efficientnet_lite0"),
        ({"a": 1}, ["speed", "--backbone", "magic"], "'magic'; there are: efficientnet_lite0"),
        ({"a": 1, "b": 1, "t/a": 1}, ["train", "{}", "--test", "{}/t"], "/t holds no photo"),
        ({"a": 1, "b": 1}, ["train", "{}", "--test", "{}/nowhere"], "does not exist"),
        ({"a": 1, "b": 1}, ["train", "{}", "--views", "0"], "--views"),
        ({"train/a": 1, "train/b": 1}, ["bench", "--photos", "{}"], "test/a holds no photo"),
        ({"a": 1}, ["bench", "--photos", "{}"], "there is no folder"),
        ({"a": 1}, ["bench", "--photos", "{}", "--k", "abc"], "--k"),
        ({"a": 1}, ["bench", "--photos", "{}", "--k", "5,0"], "--k"),
    ],
)
def test_wrong_input_is_a_sentence(
    tmp_path: Path, photos: dict[str, int], arguments: list[str], said: str
) -> None:
    root = folder_of(tmp_path, photos)
    found = CliRunner().invoke(app, [part.format(root) for part in arguments], env={"COLUMNS": "300"})
    assert found.exit_code in (1, 2)
    assert isinstance(found.exception, SystemExit)  # no traceback
    assert said in " ".join(found.output.split())


@pytest.mark.slow
def test_serve_says_when_it_is_ready_and_stops_cleanly() -> None:
    command = [sys.executable, "-m", "ml_core", "serve", "--port", "0", "--no-reflection", "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ml_core ready on 127.0.0.1:")
        with grpc.insecure_channel(line.split()[-1]) as channel:
            assert ml_core_pb2_grpc.MlCoreStub(channel).GetInfo(pb.GetInfoRequest(), timeout=5).device
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
