"""A filter of photos means what it says, and never all photos by accident."""

from __future__ import annotations

import datetime as dt

import pytest

from classroom_app.data.repository.photo_filter import PhotoFilter, condition
from classroom_app.data.tables import ChallengePhoto, Photo


def test_all_that_is_given_has_to_fit() -> None:
    asked = PhotoFilter(group_ids=("g", "h"), label_id="l")
    text = str(condition(Photo, asked).compile(compile_kwargs={"literal_binds": True}))
    assert text == "photos.group_id IN ('g', 'h') AND photos.label_id = 'l'"


def test_saved_by_a_time_means_up_to_that_time() -> None:
    asked = PhotoFilter(group_ids=("g",), saved_by=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert str(condition(Photo, asked)).endswith("AND photos.created_at <= :created_at_1")


def test_no_groups_are_no_photos() -> None:
    text = str(condition(Photo, PhotoFilter(group_ids=())).compile(compile_kwargs={"literal_binds": True}))
    assert "1 != 1" in text


def test_a_filter_that_names_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="something to go by"):
        PhotoFilter()


def test_challenge_photos_are_of_no_group_and_photos_of_no_class() -> None:
    with pytest.raises(ValueError, match="group_id"):
        condition(ChallengePhoto, PhotoFilter(group_ids=("g",)))
    with pytest.raises(ValueError, match="event_id"):
        condition(Photo, PhotoFilter(event_id="e"))
