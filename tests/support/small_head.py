"""A model's file as the compute tier writes it, for a network of our own, without a training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml_core.contract.backbone import exported_file
from ml_core.learn.checkpoint import FORMAT, Meta, Model, to_bytes
from ml_core.learn.fit import CLOSED_FORM
from ml_core.learn.head import LinearHead, Reach
from ml_core.learn.unknown import UnsureRule

LENGTH = 1904  # features of the exported backbone


def small_head(labels: Sequence[str], space: str = "") -> bytes:
    """Of labels by their ids, on the exported backbone or on that of `space`; the numbers mean nothing."""
    chance = np.random.default_rng(5)
    weight = chance.normal(size=(len(labels), LENGTH)).astype(np.float32)
    bias = chance.normal(size=len(labels)).astype(np.float32)
    meta = Meta(
        format=FORMAT,
        version="1",
        space=space or exported_file().space,
        labels=tuple(labels),
        recipe=CLOSED_FORM,
        final_only=False,
        shrinkage=0.5,
        temperature=0.25,
        rule=UnsureRule(distance_weight=1.0, margin_weight=1.0, threshold=1.0, far=9.0),
        photos=30,
    )
    reach = Reach((weight / 10).astype(np.float32), np.zeros((1, LENGTH), np.float32))
    return to_bytes(Model(meta, LinearHead(weight, bias), reach))
