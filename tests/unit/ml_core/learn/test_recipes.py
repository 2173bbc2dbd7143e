"""One interface to the recipes: what auto chooses, what fine-tuning changes, and that it is guarded."""

from dataclasses import replace

import numpy as np
import pytest

from ml_core.errors import InvalidInputError, ModelStateError
from ml_core.learn import finetune as finetuning
from ml_core.learn import recipes
from ml_core.learn.checkpoint import from_bytes, model_of, to_bytes
from ml_core.learn.closed_form import Callbacks, TrainingPhoto, photo_rows
from ml_core.learn.finetune import embedded_by, finetune, hold_back
from ml_core.learn.recipes import may_pay, train
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from tests.support.drawn_patches import SHAPES, photo


@pytest.fixture(scope="module")
def embedder():
    return Embedder("efficientnet_lite0", "cpu")


@pytest.fixture(scope="module")
def photos(embedder):
    files = [(label, photo(shape, seed)) for label, shape in enumerate(SHAPES) for seed in range(5)]
    return [
        TrainingPhoto(
            label, embedder.embed(photo_views(data, 2, embedder.input_side)), picture=lambda data=data: data
        )
        for label, data in files
    ]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(finetuning, "EPOCHS_MAX", 2)


@pytest.fixture(scope="module")
def tuned(embedder, photos):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetuning, "EPOCHS_MAX", 2)
        return train(photos, 3, embedder, "finetune", seed=3)


def saved(trained, embedder):
    return to_bytes(model_of(trained, embedder.space, SHAPES))


@pytest.mark.parametrize("name", ["", "auto", "closed-form"])
def test_on_a_cpu_auto_is_the_closed_form(embedder, photos, name):
    trained = train(photos, 3, embedder, name)
    assert (trained.recipe, dict(trained.tail)) == ("closed-form", {})


def test_auto_tries_tuning_on_cuda_with_enough_photos_and_their_pixels(photos):
    many = photos * 2
    assert may_pay(many, 3, "cuda")
    assert not may_pay(many, 3, "cpu")
    assert not may_pay(photos, 3, "cuda")
    assert not may_pay([*many[1:], replace(many[0], picture=None)], 3, "cuda")
    assert not may_pay(many * 40, 3, "cuda")


def test_unknown_recipe(embedder, photos):
    with pytest.raises(InvalidInputError) as caught:
        train(photos, 3, embedder, "magic")
    assert caught.value.key == "unknown_recipe"


def test_a_tuned_model_survives_as_bytes_with_its_own_stages(embedder, photos, tuned):
    model = from_bytes(saved(tuned, embedder))
    assert model.meta.recipe == "finetune"
    network = embedder.tuned(model.tail)
    seen = [embedded_by(network, part, embedder) for part in photos]
    assert not np.array_equal(seen[0].views, photos[0].views)
    guesses = model.probabilities(photo_rows(seen)).argmax(1)
    assert (guesses == [part.label for part in photos]).mean() > 0.8
    assert tuned.check.confusion.sum() == len(tuned.check.photos) == 3
    again = embedder.embed(photo_views(photos[0].picture(), 2, embedder.input_side))
    assert np.array_equal(again, photos[0].views)  # everyone else's backbone is as it was


def test_the_same_seed_gives_the_same_bytes_on_a_cpu(embedder, photos, tuned):
    assert saved(train(photos, 3, embedder, "finetune", seed=3), embedder) == saved(tuned, embedder)


@pytest.mark.parametrize(("gain_share", "kept"), [(-1.0, "finetune"), (2.0, "closed-form")])
def test_auto_keeps_tuning_only_where_it_is_clearly_better(embedder, photos, monkeypatch, gain_share, kept):
    monkeypatch.setattr(recipes, "may_pay", lambda *_: True)
    monkeypatch.setattr(finetuning, "clearly_better", lambda gain, checked: gain >= gain_share * checked)
    assert train(photos, 3, embedder, "auto").recipe == kept


def test_too_few_to_hold_back(embedder, photos):
    one_each = photos[::5]
    assert hold_back(one_each, 3, 0) is None
    with pytest.raises(InvalidInputError) as caught:
        finetune(one_each, 3, embedder)
    assert caught.value.key == "too_few_photos"
    assert finetune(one_each, 3, embedder, guarded=True).recipe == "closed-form"


def test_progress_of_all_parts_only_rises(embedder, photos):
    seen = []
    train(photos, 3, embedder, "finetune", 0, Callbacks(progress=lambda stage, done: seen.append(done)))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_stages_of_another_backbone_are_a_damaged_model(embedder, tuned):
    for wrong in ({"0.weight": np.zeros(3, np.float16)}, {k: v[:0] for k, v in tuned.tail.items()}):
        with pytest.raises(ModelStateError) as caught:
            embedder.tuned(wrong)
        assert caught.value.key == "model_corrupt"
