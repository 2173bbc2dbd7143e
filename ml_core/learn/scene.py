"""What a stream of frames says of the place that they come from, without labels: so that another place is not
taken for another thing, and the head can find its feet there.

A scene holds means, never a frame, and the numbers of one row that was seen last. The mathematics is in
docs/mathematics.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ml_core.errors import InvalidInputError
from ml_core.learn.calibration import softmax
from ml_core.learn.checkpoint import Model
from ml_core.learn.head import Floats, LinearHead

# A frame is another thing when it lies so far from the one before, in units of how two photos of a label do.
NEWS_SHARE = 0.3
KEPT_SHARE = 0.92  # of the weight of what was seen, with each thing that goes: about 12 things count
STRENGTHS = 12
# Things that must have gone by until the mean counts half.
DOUBT_THINGS = 1.0
# With fewer labels guessed than these the mean may be that of one thing, known or not.
ENOUGH_LABELS = 3
# Looking around: so many things, the place moved so far outside of what the labels differ in (in units of how
# a photo lies from its label's mean), and the things spread over the labels (in units of their own spread).
# Mixed photos of three other rooms had moved by 2.7 to 8.4, of the same place by 0.4 at most, and changed by
# --elsewhere by 1.6; twelve frames of one label are spread by less than 0.07, all but one time in ten.
LOOK_THINGS = 7.0
LOOK_MOVED_MIN = 1.5
LOOK_VARIETY_MIN = 0.075


@dataclass(frozen=True)
class StreamScene:
    """Weighted means over the things that a stream has shown; the one that is there now is not among them."""

    mean: Floats  # [length]
    last: Floats  # [length], the row seen last
    labels: Floats  # [labels], the weight of what was guessed as each
    square: float  # mean squared place between the labels
    weight: float  # of the things seen
    strengths: Floats  # [up to STRENGTHS]
    adopted: Floats | None = None  # [length], the move that the head has been solved anew for


@dataclass(frozen=True)
class Judged:
    """What a model says of a frame, and the scene after it."""

    probabilities: Floats  # [labels]
    unsure: bool
    scene: StreamScene
    variety: float  # 0 to 1: how much of what looking around takes has been seen
    looked_around: bool


def judged(model: Model, row: Floats, scene: StreamScene | None, look_around: bool) -> Judged:
    """One frame of a stream. `look_around`: the head may be solved anew for another place; without it a
    change that was made is undone. A scene of other labels or features starts anew."""
    scene = follow(model, row, scene)
    scene = replace(scene, adopted=_adopted(model, scene) if look_around else None)
    probabilities, unsure = guesses_in(model, row[None], scene)
    return Judged(probabilities[0], bool(unsure[0]), scene, variety(model, scene), scene.adopted is not None)


def after_looking(model: Model, rows: Floats) -> StreamScene | None:
    """The scene once each of these rows has been shown, as a thing of its own; None without any."""
    scene: StreamScene | None = None
    for row in [*rows, *rows[:1]]:  # a thing joins the scene once it has gone
        scene = judged(model, row, scene, look_around=True).scene
    return scene


def guesses_in(model: Model, rows: Floats, scene: StreamScene) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What the model says of rows in a scene that stays as it is: the probabilities, and which of them are
    "I don't know". None of the rows has a say in what becomes of another."""
    head = model.head if scene.adopted is None else solved_for(model, scene.adopted)
    probabilities = softmax(head.scores(rows) * np.float32(model.meta.temperature))
    return probabilities, model.meta.rule.unsure(probabilities, *_seen_from(model, rows, scene))


def follow(model: Model, row: Floats, scene: StreamScene | None) -> StreamScene:
    """The scene with one more frame."""
    if scene is None or not _fits(scene, model):
        return _first(model, row)
    return _seen(model, scene, row)


def strangeness(model: Model, rows: Floats, scene: StreamScene | None) -> Floats:
    """What the rule holds against its threshold; without a scene each row is a photo by itself."""
    return model.meta.rule.strangeness(*_seen_from(model, rows, scene))


def _seen_from(model: Model, rows: Floats, scene: StreamScene | None) -> tuple[Floats, Floats, Floats, float]:
    """Distances, strengths and unlikeness of rows, and how strong things are in the scene."""
    strong = model.strengths(rows)
    if scene is None or not len(scene.strengths):
        return model.reach.distances(rows), strong, model.unlikeness(rows), 1.0
    share = 1.0 - trust(scene) * (1.0 - model.meta.rule.share_of(scene.strengths))
    # A place hardly shows in unlikeness, and a mean of things that are all unlike would take it away.
    return model.reach.distances(rows - correction(model, scene)), strong, model.unlikeness(rows), share


def photo_variance(model: Model) -> float:
    """How far a photo lies from its label's mean, squared. Without it (format 1) nothing is news, and every
    frame is judged by itself."""
    return np.inf if model.spread is None else model.spread.photo_variance


def _fits(scene: StreamScene, model: Model) -> bool:
    return len(scene.mean) == model.length and len(scene.labels) == len(model.meta.labels)


def _first(model: Model, row: Floats) -> StreamScene:
    nothing = np.zeros(model.length, np.float32)
    return StreamScene(
        nothing, row, np.zeros(len(model.meta.labels), np.float32), 0.0, 0.0, np.empty(0, np.float32)
    )


def _seen(model: Model, scene: StreamScene, row: Floats) -> StreamScene:
    """A thing joins the means once it has gone: what is held up now must not make itself less strange."""
    away = row - scene.last
    if float(away @ away) <= NEWS_SHARE * 2 * photo_variance(model):
        return scene
    gone = scene.last
    weight = scene.weight * KEPT_SHARE + 1
    labels = scene.labels * np.float32(KEPT_SHARE)
    labels[int(model.head.scores(gone[None])[0].argmax())] += 1
    place = model.places(gone[None])[0]
    return StreamScene(
        mean=np.asarray(scene.mean + (gone - scene.mean) / np.float32(weight), np.float32),
        last=row,
        labels=labels,
        square=scene.square + (float(place @ place) - scene.square) / weight,
        weight=weight,
        strengths=np.append(scene.strengths, model.strengths(gone[None]))[-STRENGTHS:].astype(np.float32),
        adopted=scene.adopted,
    )


def trust(scene: StreamScene) -> float:
    """0 to 1: how much of what the scene says is believed."""
    seen = int((scene.labels > 0.3).sum())
    covered = min(1.0, seen / min(len(scene.labels), ENOUGH_LABELS))
    return covered * scene.weight / (scene.weight + DOUBT_THINGS)


def moved(model: Model, scene: StreamScene) -> Floats:
    """Where the scene's mean lies, seen from the middle of the labels."""
    return np.asarray(scene.mean - model.reach.means.mean(0), np.float32)


def outside(model: Model, row: Floats) -> Floats:
    """The part of a move that can change no guess."""
    along = model.spoken_of @ row
    return np.asarray(row - along @ model.spoken_of, np.float32)


def correction(model: Model, scene: StreamScene) -> Floats:
    """What is taken from a row before its distance is measured: the place, not the thing."""
    return np.asarray(outside(model, moved(model, scene)) * np.float32(trust(scene)), np.float32)


def _adopted(model: Model, scene: StreamScene) -> Floats | None:
    """The move to solve the head for: that of the scene once it is enough, and then that one until the place
    changes again, as a later run of one label would move it along."""
    move = moved(model, scene)
    since = move if scene.adopted is None else move - scene.adopted
    if variety(model, scene) < 1 or not place_changed(model, since):
        return scene.adopted
    return move if place_changed(model, move) and keeps_its_own(model, move) else None


def keeps_its_own(model: Model, move: Floats) -> bool:
    """What every label was taught with must still be that label."""
    guesses = solved_for(model, move).scores(model.reach.means).argmax(1)
    return bool((guesses == np.arange(len(guesses))).all())


def variety(model: Model, scene: StreamScene) -> float:
    """0 to 1: how many things were seen, and how they spread over the labels."""
    many = min(1.0, scene.weight / LOOK_THINGS)
    return many * min(1.0, _spread_over_labels(model, scene) / LOOK_VARIETY_MIN)


def place_changed(model: Model, move: Floats) -> bool:
    """Is this another place, and not only other things?"""
    away = outside(model, move)
    return model.spread is not None and float(away @ away) > LOOK_MOVED_MIN * photo_variance(model)


def _spread_over_labels(model: Model, scene: StreamScene) -> float:
    if scene.weight <= 0:
        return 0.0
    middle = model.places(scene.mean[None])[0]
    return max(0.0, scene.square - float(middle @ middle)) / max(model.label_space.spread, 1e-9)


def solved_for(model: Model, move: Floats) -> LinearHead:
    """The head as if it had been fitted on its training rows and on the same rows moved by `move`: their
    covariance has grown by move @ move.T / 4, which is an update of rank one (Sherman and Morrison 1950)."""
    if model.spread is None:  # a model of format 1
        return model.head
    share = (1 - model.meta.shrinkage) / 4
    towards = model.spread.solved(move)
    length = float(move @ towards)
    factor = share / (1 + share * length)
    weight = model.head.weight + towards / 2
    weight = weight - factor * np.outer(model.head.weight @ move + length / 2, towards)
    means = model.reach.means + move / 2
    return LinearHead(
        np.asarray(weight, np.float32), np.asarray(-0.5 * np.einsum("kd,kd->k", weight, means), np.float32)
    )


def to_bytes(scene: StreamScene) -> bytes:
    rows = {"mean": scene.mean, "last": scene.last}
    if scene.adopted is not None:
        rows["adopted"] = scene.adopted
    tensors: dict[str, npt.NDArray[np.float16] | Floats] = {
        name: row.astype(np.float16) for name, row in rows.items()
    }
    numbers = {"labels": scene.labels, "strengths": scene.strengths}
    numbers["sums"] = np.array([scene.square, scene.weight], np.float32)
    return save(tensors | numbers)


def from_bytes(data: bytes) -> StreamScene:
    """Raises InvalidInputError `bad_scene` for bytes that are no scene."""
    try:
        parts = {name: part.astype(np.float32) for name, part in load(data).items()}
        square, weight = (float(number) for number in parts["sums"])
        scene = StreamScene(
            parts["mean"],
            parts["last"],
            parts["labels"],
            square,
            weight,
            parts["strengths"],
            parts.get("adopted"),
        )
        rows = [scene.mean, scene.last] + ([] if scene.adopted is None else [scene.adopted])
        if any(row.shape != scene.mean.shape or row.ndim != 1 for row in rows):
            raise ValueError("rows of several lengths")
        if scene.labels.ndim != 1 or scene.strengths.ndim != 1 or weight < 0:
            raise ValueError("numbers of another kind")
        if not all(np.isfinite(part).all() for part in parts.values()):
            raise ValueError("numbers that are not finite")
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as exc:
        raise InvalidInputError("bad_scene", f"{type(exc).__name__}: {exc}") from exc
    return scene
