"""Scenes: another place is told from another thing, the head finds its feet there, and one thing shown for
long changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml_core.errors import InvalidInputError
from ml_core.learn import scene as scenes
from ml_core.learn.checkpoint import Model, from_bytes, model_of, to_bytes
from ml_core.learn.fit import TrainingPhoto, fit, photo_rows, train
from ml_core.learn.head import Floats, shrinkage_lda
from ml_core.learn.scene import StreamScene, follow, judged

LENGTH = 60
LABELS = 3
CENTRES = np.zeros((LABELS, LENGTH))
CENTRES[np.arange(LABELS), np.arange(LABELS)] = 0.8
# Where another room lies: most of it in directions that tell no labels apart.
PLACE = np.zeros(LENGTH, np.float32)
PLACE[20:30] = 0.45
PLACE[0] = 0.5


def photo_set(per_label: int, seed: int) -> list[TrainingPhoto]:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(LABELS, per_label, 3, LENGTH)) * 0.06
    own = rng.normal(size=(LABELS, per_label, 1, LENGTH)) * 0.06
    views = (CENTRES[:, None, None] + own + noise).astype(np.float16)
    return [TrainingPhoto(label, part) for label in range(LABELS) for part in views[label]]


@pytest.fixture(scope="module")
def model() -> Model:
    outcome = train(photo_set(12, 0), LABELS)
    return from_bytes(to_bytes(model_of(outcome, "space.1", ("a", "b", "c"))))


def rows_in(place: Floats) -> tuple[Floats, np.ndarray]:
    photos = photo_set(10, 1)
    order = np.random.default_rng(2).permutation(len(photos))
    labels = np.array([photo.label for photo in photos])[order]
    return photo_rows(photos)[order] + place, labels


def after(model: Model, rows: Floats, *, look_around: bool = True) -> tuple[StreamScene, bool]:
    scene: StreamScene | None = None
    changed = False
    for row in rows:
        found = judged(model, row, scene, look_around)
        scene, changed = found.scene, found.looked_around
    assert scene is not None
    return scene, changed


def test_known_things_in_another_place_get_their_answer_back(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    assert model.guesses(rows)[1].mean() > 0.9  # by themselves all of them are strange
    scene, _ = after(model, rows[:14])
    answered = [not judged(model, row, scene, look_around=True).unsure for row in rows[14:]]
    assert np.mean(answered) > 0.8


def test_unknown_things_stay_unknown_there(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    scene, _ = after(model, rows[:14])
    other = np.zeros(LENGTH, np.float32)
    other[40:50] = 0.6
    assert judged(model, PLACE + other, scene, look_around=True).unsure


def test_one_thing_held_up_for_long_never_makes_itself_known(model: Model) -> None:
    thing = np.zeros(LENGTH, np.float32)
    thing[40:50] = 0.6
    rng = np.random.default_rng(0)
    frames = thing + rng.normal(size=(200, LENGTH)).astype(np.float32) * 0.01
    scene: StreamScene | None = None
    for frame in frames:
        found = judged(model, frame, scene, look_around=True)
        assert found.unsure
        assert not found.looked_around
        scene = found.scene
    assert scene is not None
    assert scene.weight == 0  # two hundred frames of one thing are one thing, and it has not gone yet


def test_looking_around_makes_guesses_right_again(model: Model) -> None:
    rows, labels = rows_in(PLACE * np.float32(2.2))
    plain = (model.probabilities(rows).argmax(1) == labels).mean()
    scene, changed = after(model, rows[:14])
    assert changed
    guesses = [int(judged(model, row, scene, look_around=True).probabilities.argmax()) for row in rows[14:]]
    assert np.mean(guesses == labels[14:]) > plain + 0.2


def test_photos_after_looking_around_are_judged_one_by_one_as_frames_would_be(model: Model) -> None:
    rows, labels = rows_in(PLACE * np.float32(2.2))
    first, rest = rows[:12], rows[12:]
    scene = scenes.after_looking(model, first)
    assert scene is not None
    assert scene.adopted is not None
    probabilities, unsure = scenes.guesses_in(model, rest, scene)
    np.testing.assert_allclose(
        probabilities, scenes.guesses_in(model, rest[::-1], scene)[0][::-1], rtol=1e-4, err_msg="in any order"
    )
    head = replace(model, head=scenes.solved_for(model, scene.adopted))
    np.testing.assert_allclose(probabilities, head.probabilities(rest), rtol=1e-4)
    frames = [judged(model, row, replace(scene, last=row), look_around=True) for row in rest]
    assert [frame.unsure for frame in frames] == unsure.tolist()
    plain = (model.probabilities(rest).argmax(1) == labels[12:]).mean()
    assert (probabilities.argmax(1) == labels[12:]).mean() > plain + 0.2
    assert scenes.after_looking(model, rows[:0]) is None


def test_in_the_same_place_looking_around_changes_no_guess(model: Model) -> None:
    rows, _ = rows_in(np.zeros(LENGTH, np.float32))
    scene = scenes.after_looking(model, rows[:12])
    assert scene is not None
    assert scene.adopted is None
    probabilities, _ = scenes.guesses_in(model, rows[12:], scene)
    np.testing.assert_allclose(probabilities, model.probabilities(rows[12:]), rtol=1e-5)


def test_it_is_what_a_fit_on_the_same_rows_moved_gives() -> None:
    photos = photo_set(6, 3)
    outcome = train(photos, LABELS)
    model = model_of(outcome, "space.1", ("a", "b", "c"))
    labels = np.repeat(np.repeat(np.arange(LABELS), 6), 3)
    rows = np.concatenate([photo.views for photo in photos]).astype(np.float32)
    twice = shrinkage_lda(
        np.concatenate([rows, rows + PLACE]), np.concatenate([labels, labels]), LABELS, model.meta.shrinkage
    )
    tests, true = rows_in(PLACE)
    ours = scenes.solved_for(model, PLACE).scores(tests)
    theirs = twice.scores(tests)
    assert (ours.argmax(1) == theirs.argmax(1)).mean() > 0.95
    assert (theirs.argmax(1) == true).mean() > 0.9
    # Up to the ridge, which a real fit makes larger with the rows' variance.
    flat = [part - part.mean(1, keepdims=True) for part in (ours, theirs)]
    assert np.corrcoef(flat[0].ravel(), flat[1].ravel())[0, 1] > 0.97


def test_a_move_by_which_a_label_would_be_taken_for_another_is_no_place(model: Model) -> None:
    means = model.reach.means
    assert not scenes.keeps_its_own(model, means[0] - means[1])
    assert scenes.keeps_its_own(model, PLACE)


@pytest.mark.parametrize("shown", ["one label there", "the same place", "undone"])
def test_what_is_no_reason_to_look_around(model: Model, shown: str) -> None:
    rows, labels = rows_in(PLACE if shown != "the same place" else np.zeros(LENGTH, np.float32))
    chosen = rows[labels == 1] if shown == "one label there" else rows
    assert not after(model, chosen, look_around=shown != "undone")[1]


def test_a_tap_undoes_it_and_the_guesses_are_the_plain_ones(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    scene, changed = after(model, rows)
    assert changed
    undone = judged(model, rows[0], scene, look_around=False)
    assert not undone.looked_around
    np.testing.assert_allclose(undone.probabilities, model.probabilities(rows[:1])[0], rtol=1e-5)


def test_a_scene_survives_the_way_and_holds_no_more_than_means(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    scene, _ = after(model, rows)
    data = scenes.to_bytes(scene)
    back = scenes.from_bytes(data)
    np.testing.assert_allclose(back.mean, scene.mean, atol=1e-3)
    assert back.adopted is not None
    assert back.weight == pytest.approx(scene.weight)
    assert len(data) < 3 * 2 * LENGTH + 1_000  # three rows and some numbers


def scene_of(mean: Floats, last: Floats) -> bytes:
    none = np.zeros(0, np.float32)
    return scenes.to_bytes(StreamScene(mean, last, np.zeros(2, np.float32), 0, 0, none))


FOUR = np.zeros(4, np.float32)


@pytest.mark.parametrize("data", [b"junk", b"", scene_of(FOUR * np.nan, FOUR), scene_of(FOUR, FOUR[:3])])
def test_odd_bytes_are_one_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        scenes.from_bytes(data)
    assert caught.value.key == "bad_scene"


def test_a_scene_of_another_model_starts_anew(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    scene, _ = after(model, rows)
    other = replace(scene, labels=np.ones(5, np.float32))
    assert follow(model, rows[0], other).weight == 0


def test_a_model_of_format_1_judges_frames_as_photos(model: Model) -> None:
    rows, _ = rows_in(PLACE)
    old = replace(model, spread=None)
    scene, changed = after(old, rows)
    assert not changed
    assert scene.weight == 0
    assert judged(old, rows[0], scene, look_around=True).unsure == bool(old.guesses(rows[:1])[1][0])


def test_heads_on_final_features_alone_have_a_spread_of_the_same_length() -> None:
    photos = photo_set(6, 3)
    choice = train(photos, LABELS).check.choice
    head, _, spread = fit(photos, LABELS, replace(choice, final_only=True), LENGTH // 2)
    assert head.weight.shape[1] == spread.directions.shape[1] == LENGTH
    assert not spread.directions[:, LENGTH // 2 :].any()
