"""The command line: starts the app or a part of it; what else it does is in `commands/`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from classroom_app.commands import classes, rehearsals, upkeep
from classroom_app.commands.common import command_settings, console
from ml_core.contract import memory

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
cli.add_typer(classes.cli, name="class")
LAST_REQUESTS_S = 5  # at a stop; then the connections are closed


@cli.callback()
def main() -> None:
    """A one-day AI class for children."""
    memory.forbid_dumps()
    memory.overwrite_freed()
    os.umask(0o077)  # what we write holds photos, keys and names: for this user alone


@cli.command()
def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the web app.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of all data.")] = None,
    tls: Annotated[str | None, typer.Option(help="auto | on | off")] = None,
) -> None:
    """The whole app on this machine; Ctrl-C stops it. What is not given comes from the environment."""
    from pydantic import ValidationError

    from classroom_app.onsite.launcher import LaunchError, launch
    from classroom_app.settings import Settings

    given = {"host": host, "port": port, "data_dir": data, "tls": tls}
    try:
        settings = Settings.model_validate(
            {**Settings().model_dump(), **{name: value for name, value in given.items() if value is not None}}
        )
        launch(settings, console)
    except (LaunchError, ValidationError) as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc


@cli.command()
def web(
    certificate: Annotated[Path | None, typer.Option(help="PEM certificate for HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its PEM key.")] = None,
    wait: Annotated[bool, typer.Option("--wait", hidden=True)] = False,
) -> None:
    """The web tier alone, as in a container; settings come from the environment."""
    from classroom_app.compute.channel import TargetError
    from classroom_app.resources import make_ml
    from classroom_app.web import connections

    settings = command_settings()
    if wait:  # for whoever started us, and prepares the database meanwhile
        import classroom_app.web.asgi  # noqa: F401  # what takes longest

        if not sys.stdin.buffer.read(1):
            raise typer.Exit(1)  # they ended
    connections.allow_many()
    try:
        make_ml(settings).close()  # a wrong address or an absent file is said before anything starts
    except (TargetError, OSError) as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc
    connections.serve(
        "classroom_app.web.asgi:create_app",
        staff_port=settings.staff_port,
        factory=True,
        host=settings.host,
        port=settings.port,
        ssl_certfile=str(certificate) if certificate else None,
        ssl_keyfile=str(key) if key else None,
        log_level="warning",
        log_config=None,  # uvicorn's lines go the way of ours
        access_log=False,  # a log of who asked for what would be personal data
        # Never "*": whoever writes an X-Forwarded-For of their own would choose the address that we see.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        timeout_graceful_shutdown=LAST_REQUESTS_S,
        http=connections.HttpConnection,
        timeout_keep_alive=settings.keep_alive_seconds,  # an iPad between two bursts keeps its connection
        ws_max_size=2 * 1024 * 1024,  # pages send taps, never photos
    )


@cli.command(name="ca-page", hidden=True)
def ca_page(ca: Annotated[Path, typer.Option()], class_url: Annotated[str, typer.Option()]) -> None:
    """The plain-HTTP page that installs the certificate on an iPad."""
    import uvicorn

    from classroom_app.content import i18n
    from classroom_app.onsite import certificate_page as page
    from classroom_app.settings import get_settings

    settings = get_settings()
    texts = {lang: {key: i18n.t_html(key, lang) for key in page.TEXT_KEYS} for lang in i18n.LANGUAGES}
    uvicorn.run(
        page.ca_app(ca, class_url, texts),
        host=settings.host,
        port=settings.ca_port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


for command in (
    upkeep.migrate,
    upkeep.purge,
    upkeep.tiers,
    upkeep.check,
    upkeep.recount,
    upkeep.certs,
    upkeep.password,
    rehearsals.rehearse,
    rehearsals.demo,
    rehearsals.draw,
):
    cli.command()(command)


if __name__ == "__main__":
    cli()
