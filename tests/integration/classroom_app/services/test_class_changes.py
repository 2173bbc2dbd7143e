"""A class is changed after it was made, made once more, and made of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from classroom_app.data.repository import challenge as challenge_rows
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.states import CountedRun, DeletionScope
from classroom_app.views.classes import ContestRules, EventView, NewLabel
from classroom_app.views.deletion import DeletionTarget
from tests.support import copies
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, identity, jpeg, take


def label_named(name: str) -> NewLabel:
    return NewLabel("", "🌸", name, "")


def challenge_of(app: App, event: EventView, photos: int = 4) -> None:
    for label in event.labels:
        files = [(f"{n}.jpg", jpeg(COLORS[label.key], n)) for n in range(photos)]
        assert put_in(app.challenge, event.id, label.id, files).added == photos


def test_a_class_its_labels_and_its_groups_get_other_names_at_any_time(app: App, event: EventView) -> None:
    group, label = event.groups[0], event.labels[0]
    app.class_changes.rename(event.id, "  午後のクラス ")
    app.class_changes.rename_label(event.id, label.id, label_named("{赤|あか}いりんご"))
    app.class_changes.rename_group(event.id, group.id, "{青|あお}チーム", "")
    now = app.classes.get(event.id)
    assert now.name == "午後のクラス"
    assert (now.labels[0].key, now.labels[0].name_ja) == (label.key, "{赤|あか}いりんご")
    assert (now.groups[0].name_ja, now.groups[0].name_en) == ("{青|あお}チーム", "青チーム")
    assert (now.groups[0].emoji, now.groups[0].join_path) == (group.emoji, group.join_path)


@pytest.mark.parametrize("name", ["", " ", "x" * 41])
def test_a_group_needs_a_name_that_fits(app: App, event: EventView, name: str) -> None:
    with pytest.raises(BadInputError, match="class_group_name_wrong"):
        app.class_changes.rename_group(event.id, event.groups[0].id, name, "")


def test_no_two_things_of_a_class_are_called_alike(app: App, event: EventView) -> None:
    other = event.groups[1]
    with pytest.raises(BadInputError, match="class_group_name_taken"):
        app.class_changes.rename_group(event.id, event.groups[0].id, other.name_ja + " ", "Heroes")
    app.class_changes.rename_group(event.id, other.id, other.name_ja, other.name_en)  # its own
    with pytest.raises(BadInputError, match="class_labels_same_name"):
        app.class_changes.rename_label(event.id, event.labels[0].id, label_named(event.labels[1].name_ja))


def test_what_belongs_to_another_class_cannot_be_named(app: App) -> None:
    event = app.classes.create("One", 1, template="fruit")
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.class_changes.rename_group(event.id, other.groups[0].id, "x", "")
    with pytest.raises(NotFoundError):
        app.class_changes.rename_label(event.id, other.labels[0].id, label_named("x"))
    with pytest.raises(NotFoundError):
        app.class_changes.remove_label(event.id, other.labels[0].id)


def test_labels_come_and_go_before_the_class_collects_and_without_photos(app: App) -> None:
    event = app.classes.create("Labels", 1, template="fruit")
    app.class_changes.add_label(event.id, label_named("もも"))
    labels = app.classes.get(event.id).labels
    assert [label.name_ja for label in labels][-1] == "もも"
    challenge_of(app, event)
    with pytest.raises(ConflictError, match="class_label_has_photos"):
        app.class_changes.remove_label(event.id, event.labels[0].id)
    app.class_changes.remove_label(event.id, labels[-1].id)
    app.classes.set_phase(event.id, "collect")
    with pytest.raises(ConflictError, match="class_labels_fixed"):
        app.class_changes.add_label(event.id, label_named("もも"))
    with pytest.raises(ConflictError, match="class_labels_fixed"):
        app.class_changes.remove_label(event.id, event.labels[0].id)


def test_two_labels_stay(app: App) -> None:
    event = app.classes.create("Two", 1, labels=[label_named("もも"), label_named("石")])
    with pytest.raises(BadInputError, match="class_labels_few"):
        app.class_changes.remove_label(event.id, event.labels[0].id)


def test_a_group_that_comes_late_is_another_animal_with_a_code_of_its_own(app: App, event: EventView) -> None:
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, event.groups[0].id))
    added = app.class_changes.add_group(event.id)
    groups = app.classes.get(event.id).groups
    assert groups[-1] == added
    assert len({group.key for group in groups}) == len({g.picture_code for g in groups}) == len(groups)
    now = app.classes.get(event.id)
    assert len(take(app, identity(app, now, len(groups) - 1), now, per_label=1)) == len(now.labels)


def test_how_many_ipads_a_group_gets_is_planned(app: App, event: EventView) -> None:
    app.class_changes.set_group_ipads(event.id, event.groups[1].id, 6)
    assert [group.ipads for group in app.classes.get(event.id).groups] == [1, 6, 1]
    for wrong in (0, 7):
        with pytest.raises(BadInputError, match="class_group_ipads_wrong"):
            app.class_changes.set_group_ipads(event.id, event.groups[1].id, wrong)
        with pytest.raises(BadInputError, match="class_group_ipads_wrong"):
            app.classes.create("x", 1, template="fruit", ipads={"penguin": wrong})
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.class_changes.set_group_ipads(other.id, event.groups[1].id, 2)


def test_there_are_no_more_groups_than_are_allowed(app: App) -> None:
    event = app.classes.create("Full", app.settings.max_groups, template="fruit")
    with pytest.raises(ConflictError, match="class_groups_full"):
        app.class_changes.add_group(event.id)


def test_a_class_made_once_more_is_the_same_without_what_happened(app: App) -> None:
    event = app.classes.create("Morning", 3, template="fruit", faces="block")
    rules = ContestRules(CountedRun.LAST, 4, 2, tie_break=True)
    app.contest.set_rules(event.id, rules)
    app.classes.allow_practice_photos(event.id, allowed=False)
    app.classes.set_group_faces(event.id, event.groups[1].id, "block")
    app.class_changes.set_group_ipads(event.id, event.groups[2].id, 3)
    app.expectations.show(event.id, True)
    app.take_home.allow(event.id, allowed=True)
    app.venue.set_networks(event.id, "192.168.10.7/24, 10.0.0.0/8")
    app.class_changes.rename_group(event.id, event.groups[0].id, "{青|あお}チーム", "Blues")
    challenge_of(app, event)
    made = app.classes.make(replace(app.classes.plan(event.id), name="Afternoon"))
    assert app.challenge.copy(made.id, event.id) == 4 * len(event.labels)
    assert app.classes.plan(made.id) == replace(app.classes.plan(event.id), name="Afternoon")
    assert [group.faces for group in made.groups] == [None, "block", None]
    assert [group.ipads for group in made.groups] == [1, 1, 3]
    assert not app.venue.lets_in(made.id, "203.0.113.7"), "a class of the school's Wi-Fi alone stays there"
    assert app.venue.lets_in(made.id, "192.168.10.20")
    assert app.take_home.allowed(made.id)
    assert app.expectations.shown(made.id)
    assert not {group.join_path for group in made.groups} & {group.join_path for group in event.groups}
    by_key = {label.id: label.key for label in (*event.labels, *made.labels)}

    def pictures(event_id: str) -> list[tuple[str, str, bytes]]:
        with app.db.read() as session:
            rows = challenge_rows.photos(session, event_id)
            return [(by_key[row.label_id], row.half, app.challenge.picture(row.id, "full")) for row in rows]

    assert pictures(made.id) == pictures(event.id)
    assert app.challenge.complete(made.id)


def test_photos_that_are_alike_stay_together_in_the_copy(app: App) -> None:
    event = app.classes.create("Alike", 1, template="fruit")
    photo = copies.things(1)
    files = [("1.jpg", photo), ("2.jpg", copies.compressed(photo))]
    put_in(app.challenge, event.id, event.labels[0].id, files)
    made = app.classes.make(replace(app.classes.plan(event.id), name="Again"))
    app.challenge.copy(made.id, event.id)
    assert (
        [len(family) for family in app.challenge.alike(made.id)]
        == [len(family) for family in app.challenge.alike(event.id)]
        == [2]
    )


def test_no_photos_are_copied_into_a_class_that_has_some(app: App, event: EventView) -> None:
    with pytest.raises(ConflictError, match="challenge_not_empty"):
        app.challenge.copy(event.id, event.id)


def test_two_groups_of_one_animal_or_name_are_refused_in_a_plan(app: App, event: EventView) -> None:
    plan = app.classes.plan(event.id)
    first, second, *_ = plan.groups
    with pytest.raises(BadInputError, match="class_group_animal_twice"):
        app.classes.make(replace(plan, groups=(first, replace(first, name_ja="べつ", name_en="Other"))))
    with pytest.raises(BadInputError, match="class_group_name_taken"):
        app.classes.make(replace(plan, groups=(first, replace(second, name_ja=first.name_ja))))


@pytest.fixture
def run(app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    for name, value in (("DATA_DIR", app.settings.data_dir), ("DATABASE_URL", app.settings.database_url)):
        monkeypatch.setenv(f"CLASSROOM_{name}", str(value))

    def command(*arguments: str) -> tuple[int, str]:
        from classroom_app.settings import get_settings

        get_settings.cache_clear()
        done = CliRunner().invoke(cli, ["class", *arguments])
        return done.exit_code, done.output

    return command


def test_a_class_is_made_of_a_file_that_another_one_was_written_to(
    app: App, event: EventView, run: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    file = tmp_path / "class.yaml"
    assert run("export", event.id, "--to", str(file)) == (0, "")
    assert run("export", event.id, "--to", str(file))[0] == 1, "no file is written over"
    file.write_text(file.read_text(encoding="utf-8").replace(event.name, "Tomorrow"), encoding="utf-8")
    code, told = run("create", "--from", str(file))
    assert (code, "Tomorrow" in told) == (0, True)
    made = app.classes.all()[0]
    assert app.classes.plan(made.id) == replace(app.classes.plan(event.id), name="Tomorrow")
    assert made.id in run("list")[1]


def test_a_file_that_is_wrong_makes_nothing_and_says_why(
    app: App, event: EventView, run: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    file = tmp_path / "class.yaml"
    for content, told in (
        (b"name: x\nsubject: fruit\ngroups: 99", "groups"),
        (b"name: x\nsubject: fruit\ngroups: 3\nface: warn", "face"),
        ("name: 組".encode("cp932"), "UTF-8"),
    ):
        file.write_bytes(content)
        code, output = run("create", "--from", str(file))
        assert (code, told in output, "Traceback" in output) == (1, True, False), output
    assert [found.id for found in app.classes.all()] == [event.id]
    assert run("export", "nothing")[0] == 1


def test_a_command_on_a_folder_without_a_class_database_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classroom_app.settings import get_settings

    monkeypatch.setenv("CLASSROOM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("CLASSROOM_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    done = CliRunner().invoke(cli, ["class", "list"])
    assert (done.exit_code, "make run" in done.output) == (1, True), done.output


def test_a_class_is_not_made_with_networks_that_are_none(app: App) -> None:
    event = app.classes.create("Morning", 1, template="fruit")
    with pytest.raises(BadInputError, match="venue_wrong"):
        app.classes.make(replace(app.classes.plan(event.id), networks=("the school",)))
    assert len(app.classes.all()) == 1
