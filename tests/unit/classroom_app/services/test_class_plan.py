"""A class as a file: what was written is read again, and what is wrong is said with its place."""

from __future__ import annotations

import pytest

from classroom_app.content import i18n
from classroom_app.errors import BadInputError
from classroom_app.services.class_plan import FILE_CHARS_MAX, read_plan, written_plan
from classroom_app.states import CountedRun, FaceRule

WHOLE = """
name: 5年2組
labels:
  - {name_ja: "{花|はな}", name_en: Flower, emoji: 🌸, key: flower}
  - {name_ja: 石}
groups:
  - {animal: lion, name_ja: "{赤|あか}チーム"}
  - {animal: penguin-2, faces: block, ipads: 2}
faces: block
show_practice: false
show_baselines: true
take_home: true
keep_days: 3
networks: [192.168.10.0/24, 2001:db8::/32]
rules: {counted: chosen, trainings_max: 5, freeze_minutes: 0, tie_break: true}
"""


def test_everything_that_a_class_is_made_of_is_read() -> None:
    plan = read_plan(WHOLE)
    assert [label.name_ja for label in plan.labels] == ["{花|はな}", "石"]
    assert [(group.key, group.name_ja) for group in plan.groups] == [
        ("lion", "{赤|あか}チーム"),
        ("penguin-2", "ペンギン2"),
    ]
    assert (plan.faces, plan.show_practice) == (FaceRule.BLOCK, False)
    assert plan.group_faces == {"penguin-2": FaceRule.BLOCK}
    assert plan.group_ipads == {"penguin-2": 2}
    assert (plan.show_baselines, plan.take_home) == (True, True)
    assert plan.keep_days == 3
    assert plan.networks == ("192.168.10.0/24", "2001:db8::/32")
    assert (plan.rules.counted, plan.rules.trainings_max) == (CountedRun.CHOSEN, 5)
    assert (plan.rules.freeze_minutes, plan.rules.tie_break) == (0, True)


@pytest.mark.parametrize("text", [WHOLE, "{name: 5, subject: fruit, groups: 3}"], ids=["whole", "short"])
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    plan = read_plan(text)
    assert read_plan(written_plan(plan)) == plan


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ("name: x\nlabels: [", "plan_not_yaml", "2"),
        ("- a list", "plan_not_yaml", "1"),
        ("a: &a [*a]", "plan_missing", "name"),
        ("name: x\nsubject: fruit", "plan_missing", "groups"),
        ("name: x\nsubject: fruit\ngroups: 3\nlabel: []", "plan_unknown", "label"),
        ("name: x\nsubject: fruit\ngroups: 0", "plan_value", "groups"),
        ("name: x\nsubject: fruit\ngroups: 1000000000", "plan_value", "groups"),
        ("name: x\nsubject: fruit\ngroups: []", "plan_value", "groups"),
        ("name: x\nsubject: fruit\ngroups: [{animal: cat, ipads: 7}]", "plan_value", "groups > 1 > ipads"),
        (
            "name: x\nsubject: fruit\ngroups: [{animal: lion}, {animal: 3}]",
            "plan_value",
            "groups > 2 > animal",
        ),
        ("name: x\nsubject: fruit\ngroups: [{animal: dodo}]", "plan_animal_unknown", "dodo"),
        ("name: x\nsubject: stars\ngroups: 3", "class_template_unknown", ""),
        ("name: x\ngroups: 3", "plan_labels_or_subject", ""),
        ("name: x\ngroups: 3\nsubject: fruit\nlabels: [{name_ja: 石}]", "plan_labels_or_subject", ""),
        (
            "name: x\ngroups: 3\nlabels: [{name_ja: 石}, {name_jp: 花}]",
            "plan_unknown",
            "labels > 2 > name_jp",
        ),
        ("name: x\nsubject: fruit\ngroups: 3\nfaces: sometimes", "plan_value", "faces"),
        ("name: x\nsubject: fruit\ngroups: 3\nnetworks: 10.0.0.0/8", "plan_value", "networks"),
        (
            "name: x\nsubject: fruit\ngroups: 3\nrules: {trainings_max: 99}",
            "plan_value",
            "rules > trainings_max",
        ),
        ("name: !!python/object/apply:os.getcwd []", "plan_not_yaml", "1"),
        ("#" * (FILE_CHARS_MAX + 1), "plan_long", f"{FILE_CHARS_MAX}"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_in_both_languages(text: str, key: str, told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        read_plan(text)
    assert caught.value.key == key
    for lang in i18n.LANGUAGES:
        assert told in i18n.t(key, lang, **caught.value.params)
