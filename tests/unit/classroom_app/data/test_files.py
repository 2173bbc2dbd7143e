"""The files of a class: a photo and its small picture go together, and errors come out as ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classroom_app.data.files import Files
from classroom_app.errors import ClassroomError, NotFoundError, UnavailableError
from ml_core.contract.blobs import BlobError, BlobNotFoundError, FolderBlobs


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(FolderBlobs(tmp_path))


def test_a_photo_and_its_small_picture_are_put_and_deleted_together(files: Files) -> None:
    files.put_photo("c/photo.jpg", b"large", b"small")
    assert files.keys("c/") == ["c/photo.jpg", "c/photo.thumb.jpg"]
    assert files.get_photo("c/photo.jpg") == b"large"
    assert files.get_photo("c/photo.jpg", "thumb") == b"small"
    files.delete_photo("c/photo.jpg")
    files.delete_photo("c/photo.jpg")  # a deletion may be repeated
    assert files.keys("") == []


def test_what_is_not_there_is_not_found(files: Files) -> None:
    with pytest.raises(NotFoundError):
        files.get("c/nothing.jpg")
    assert not files.delete("c/nothing.jpg")


def test_a_prefix_goes_whole_and_an_empty_one_is_refused(files: Files) -> None:
    for key in ("a/1", "a/b/2", "c/3"):
        files.put(key, b"x")
    assert files.delete_prefix("a/") == 2
    assert files.keys("") == ["c/3"]
    with pytest.raises(ValueError, match="whole store"):
        files.delete_prefix("")


class Failing:
    """A store of which no method works."""

    def __init__(self, error: BlobError) -> None:
        self.error = error

    def __getattr__(self, _name: str) -> object:
        def fail(*_args: object) -> None:
            raise self.error

        return fail


def test_a_bucket_that_is_gone_is_no_reason_to_refuse_a_photo() -> None:
    """Cloud storage says "not found" of a bucket too: an iPad must keep the photo and ask again."""
    files = Files(Failing(BlobNotFoundError("no such bucket")))  # type: ignore[arg-type]  # nothing works
    asks: list[Callable[[], object]] = [
        lambda: files.put_photo("a.jpg", b"", b""),
        lambda: files.delete("a"),
        lambda: files.keys("a"),
        lambda: files.delete_prefix("a"),
    ]
    for ask in asks:
        with pytest.raises(UnavailableError) as error:
            ask()
        assert error.value.retry


def test_a_store_that_is_away_is_unavailable_for_everything() -> None:
    files = Files(Failing(BlobError("away")))  # type: ignore[arg-type]  # it has no method that works
    asks: list[Callable[[], object]] = [
        lambda: files.get("a"),
        lambda: files.put("a", b""),
        lambda: files.delete("a"),
        lambda: files.keys("a"),
        lambda: files.delete_prefix("a"),
        lambda: files.get_photo("a"),
        lambda: files.put_photo("a", b"", b""),
        lambda: files.delete_photo("a"),
    ]
    for ask in asks:
        with pytest.raises(ClassroomError) as error:
            ask()
        assert isinstance(error.value, UnavailableError)
