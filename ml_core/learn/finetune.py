"""The fine-tuning recipe: the backbone's last stages learn from augmented pixels, then the closed form
is solved again on the features that they make.

Knows nothing of requests or models as bytes. The tuned network's own softmax is not used: on few photos
the closed form on its features guesses better.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml_core.errors import InvalidInputError, PhotoError
from ml_core.learn.augment import random_crops
from ml_core.learn.calibration import confusion, fit_temperature, fit_unsure_rule, softmax, unchecked_rule
from ml_core.learn.closed_form import (
    Callbacks,
    SelfCheck,
    Trained,
    TrainingPhoto,
    balanced_sample,
    clearly_better,
    fit,
    folds_of,
    photo_rows,
    train,
)
from ml_core.learn.head import Ints, LinearHead
from ml_core.learn.self_check import DotProducts
from ml_core.vision.backbones import StagedBackbone
from ml_core.vision.features import Embedder, TailWeights, pooled
from ml_core.vision.images import Pixels, photo_views

FINETUNE = "finetune"
MAX_TUNED_PHOTOS = 600  # 180 MB of pixels on the device; the head is still fitted on all photos
PICTURE_SIDE_FACTOR = 1.25  # pixels are kept a little larger than the backbone's input: crops lose less
EPOCHS_MAX = 20
PATIENCE_EPOCHS = 4
BATCH_PHOTOS = 16
LEARNING_RATE = 1e-4  # ten times as much forgets what the backbone knows
WEIGHT_DECAY = 0.05
LABEL_SMOOTHING = 0.1
AVERAGE_DECAY = 0.95  # a step; the average is over about 20 steps


@dataclass(frozen=True)
class Split:
    """Photos to tune on and photos held back, by their index; bursts are on one side."""

    used: Ints
    held: Ints


def finetune(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    embedder: Embedder,
    seed: int = 0,
    callbacks: Callbacks | None = None,
    guarded: bool = False,
) -> Trained:
    """Start from the closed form, tune, solve it again. `guarded`: the closed form is the answer unless
    the photos held back say that tuning made it clearly better."""
    calls = callbacks or Callbacks()
    base = train(photos, label_count, seed, calls.part(0.0, 0.2), embedder.final_length)
    split = hold_back(photos, label_count, seed)
    if split is None:
        if guarded:
            return base
        raise InvalidInputError("too_few_photos", "fine-tuning needs two photos of every label")
    started = time.perf_counter()
    before = _held_back_check(photos, label_count, split, base, embedder.final_length)
    start, _ = fit([photos[i] for i in split.used], label_count, base.check.choice, embedder.final_length)
    tail = tune(embedder, photos, split, _warm(start, base.check.temperature), seed, calls.part(0.2, 0.8))
    tuned = _tuned_photos(photos, embedder, tail, calls.part(0.8, 1.0))
    check = _held_back_check(tuned, label_count, split, base, embedder.final_length)
    gain = int(np.trace(check.confusion)) - int(np.trace(before.confusion))
    if guarded and not clearly_better(gain, len(split.held)):
        return base
    head, reach = fit(tuned, label_count, check.choice, embedder.final_length)
    seconds = time.perf_counter() - started
    calls.step("fitting", 1.0)
    return Trained(head, reach, FINETUNE, check, len(photos), seconds, tail)


def hold_back(photos: Sequence[TrainingPhoto], label_count: int, seed: int) -> Split | None:
    """One fold of whole groups; None where a label has nothing to hold back, or nothing is left."""
    sample = balanced_sample(photos, MAX_TUNED_PHOTOS, seed)
    folds = folds_of([photos[index] for index in sample], seed)
    if not (folds >= 0).any():
        return None
    fold = int(np.bincount(folds[folds >= 0]).argmax())
    split = Split(sample[folds != fold], sample[folds == fold])
    left = {photos[index].label for index in split.used}
    return split if len(left) == label_count else None


def tune(
    embedder: Embedder,
    photos: Sequence[TrainingPhoto],
    split: Split,
    start: LinearHead,
    seed: int,
    calls: Callbacks,
) -> TailWeights:
    """The loop. Pixels go to the device once, crops are cut there; the averaged weights with the
    smallest loss on the photos held back are the result."""
    generator = torch.Generator(embedder.device).manual_seed(seed)
    images, labels = _on_device(photos, split.used, embedder)
    tests, test_labels = _on_device(photos, split.held, embedder)
    student = _Student(embedder, start)
    optimizer = torch.optim.AdamW(student.tail.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    rarity = len(labels) / torch.bincount(labels, minlength=len(start.bias)).float()
    kept, least, waited = student.averaged_weights(), float("inf"), 0
    for epoch in range(EPOCHS_MAX):
        calls.step("fitting", epoch / EPOCHS_MAX)
        order = torch.randperm(len(labels), generator=generator, device=embedder.device)
        for batch in torch.split(order, BATCH_PHOTOS):
            calls.stop_if_cancelled()
            crops = random_crops(images[batch], embedder.input_side, generator)
            loss: Tensor = cross_entropy(
                student.scores(crops), labels[batch], rarity, label_smoothing=LABEL_SMOOTHING
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
            optimizer.step()
            student.average.update_parameters(student.tail)
        found = _mean_loss(student, tests, test_labels, embedder.input_side)
        if found < least:
            kept, least, waited = student.averaged_weights(), found, 0
        elif (waited := waited + 1) == PATIENCE_EPOCHS:
            break
    return kept


class _Tail(nn.Module):
    """The stages that learn, and a softmax head that starts as the closed form."""

    def __init__(self, stages: dict[str, nn.Module], middle_stages: int, start: LinearHead) -> None:
        super().__init__()
        self.stages = nn.ModuleDict(stages)
        self.middle_stages = middle_stages
        self.head = nn.Linear(start.weight.shape[1], len(start.bias))
        self.head.weight.data.copy_(torch.from_numpy(start.weight))
        self.head.bias.data.copy_(torch.from_numpy(start.bias))

    def forward(self, maps: list[Tensor]) -> Tensor:
        found = list(maps)
        for stage in self.stages.values():
            found.append(stage(found[-1]))
        rows = pooled(found[-1 - self.middle_stages :])
        with torch.autocast(rows.device.type, enabled=False):  # scores need more than eight bits
            scores: Tensor = self.head(rows)
        return scores


class _Student:
    """A network of its own last stages behind the shared ones, which get no gradients."""

    def __init__(self, embedder: Embedder, start: LinearHead) -> None:
        self._embedder = embedder
        network = embedder.own_tail()
        for parameter in embedder.tail_parameters(network).values():
            parameter.requires_grad_(True)
        stages = {str(index): stage for index, stage in enumerate(network.stages)}
        names = list(stages)[-embedder.spec.tuned_stages :]
        own = {name: stages.pop(name) for name in names}
        self._trunk = list(stages.values())
        self.tail = _Tail(own, embedder.spec.middle_stages, start).to(embedder.device)
        averaging = get_ema_multi_avg_fn(AVERAGE_DECAY)  # type: ignore[no-untyped-call]  # torch has no types for it
        self.average = AveragedModel(self.tail, multi_avg_fn=averaging)

    def scores(self, crops: Tensor) -> Tensor:
        maps = self._maps(crops)
        with self._embedder.autocast():
            found: Tensor = self.tail(maps)
        return found

    @torch.no_grad()
    def averaged_scores(self, crops: Tensor) -> Tensor:
        maps = self._maps(crops)
        with self._embedder.autocast():
            found: Tensor = self.average(maps)
        return found

    def averaged_weights(self) -> TailWeights:
        stages = self.average.get_submodule("module.stages")
        return {name: part.detach().half().cpu().numpy() for name, part in stages.named_parameters()}

    @torch.no_grad()
    def _maps(self, crops: Tensor) -> list[Tensor]:
        x = self._embedder.normalised(crops).contiguous(memory_format=torch.channels_last)
        maps: list[Tensor] = []
        with self._embedder.autocast():
            for stage in self._trunk:
                x = stage(x)
                maps.append(x)
        return maps


def _on_device(photos: Sequence[TrainingPhoto], chosen: Ints, embedder: Embedder) -> tuple[Tensor, Tensor]:
    """[n, 3, side, side] bytes and labels."""
    side = int(embedder.input_side * PICTURE_SIDE_FACTOR)
    pixels = np.concatenate([_pixels(photos[index], 1, side) for index in chosen])
    labels = torch.tensor([photos[index].label for index in chosen])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).to(embedder.device), labels.to(embedder.device)


def _pixels(photo: TrainingPhoto, views: int, side: int) -> Pixels:
    if photo.picture is None:
        raise InvalidInputError("pictures_needed", "fine-tuning looks at pixels: send the photos too")
    try:
        return photo_views(photo.picture(), views, side)
    except PhotoError as exc:
        raise InvalidInputError(exc.key, f"a training photo: {exc}") from exc


def _mean_loss(student: _Student, images: Tensor, labels: Tensor, side: int) -> float:
    """Of the averaged weights on whole photos."""
    total = 0.0
    for part, true in zip(torch.split(images, BATCH_PHOTOS), torch.split(labels, BATCH_PHOTOS), strict=True):
        whole = interpolate(part.float(), (side, side), mode="bilinear", antialias=True)
        total += float(cross_entropy(student.averaged_scores(whole), true, reduction="sum"))
    return total / len(labels)


def _warm(head: LinearHead, temperature: float) -> LinearHead:
    """The same head with scores that a softmax turns into calibrated probabilities."""
    scale = np.float32(temperature)
    return LinearHead(head.weight * scale, head.bias * scale)


def _tuned_photos(
    photos: Sequence[TrainingPhoto], embedder: Embedder, tail: TailWeights, calls: Callbacks
) -> list[TrainingPhoto]:
    """The same photos with the features that the tuned network makes of the same views."""
    network = embedder.tuned(tail)
    found: list[TrainingPhoto] = []
    for index, photo in enumerate(photos):
        calls.step("checking", index / len(photos))
        found.append(embedded_by(network, photo, embedder))
    return found


def embedded_by(network: StagedBackbone, photo: TrainingPhoto, embedder: Embedder) -> TrainingPhoto:
    """The photo as this network sees it."""
    pixels = _pixels(photo, len(photo.views), embedder.input_side)
    return replace(photo, views=embedder.embed(pixels, network))


def _held_back_check(
    photos: Sequence[TrainingPhoto], label_count: int, split: Split, base: Trained, final_length: int
) -> SelfCheck:
    """As the closed form's self-check, on one fold: another fold would need another tuning. The
    learning curve is the closed form's."""
    used = [photos[i] for i in split.used]
    head, reach = fit(used, label_count, base.check.choice, final_length)
    rows = photo_rows([photos[i] for i in split.held])
    true = np.array([photos[i].label for i in split.held], np.int64)
    scores, distances = head.scores(rows), reach.distances(rows)
    temperature = fit_temperature(scores, true)
    probabilities = softmax(scores * np.float32(temperature))
    used_labels = np.array([photo.label for photo in used], np.int64)
    between = DotProducts(photo_rows(used), np.arange(len(used)), used_labels, label_count).between_labels()
    rule = fit_unsure_rule(probabilities, distances, true, between) or unchecked_rule(between)
    return replace(
        base.check,
        temperature=temperature,
        rule=rule,
        photos=split.held,
        probabilities=probabilities,
        unsure=rule.unsure(probabilities, distances),
        confusion=confusion(true, probabilities.argmax(1), label_count),
    )
