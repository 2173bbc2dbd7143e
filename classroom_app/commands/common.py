"""What commands have in common: the settings, or a sentence about what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

if TYPE_CHECKING:
    from classroom_app.settings import Settings

console = Console()


def command_settings(data: Path | None = None) -> Settings:
    """What the environment says; `data`: another folder. Ends the command where they are wrong."""
    from classroom_app.settings import Settings, get_settings

    try:
        if data is not None:
            return Settings.model_validate({**get_settings().model_dump(), "data_dir": data})
        return get_settings()
    except ValueError as exc:  # a ValidationError is one
        raise failed(str(exc)) from exc


def failed(sentence: str) -> typer.Exit:
    console.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)
