"""What the browser tells of files on their way: only what it may say gets into the page."""

from __future__ import annotations

from classroom_app.ui.widgets.upload import UploadTold, told_of


def test_what_is_no_message_is_none() -> None:
    for value in (None, "done", 3, ["a"]):
        assert told_of(value) is None
    assert told_of({"id": "", "ts": 1}) == UploadTold()


def test_a_report_is_taken_over() -> None:
    told = told_of(
        {
            "id": "a 1",
            "added_to": {"apple": 3},
            "alike": 1,
            "rejected": [{"error": "photo_not_image", "count": 7, "names": ["a.jpg", "b.jpg"]}],
        }
    )
    assert told is not None
    assert told.id == "a 1"
    assert told.report is not None
    assert (told.report.added, told.report.alike, told.report.rejected_count) == (3, 1, 7)
    assert told.report.rejected["photo_not_image"].names == ["a.jpg", "b.jpg"]


def test_nonsense_breaks_no_page() -> None:
    told = told_of(
        {
            "id": 5,
            "added_to": ["apple"],
            "alike": "many",
            "rejected": [
                "x",
                {"error": "no_such_sentence", "count": None, "names": "abc"},
                {"error": "challenge_full", "names": ["n" * 1000] * 100},  # its sentence has a blank
            ],
        }
    )
    assert told is not None
    assert told.report is not None
    assert told.report.added == told.report.alike == told.report.rejected_count == 0
    assert told.report.rejected.keys() == {"error_internal"}
    assert [len(name) for name in told.report.rejected["error_internal"].names] == [120] * 5
