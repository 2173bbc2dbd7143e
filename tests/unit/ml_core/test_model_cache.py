"""The cache of models: by id, by bytes, least recently used out first."""

import numpy as np
import pytest

from ml_core.checkpoint import model_id, model_of, to_bytes
from ml_core.errors import ModelStateError
from ml_core.model_cache import ModelCache
from ml_core.trainer import TrainingPhoto, train


def model_bytes(seed):
    rng = np.random.default_rng(seed)
    photos = [TrainingPhoto(i % 2, rng.normal(size=(1, 6)).astype(np.float16)) for i in range(8)]
    return to_bytes(model_of(train(photos, 2), "space.1", ("a", "b")))


def test_known_models_need_no_bytes_and_old_ones_leave():
    cache = ModelCache(2)
    made = [model_bytes(seed) for seed in range(3)]
    first, second, third = (model_id(data) for data in made)
    cache.resolve(first, made[0])
    cache.resolve(second, made[1])
    assert cache.resolve(first, b"").meta.labels == ("a", "b")  # used again: the second is now the oldest
    cache.resolve(third, made[2])
    assert cache.resolve(first, b"")
    with pytest.raises(ModelStateError) as caught:
        cache.resolve(second, b"")
    assert caught.value.key == "model_unknown"


def test_bytes_must_have_the_id_that_is_claimed():
    data = model_bytes(0)
    for name, sent in (("0" * 64, data), (model_id(b"junk"), b"junk")):
        with pytest.raises(ModelStateError) as caught:
            ModelCache(2).resolve(name, sent)
        assert caught.value.key == "model_corrupt"
