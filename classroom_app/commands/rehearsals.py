"""A class day or a class's load without hands, and the photos that are drawn for it.

Options alone: how a day is played is the rehearsal's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from classroom_app.commands.common import console

if TYPE_CHECKING:
    from rich.console import Console

    from classroom_app.rehearsal import RehearsalOptions, RehearsalReport
    from classroom_app.rehearsal.load_options import LoadOptions
    from classroom_app.rehearsal.load_report import LoadReport

OptionsT = TypeVar("OptionsT", "RehearsalOptions", "LoadOptions")


def rehearse(
    photos: Annotated[
        Path | None, typer.Option(help="Folder with train/<label>/*.jpg and test/<label>/*.jpg.")
    ] = None,
    groups: int = 6,
    photos_per_label: int = 10,
    seed: int = 0,
    json: Annotated[Path | None, typer.Option(help="Write the figures here.")] = None,
    url: Annotated[str | None, typer.Option(help="A running app; without it one is started.")] = None,
    facilitator: str = "facilitator",
    ca: Annotated[Path | None, typer.Option(help="PEM of the app's private CA.")] = None,
    hold_out: Annotated[int, typer.Option(help="Test photos per label when there is no test folder.")] = 0,
    keep: Annotated[bool, typer.Option(help="Do not delete the class afterwards.")] = False,
    ipads: Annotated[
        int | None, typer.Option(help="Load instead of a day: so many iPads at once, with pages held open.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="How long, with --ipads or --ramp.")] = 10,
    ramp: Annotated[
        str | None, typer.Option(help="Several numbers of iPads one after another: 10,20,40,80.")
    ] = None,
    pace: Annotated[
        Literal["hurry", "lesson"],
        typer.Option(help="Of the iPads under load; hurry: all photograph at once, without a break."),
    ] = "hurry",
    server_guesses: Annotated[
        bool,
        typer.Option(help="iPads under load ask the server for their guesses."),
    ] = False,
) -> None:
    """Play a whole class day without hands, or a full class's load. With --url the password comes from
    CLASSROOM_PASSWORD; with --ipads or --ramp photos are drawn where --photos gives none.
    """
    from classroom_app.rehearsal import RehearsalError, RehearsalOptions
    from classroom_app.rehearsal import rehearse as play
    from classroom_app.rehearsal.load_options import LoadOptions, LoadPace, numbers_of

    secret = os.environ.get("CLASSROOM_PASSWORD")
    if url and not secret:
        secret = typer.prompt("Password of the facilitator", hide_input=True)
    if ipads is not None or ramp is not None:
        try:
            numbers = numbers_of(ramp) if ramp is not None else (ipads or 0,)
        except RehearsalError as exc:
            raise typer.BadParameter(str(exc)) from exc
        load = LoadOptions(
            numbers,
            minutes,
            photos=photos,
            seed=seed,
            json_out=json,
            url=url,
            facilitator=facilitator,
            password=secret,
            ca=ca,
            keep=keep,
            hold_out=hold_out,
            rhythm=LoadPace(pace).rhythm(server_guesses=server_guesses),
        )
        from classroom_app.rehearsal.load import rehearse_load

        _play(load, rehearse_load)
        return
    if photos is None:
        raise typer.BadParameter("Missing option '--photos'.")
    options = RehearsalOptions(
        photos=photos,
        groups=groups,
        photos_per_label=photos_per_label,
        seed=seed,
        json_out=json,
        url=url,
        facilitator=facilitator,
        password=secret,
        ca=ca,
        keep=keep,
        hold_out=hold_out,
    )
    _play(options, play)


def demo(groups: int = 4, photos_per_label: int = 10, seed: int = 0, json: Path | None = None) -> None:
    """A rehearsal on photos drawn just now; they say that they are drawn."""
    import tempfile

    from classroom_app.rehearsal import RehearsalOptions
    from classroom_app.rehearsal import rehearse as play
    from classroom_app.rehearsal.drawn_photos import make_drawn_photos

    with tempfile.TemporaryDirectory(prefix="classroom-drawn-") as folder:
        make_drawn_photos(Path(folder), train=groups * photos_per_label, seed=seed)
        options = RehearsalOptions(
            photos=Path(folder), groups=groups, photos_per_label=photos_per_label, seed=seed, json_out=json
        )
        _play(options, play)


def draw(
    folder: Annotated[Path, typer.Argument(help="Gets train/<label>/*.jpg and test/<label>/*.jpg.")],
    train: Annotated[int, typer.Option(min=1, help="Photos per label.")] = 24,
    test: Annotated[int, typer.Option(min=1, help="Photos per label.")] = 12,
    seed: int = 0,
) -> None:
    """Draw photos to try things on; they say that they are drawn."""
    from classroom_app.rehearsal.drawn_photos import make_drawn_photos

    make_drawn_photos(folder, train=train, test=test, seed=seed)


def _play(options: OptionsT, play: Callable[[OptionsT, Console], RehearsalReport | LoadReport]) -> None:
    from classroom_app.rehearsal import RehearsalError

    try:
        report = play(options, console)
    except RehearsalError as exc:
        console.print(str(exc), style="red", highlight=False)
        raise typer.Exit(2) from exc
    if report.failures:
        raise typer.Exit(1)
