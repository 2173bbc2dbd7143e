"""What is known of ZIPs while they are read, and for a while afterwards."""

from __future__ import annotations

import pytest

from classroom_app.errors import BadInputError, UnavailableError
from classroom_app.services.zip_uploads import KEPT, KEPT_S, ZipUploads
from classroom_app.views.photos import ChallengeUpload, ZipUpload


def test_how_far_it_is_and_then_what_became_of_it() -> None:
    zips, report = ZipUploads(), ChallengeUpload(added_to={"apple": 2})
    assert zips.look("class", "one") is None
    zips.reading("class", "one", 1, 2)
    assert zips.look("class", "one") == ZipUpload(1, 2)
    zips.read("class", "one", report)
    zips.leave("class", "one")
    assert zips.look("class", "one") == ZipUpload(report=report)
    assert zips.look("other", "one") is None


def test_what_ended_it_is_raised_again_but_not_what_may_pass() -> None:
    zips = ZipUploads()
    for upload_id, error in (("a", BadInputError("challenge_not_zip")), ("b", UnavailableError())):
        zips.reading("class", upload_id, 0, 0)
        zips.failed("class", upload_id, error)
        zips.leave("class", upload_id)
    with pytest.raises(BadInputError) as found:
        zips.look("class", "a")
    assert found.value.key == "challenge_not_zip"
    assert zips.look("class", "b") is None, "it may be sent again"


def test_one_without_an_id_is_not_kept() -> None:
    zips = ZipUploads()
    zips.read("class", "", ChallengeUpload())
    assert zips.look("class", "") is None


def test_the_oldest_and_the_old_are_forgotten() -> None:
    now = [0.0]
    zips = ZipUploads(lambda: now[0])
    for number in range(KEPT + 2):
        zips.read("class", str(number), ChallengeUpload())
    assert [zips.look("class", str(number)) is None for number in range(KEPT + 2)] == [True, True] + [
        False
    ] * KEPT
    now[0] = KEPT_S + 1
    assert zips.look("class", str(KEPT)) is None
