"""Own labels are completed, or refused with the sentence for what is wrong."""

from __future__ import annotations

import pytest

from classroom_app.content import i18n
from classroom_app.errors import BadInputError
from classroom_app.services.new_labels import completed
from classroom_app.views.classes import NewLabel

CAT, DOG = NewLabel("cat", "🐱", "ねこ", "Cat"), NewLabel("dog", "🐶", "いぬ", "Dog")


def test_one_name_stands_for_the_other_and_makes_the_key() -> None:
    found = completed([NewLabel("", "🐱", "{猫|ねこ}", ""), NewLabel("", "🐶", "", " Big Dog "), DOG])
    assert found == [
        NewLabel("猫", "🐱", "{猫|ねこ}", "猫"),
        NewLabel("big-dog", "🐶", "Big Dog", "Big Dog"),
        DOG,
    ]
    signs = [NewLabel("", "⭕", "○", ""), NewLabel("", "❌", "×", "")]
    assert [label.key for label in completed(signs)] == ["label-1", "label-2"]


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ([], "class_labels_few"),
        ([CAT], "class_labels_few"),
        ([NewLabel(f"k{n}", "🐱", f"名前{n}", f"n{n}") for n in range(11)], "class_labels_many"),
        ([CAT, NewLabel("x", "🐱", " ", "")], "class_label_no_name"),
        ([CAT, NewLabel("x", "", "いぬ", "Dog")], "class_label_emoji"),
        ([CAT, NewLabel("x", "🐶" * 17, "いぬ", "Dog")], "class_label_emoji"),
        ([CAT, NewLabel("x" * 41, "🐶", "いぬ", "Dog")], "class_label_key_long"),
        ([CAT, NewLabel("x", "🐶", "い" * 81, "Dog")], "class_label_name_long"),
        ([CAT, NewLabel("x", "🐶", "いぬ", "D" * 81)], "class_label_name_long"),
        ([CAT, NewLabel("ＣＡＴ", "🐶", "いぬ", "Dog")], "class_labels_same_key"),
        ([CAT, NewLabel("x", "🐶", "ね　こ", "Dog")], "class_labels_same_name"),
        ([CAT, NewLabel("x", "🐶", "いぬ", "c a t")], "class_labels_same_name"),
        ([NewLabel("", "🐱", "{猫|ねこ}", ""), NewLabel("", "🐶", "猫", "")], "class_labels_same_name"),
    ],
)
def test_each_mistake_has_its_own_sentence(labels: list[NewLabel], key: str) -> None:
    with pytest.raises(BadInputError) as error:
        completed(labels)
    assert error.value.key == key
    for lang in i18n.LANGUAGES:
        assert i18n.t_kanji(key, lang, **error.value.params)


def test_names_crossed_over_the_languages_are_different() -> None:
    crossed = [NewLabel("red", "🟥", "あか", "Blue"), NewLabel("blue", "🟦", "あお", "Red")]
    assert completed(crossed) == crossed
