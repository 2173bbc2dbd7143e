"""Classes at the command line: made from a file, kept as a file, listed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classroom_app.commands.common import command_settings, console, failed

if TYPE_CHECKING:
    from classroom_app.services.classes import ClassService
    from classroom_app.views.classes import EventView

cli = typer.Typer(help="Classes: make one from a file, keep one as a file, list them.", no_args_is_help=True)
Data = Annotated[Path | None, typer.Option(help="Folder of all data.")]


@cli.command()
def create(
    file: Annotated[Path, typer.Option("--from", help="A class.yaml.", exists=True, dir_okay=False)],
    data: Data = None,
) -> None:
    """Make a class as a file says: its labels, its groups, its rules."""
    from classroom_app.services.class_plan import read_plan

    with _classes(data) as classes:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as exc:
            raise failed(f"{file} is no text in UTF-8.") from exc
        event = classes.make(read_plan(text))
    console.print(
        f"Made “{event.name}”: {len(event.labels)} labels, {len(event.groups)} groups. "
        "Its challenge photos are still to come, on the facilitators' page.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@cli.command()
def export(
    wanted: Annotated[str, typer.Argument(metavar="CLASS", help="Its id or its name, see `class list`.")],
    to: Annotated[Path | None, typer.Option(help="Write here; without it on the screen.")] = None,
    data: Data = None,
) -> None:
    """A class as a file, without photos and without anything that happened in it."""
    from classroom_app.services.class_plan import written_plan

    with _classes(data) as classes:
        text = written_plan(classes.plan(_one(classes, wanted).id))
    if to is None:
        typer.echo(text, nl=False)
        return
    try:
        with to.open("x", encoding="utf-8") as file:  # never over another one
            file.write(text)
    except OSError as exc:
        raise failed(f"{to}: {exc.strerror}.") from exc


@cli.command(name="list")
def list_classes(data: Data = None) -> None:
    """All classes, the newest first: id, phase, name."""
    with _classes(data) as classes:
        for event in classes.all():
            typer.echo(f"{event.id}  {event.phase:8}  {event.name}")


@contextmanager
def _classes(data: Path | None) -> Iterator[ClassService]:
    """Ends the command with a sentence where something is wrong."""
    from classroom_app.content import i18n
    from classroom_app.errors import ClassroomError
    from classroom_app.resources import open_db
    from classroom_app.services.class_terms import ClassTerms
    from classroom_app.services.classes import ClassService

    settings = command_settings(data)
    db = open_db(settings)
    try:
        yield ClassService(db, settings.max_groups, ClassTerms.of(settings))
    except ClassroomError as exc:
        if exc.is_our_fault or exc.retry:
            raise failed("Is the database there and up to date? `make run` makes it.") from exc
        raise failed(i18n.t(exc.key, "en", **exc.params)) from exc
    finally:
        db.close()


def _one(classes: ClassService, wanted: str) -> EventView:
    found = [event for event in classes.all() if wanted in {event.id, event.name}]
    if len(found) == 1:
        return found[0]
    if found:
        raise failed(f"{len(found)} classes are called “{wanted}”: give the id of one (`class list`).")
    raise failed(f"No class has the id or the name “{wanted}” (`class list` shows them).")
