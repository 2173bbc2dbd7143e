"""The bench's protocol of "I don't know" and of looking around: known and unknown photos, one by one and as a
stream of frames, with other rules beside ours.

Each label in turn is left out of training: its test photos are near unknowns. Far ones are other photos
altogether. A rule beside ours gets the threshold with which it answers as many known photos as ours does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_core.bench.halves import Photos, draw, fit_model
from ml_core.learn.checkpoint import Model
from ml_core.learn.fit import photo_rows
from ml_core.learn.head import Floats, Ints
from ml_core.learn.scene import StreamScene, follow, strangeness
from ml_core.learn.unknown import UnsureRule
from ml_core.vision.features import Embedder

ONE_BY_ONE = "photo"
STREAM = "stream"
ONE_THING = "stream of one thing"
FRAMES = 12
STREAMS = 40  # of each kind of photo at most: every one has a stream before it
SESSION_UNKNOWN = 0.25  # of the things that a child has held up before

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class UnknownFigure:
    """One rule at one k, the mean over the labels left out. Areas under the curve: 1 where every unknown
    photo is stranger than every known one."""

    backbone: str
    rule: str
    seen: str  # one of the three above
    k: int
    known_answered: float
    right_among_answered: float
    far_rejected: float
    near_rejected: float
    far_area: float
    near_area: float


@dataclass(frozen=True)
class Case:
    """A model without one label, and what it is shown."""

    model: Model
    known: Floats
    right: Bools
    near: Floats
    far: Floats
    kinds: dict[str, Ints]  # what in each of the three is alike: a label, a folder


def unknown_figures(
    embedder: Embedder, train_half: Photos, test_half: Photos, far: Photos, k: int, seeds: int
) -> list[UnknownFigure]:
    """None where k is too small for a rule that was checked on photos held back."""
    label_count = int(train_half.labels.max()) + 1
    found: dict[tuple[str, str], list[list[float]]] = {}
    for left_out in range(label_count):
        case = _case(embedder, train_half, test_half, far, k, left_out, left_out % seeds)
        if isinstance(case.model.meta.rule, UnsureRule):
            continue  # from so few photos it has no threshold of its own that others could be held to
        for seen in (ONE_BY_ONE, STREAM, ONE_THING):
            measured = _measured(case, seen, np.random.default_rng(left_out))
            for rule, numbers in measured.items():
                found.setdefault((rule, seen), []).append(numbers)
    return [
        UnknownFigure(
            embedder.spec.name, rule, seen, k, *(_mean(part) for part in zip(*numbers, strict=True))
        )
        for (rule, seen), numbers in found.items()
    ]


def _mean(parts: Sequence[float]) -> float:
    """Of the cases that have the figure: nothing is right among the answered where nothing was answered."""
    there = [part for part in parts if not math.isnan(part)]
    return float(np.mean(there)) if there else float("nan")


def _case(
    embedder: Embedder, train_half: Photos, test_half: Photos, far: Photos, k: int, left_out: int, seed: int
) -> Case:
    chosen = draw(train_half.labels, k, seed)
    chosen = chosen[train_half.labels[chosen] != left_out]
    names = tuple(f"label {label}" for label in np.unique(train_half.labels[chosen]))
    model = fit_model(embedder, train_half, chosen, names, seed)
    tests, labels = photo_rows(test_half.photos), test_half.labels
    known = labels != left_out
    true = labels[known] - (labels[known] > left_out)
    right = model.probabilities(tests[known]).argmax(1) == true
    kinds = {"known": true, "near": labels[~known], "far": far.labels}
    return Case(model, tests[known], right, tests[~known], photo_rows(far.photos), kinds)


def _measured(case: Case, seen: str, rng: np.random.Generator) -> dict[str, list[float]]:
    parts = {"known": case.known, "near": case.near, "far": case.far}
    ours = {name: _strangeness(case, name, seen, rng) for name in parts}
    threshold = case.model.meta.rule.threshold
    found = {"ours": _numbers(case, ours, threshold)}
    if seen == ONE_BY_ONE:
        answered = float((ours["known"] <= threshold).mean())
        for rule, strange in PEERS.items():
            theirs = {name: strange(case.model, rows) for name, rows in parts.items()}
            found[rule] = _numbers(case, theirs, float(np.quantile(theirs["known"], answered)))
    return found


def _numbers(case: Case, strange: dict[str, Floats], threshold: float) -> list[float]:
    answered = strange["known"] <= threshold
    whole = len(answered) == len(case.right)
    right = case.right if whole else case.right[judged_in_streams(len(case.right))]
    return [
        float(answered.mean()),
        float(right[answered].mean()) if answered.any() else float("nan"),
        float((strange["far"] > threshold).mean()),
        float((strange["near"] > threshold).mean()),
        area(strange["known"], strange["far"]),
        area(strange["known"], strange["near"]),
    ]


def _strangeness(case: Case, name: str, seen: str, rng: np.random.Generator) -> Floats:
    rows = {"known": case.known, "near": case.near, "far": case.far}[name]
    if seen == ONE_BY_ONE:
        return strangeness(case.model, rows, None)
    chosen = judged_in_streams(len(rows))
    found = np.empty(len(chosen), np.float32)
    for place, index in enumerate(chosen):
        row = rows[index]
        before = _one_thing(rows, case.kinds[name], index, rng) if seen == ONE_THING else _session(case, rng)
        scene: StreamScene | None = None
        for frame in [*before, row]:
            scene = follow(case.model, frame, scene)
        found[place] = strangeness(case.model, row[None], scene)[0]
    return found


def judged_in_streams(count: int) -> Ints:
    return np.unique(np.linspace(0, count - 1, min(count, STREAMS)).astype(np.int64))


def _one_thing(rows: Floats, kinds: Ints, index: int, rng: np.random.Generator) -> Floats:
    """The worst case: nothing but others of the same kind was shown."""
    alike = np.flatnonzero(kinds == kinds[index])
    alike = alike[alike != index]
    return rows[rng.permutation(alike)[:FRAMES]]


def _session(case: Case, rng: np.random.Generator) -> list[Floats]:
    """What a child has held up before: known things of all labels, and some others."""
    before = []
    for _ in range(FRAMES):
        drawn = rng.random()
        rows = (
            case.near if drawn < SESSION_UNKNOWN / 2 else case.far if drawn < SESSION_UNKNOWN else case.known
        )
        before.append(rows[rng.integers(len(rows))])
    return before


def _max_softmax(model: Model, rows: Floats) -> Floats:
    return np.asarray(-model.probabilities(rows).max(1), np.float32)


def _energy(model: Model, rows: Floats) -> Floats:
    """Liu et al. 2020, Energy-based out-of-distribution detection."""
    scores = model.head.scores(rows) * model.meta.temperature
    highest = scores.max(1)
    return np.asarray(-(highest + np.log(np.exp(scores - highest[:, None]).sum(1))), np.float32)


def _nearest_label(model: Model, rows: Floats) -> Floats:
    away = rows[:, None] - model.reach.means[None]
    return np.asarray(np.einsum("nkd,nkd->nk", away, away).min(1), np.float32)


PEERS: dict[str, Callable[[Model, Floats], Floats]] = {
    "maximum softmax": _max_softmax,
    "energy": _energy,
    "nearest label": _nearest_label,
}


def area(known: Floats, unknown: Floats) -> float:
    """Under the receiver operating characteristic: how often an unknown photo is the stranger one of two."""
    ordered = np.sort(known)
    below = np.searchsorted(ordered, unknown, "left") + np.searchsorted(ordered, unknown, "right")
    return float(below.mean() / 2 / len(known))


def calibration_error(probabilities: Floats, labels: Ints, bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015): how far what it says it is worth lies from what it is
    worth, over equally wide bins of the highest probability."""
    surest, right = probabilities.max(1), probabilities.argmax(1) == labels
    place = np.minimum((surest * bins).astype(np.int64), bins - 1)
    away = [
        abs(float(surest[place == one].mean()) - float(right[place == one].mean()))
        * float((place == one).mean())
        for one in np.unique(place)
    ]
    return float(np.sum(away))
