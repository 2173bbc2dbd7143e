"""Reading, dealing and shrinking of the rehearsal's photos, and the errors of a wrong folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from classroom_app.rehearsal.photos import Folder, challenge_zip, deal, label_keys, read_folder, shrink
from classroom_app.rehearsal.problems import PhotosError

LABELS = ("cup", "star")


def fill(folder: Path, *, labels: tuple[str, ...] = LABELS, train: int = 12, test: int = 3) -> Path:
    for part, count in (("train", train), ("test", test)):
        for label in labels:
            below = folder / part / label
            below.mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (32, 24), (number * 9, 80, 120)).save(below / f"{number:03d}.jpg")
    return folder


def pool(count: int) -> dict[str, tuple[Path, ...]]:
    return {label: tuple(Path(f"{label}{number}.jpg") for number in range(count)) for label in LABELS}


def test_hands_are_disjoint_while_photos_last() -> None:
    dealt = deal(pool(18), groups=3, per_label=6, seed=1)
    for label in LABELS:
        given = [path for hand in dealt.hands for path in hand[label]]
        assert len(given) == len(set(given)) == 18
    assert dealt.reused == {}


def test_reused_photos_are_counted_and_never_twice_in_one_hand() -> None:
    dealt = deal(pool(10), groups=3, per_label=6, seed=1)
    assert dealt.reused == {"cup": 8, "star": 8}
    assert all(len(set(hand[label])) == 6 for hand in dealt.hands for label in LABELS)


def test_the_deal_follows_the_seed() -> None:
    first = deal(pool(18), groups=3, per_label=6, seed=1)
    assert first == deal(pool(18), groups=3, per_label=6, seed=1)
    assert first != deal(pool(18), groups=3, per_label=6, seed=2)


def test_too_few_photos_are_said_with_the_label() -> None:
    with pytest.raises(PhotosError, match="label cup has 5 photos"):
        deal(pool(5), groups=1, per_label=6, seed=0)


def test_a_good_folder_is_read_and_other_files_are_left_out(tmp_path: Path) -> None:
    folder = fill(tmp_path)
    (folder / "README.txt").write_text("not a photo")
    (folder / "train" / "cup" / "notes.txt").write_text("not a photo")
    found = read_folder(folder)
    assert found.labels == LABELS
    assert [len(paths) for paths in found.train.values()] == [12, 12]
    assert [len(paths) for paths in found.test.values()] == [3, 3]


def test_hold_out_takes_the_challenge_from_train(tmp_path: Path) -> None:
    found = read_folder(fill(tmp_path), hold_out=4, seed=3)
    for label in LABELS:
        assert len(found.test[label]) == 4
        assert len(found.train[label]) == 8
        assert not set(found.test[label]) & set(found.train[label])


def test_wrong_folders_are_explained(tmp_path: Path) -> None:
    with pytest.raises(PhotosError, match="is not a folder"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / "a").mkdir()
    with pytest.raises(PhotosError, match="has no folder train/"):
        read_folder(tmp_path / "a")
    one_label = fill(tmp_path / "b", labels=("cup",))
    with pytest.raises(PhotosError, match="photos of 1 labels"):
        read_folder(one_label)
    differing = fill(tmp_path / "c")
    (differing / "test" / "star").rename(differing / "test" / "moon")
    with pytest.raises(PhotosError, match=r"only in train/: star; only in test/: moon"):
        read_folder(differing)
    few = fill(tmp_path / "d", test=1)
    with pytest.raises(PhotosError, match="challenge needs 2"):
        read_folder(few)
    with pytest.raises(PhotosError, match="leaves none"):
        read_folder(few, hold_out=12)


def test_a_folder_without_test_names_the_way_out(tmp_path: Path) -> None:
    folder = fill(tmp_path)
    (folder / "test").rename(tmp_path / "other")
    with pytest.raises(PhotosError, match="--hold-out"):
        read_folder(folder)


def test_a_broken_photo_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 not really")
    with pytest.raises(PhotosError, match=r"broken\.jpg cannot be read as a photo"):
        shrink(broken)
    with pytest.raises(PhotosError, match=r"broken\.jpg cannot be read as a photo"):
        challenge_zip({"cup": (broken,)}, {"cup": "cup"})


def test_shrink_turns_upright_and_drops_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "maker of the camera"
    big = tmp_path / "big.jpg"
    Image.new("RGB", (1600, 1200), "red").save(big, exif=exif)
    with Image.open(io.BytesIO(shrink(big))) as sent:
        assert sent.size == (480, 640)
        assert sent.format == "JPEG"
        assert not sent.getexif()


def test_the_challenge_zip_has_a_folder_per_label_key(tmp_path: Path) -> None:
    found: Folder = read_folder(fill(tmp_path))
    with zipfile.ZipFile(io.BytesIO(challenge_zip(found.test, {"cup": "cup", "star": "star_2"}))) as archive:
        assert sorted({name.split("/")[0] for name in archive.namelist()}) == ["cup", "star_2"]
        assert len(archive.namelist()) == 6


def test_label_keys_are_plain_and_unique() -> None:
    assert label_keys(("Paper Cup", "paper-cup", "りんご")) == {
        "Paper Cup": "paper_cup",
        "paper-cup": "paper_cup_2",
        "りんご": "label_3",
    }
