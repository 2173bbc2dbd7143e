"""A class as a file that a person can read, write and keep: `class.yaml`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from classroom_app.content import catalog
from classroom_app.errors import BadInputError
from classroom_app.services.class_terms import CLASS_DAYS_MAX
from classroom_app.services.contest_rules import FREEZE_MINUTES_MAX, TRAININGS_MAX
from classroom_app.services.venue import NETWORKS_MAX
from classroom_app.states import FREEZE_MINUTES, IPADS_MAX, CountedRun, FaceRule
from classroom_app.views.classes import ClassPlan, ContestRules, NewLabel

FILE_CHARS_MAX = 100_000
_GROUPS_MAX = 60  # no setting allows more
_HEAD = "# A class, to be made with: python -m classroom_app class create --from FILE\n"
_PICTURE = "🏷️"  # of a label that names none


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Label(_Part):
    name_ja: str = ""
    name_en: str = ""
    emoji: str = _PICTURE
    key: str = ""


class _Group(_Part):
    """An animal of the catalogue; with names of its own, or with the animal's. `faces`: where it is to be
    stricter than the class's. `ipads`: that it gets on the day.
    """

    animal: str
    name_ja: str = ""
    name_en: str = ""
    faces: Annotated[FaceRule | None, Field(strict=False)] = None
    ipads: Annotated[int, Field(ge=1, le=IPADS_MAX)] = 1


_Number = Annotated[int, Field(ge=1, le=_GROUPS_MAX), Tag("number")]
_List = Annotated[list[_Group], Field(min_length=1, max_length=_GROUPS_MAX), Tag("list")]
_KINDS = ("number", "list")


class _Rules(_Part):
    counted: Annotated[CountedRun, Field(strict=False)] = CountedRun.BEST
    trainings_max: Annotated[int | None, Field(ge=1, le=TRAININGS_MAX)] = None
    freeze_minutes: Annotated[int, Field(ge=0, le=FREEZE_MINUTES_MAX)] = FREEZE_MINUTES
    tie_break: bool = False


class _File(_Part):
    name: Annotated[str, Field(strict=False, coerce_numbers_to_str=True)]  # `5` is a name
    subject: str | None = None  # a class template's key, in place of labels
    labels: list[_Label] = []
    groups: Annotated[_Number | _List, Discriminator(lambda given: _KINDS[isinstance(given, list)])]
    faces: Annotated[FaceRule, Field(strict=False)] = FaceRule.WARN
    show_practice: bool = True
    show_baselines: bool = False
    take_home: bool = False
    keep_days: Annotated[int | None, Field(ge=1, le=CLASS_DAYS_MAX)] = None  # the settings may allow less
    networks: Annotated[list[str], Field(max_length=NETWORKS_MAX)] = []  # looked at when the class is made
    rules: _Rules = _Rules()


def read_plan(text: str) -> ClassPlan:
    """Raises BadInputError that says where something is wrong: `plan_not_yaml` (line), `plan_missing`,
    `plan_unknown`, `plan_value` (place), `plan_long`, `plan_labels_or_subject`, `plan_animal_unknown`,
    `class_template_unknown`.

    What only the making of a class knows (too many groups, two labels alike) is said then.
    """
    if len(text) > FILE_CHARS_MAX:
        raise BadInputError("plan_long", number=FILE_CHARS_MAX)
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        raise BadInputError("plan_not_yaml", line=mark.line + 1 if mark else 1) from exc
    if not isinstance(given, dict):
        raise BadInputError("plan_not_yaml", line=1)
    try:
        file = _File.model_validate(given)
    except ValidationError as exc:
        raise _first_wrong(exc) from exc
    return ClassPlan(
        name=file.name,
        labels=_labels(file),
        groups=_groups(file.groups),
        faces=file.faces,
        group_faces=_group_faces(file.groups),
        group_ipads=_group_ipads(file.groups),
        show_practice=file.show_practice,
        show_baselines=file.show_baselines,
        take_home=file.take_home,
        keep_days=file.keep_days,
        networks=tuple(file.networks),
        rules=ContestRules(**file.rules.model_dump()),
    )


def written_plan(plan: ClassPlan) -> str:
    """The file; reading it gives the same plan."""
    content: dict[str, Any] = {
        "name": plan.name,
        "labels": [
            {
                "name_ja": label.name_ja,
                "name_en": label.name_en,
                "emoji": label.emoji,
                "key": label.key,
            }
            for label in plan.labels
        ],
        "groups": [
            {
                "animal": group.key,
                "name_ja": group.name_ja,
                "name_en": group.name_en,
                **({"faces": rule.value} if (rule := plan.group_faces.get(group.key)) else {}),
                "ipads": plan.group_ipads.get(group.key, 1),
            }
            for group in plan.groups
        ],
        "faces": plan.faces.value,
        "show_practice": plan.show_practice,
        "show_baselines": plan.show_baselines,
        "take_home": plan.take_home,
        "keep_days": plan.keep_days,
        "networks": list(plan.networks),
        "rules": {**asdict(plan.rules), "counted": plan.rules.counted.value},
    }
    return _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _labels(file: _File) -> tuple[NewLabel, ...]:
    if (file.subject is None) == (not file.labels):
        raise BadInputError("plan_labels_or_subject")
    if file.subject is None:
        return tuple(NewLabel(label.key, label.emoji, label.name_ja, label.name_en) for label in file.labels)
    template = catalog.class_template(file.subject)
    if template is None:
        raise BadInputError("class_template_unknown")
    return tuple(NewLabel(label.key, label.emoji, label.name_ja, label.name_en) for label in template.labels)


def _groups(given: int | list[_Group]) -> tuple[catalog.GroupTemplate, ...]:
    if isinstance(given, int):
        return catalog.groups_for(given)
    return tuple(_group(item, number) for number, item in enumerate(given, 1))


def _group_faces(given: int | list[_Group]) -> dict[str, FaceRule]:
    groups = [] if isinstance(given, int) else given
    return {group.animal: group.faces for group in groups if group.faces is not None}


def _group_ipads(given: int | list[_Group]) -> dict[str, int]:
    groups = [] if isinstance(given, int) else given
    return {group.animal: group.ipads for group in groups if group.ipads != 1}


def _group(given: _Group, number: int) -> catalog.GroupTemplate:
    animal = catalog.group_of_key(given.animal)
    if animal is None:
        raise BadInputError("plan_animal_unknown", number=number, name=given.animal[:40])
    if not (given.name_ja.strip() or given.name_en.strip()):
        return animal
    return replace(animal, name_ja=given.name_ja, name_en=given.name_en)  # completed when the class is made


def _first_wrong(error: ValidationError) -> BadInputError:
    first = error.errors(include_url=False, include_context=False)[0]
    # pydantic names the kind of groups too, which is no place of the file.
    places = [part for part in first["loc"] if part not in _KINDS]
    where = " > ".join(str(part + 1) if isinstance(part, int) else part for part in places)[:80]
    keys = {"missing": "plan_missing", "extra_forbidden": "plan_unknown"}
    return BadInputError(keys.get(first["type"], "plan_value"), where=where)
