"""What a teacher may call a label's folder."""

from __future__ import annotations

import unicodedata

import pytest

from classroom_app.services.folder_names import FolderNames
from classroom_app.views.classes import LabelView

LABELS = [
    LabelView("A", "apple", "🍎", "りんご", "Apple"),
    LabelView("B", "book", "📖", "{本|ほん}", "Textbook"),
    LabelView("C", "paperclip", "📎", "クリップ", "Paper clip"),
    LabelView("S", "scissors", "✌️", "チョキ", "Scissors"),
    LabelView("G", "glasses", "👓", "めがね", "Glasses"),
]
NAMES = FolderNames(LABELS)


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("apple", "A"), ("APPLE", "A"), ("Apple", "A"), ("ＡＰＰＬＥ", "A"), (" apple ", "A"),
        ("りんご", "A"), ("リンゴ", "A"), ("ﾘﾝｺﾞ", "A"), ("り ん ご", "A"), ("　りんご", "A"),
        ("本", "B"), ("ほん", "B"), ("{本|ほん}", "B"), ("textbook", "B"), ("ホン", "B"),
        ("Paper clip", "C"), ("paper_clip", "C"), ("paper-clip", "C"), ("PaperClip", "C"), ("くりっぷ", "C"),
        ("🍎", "A"), ("🍎りんご", "A"), ("りんご 🍎", "A"), ("✌️", "S"), ("✌", "S"), ("✌🏽", "S"),
        ("1_りんご", "A"), ("01 apple", "A"), ("(1) apple", "A"), ("①りんご", "A"), ("2.ほん", "B"),
        ("apple (2)", "A"), ("りんご - コピー", "A"), ("りんごのコピー", "A"), ("apple copy", "A"),
        ("めがね", "G"), (unicodedata.normalize("NFD", "めがね"), "G"),
        (unicodedata.normalize("NFD", "メガネ"), "G"),
    ],
)  # fmt: skip
def test_a_folder_is_found_as_teachers_write_it(folder: str, label: str) -> None:
    assert NAMES.label_id([folder]) == label


@pytest.mark.parametrize("folder", ["", " ", "apples", "pear", "りんごとほん", "1", "-", "🍐", "…", "?"])
def test_another_name_is_no_labels(folder: str) -> None:
    assert NAMES.label_id([folder]) is None


def test_the_innermost_folder_of_a_label_counts() -> None:
    assert NAMES.label_id(["class 5-2", "Photos", "apple"]) == "A"
    assert NAMES.label_id(["class 5-2", "apple", "morning", "IMG"]) == "A"
    assert NAMES.label_id(["apple", "book"]) == "B"
    assert NAMES.label_id([]) is None
    assert NAMES.label_id(["photos"]) is None


def test_numbers_as_labels_are_themselves() -> None:
    names = FolderNames([LabelView(key, key, "🖐️", key, key) for key in ("1", "2", "10")])
    assert [names.label_id([folder]) for folder in ("1", "２", "10", "3")] == ["1", "2", "10", None]
    assert names.label_id(["🖐️"]) is None, "all have it"


def test_what_could_be_two_labels_is_neither() -> None:
    names = FolderNames(
        [
            LabelView("x", "hashi1", "🥢", "はし", "Chopsticks"),
            LabelView("y", "hashi2", "🌉", "ハシ", "Bridge"),
        ]
    )
    assert (names.label_id(["はし"]), names.label_id(["ハシ"])) == ("x", "y")
    assert names.label_id(["1_はし"]) is None
