"""The command line: run, rehearse, and what a facilitator does from a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from classroom_app.onsite import class_commands
from classroom_app.onsite.command_settings import command_settings, console
from ml_core.contract import memory

if TYPE_CHECKING:
    from rich.console import Console

    from classroom_app.rehearsal import RehearsalOptions, RehearsalReport
    from classroom_app.rehearsal.load_options import LoadOptions
    from classroom_app.rehearsal.load_report import LoadReport
    from classroom_app.settings import Settings
    from classroom_app.views.contest import Recount
    from classroom_app.views.deletion import IntegrityReport

OptionsT = TypeVar("OptionsT", "RehearsalOptions", "LoadOptions")

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
cli.add_typer(class_commands.cli, name="class")
LAST_REQUESTS_S = 5  # at a stop; then the connections are closed


@cli.callback()
def main() -> None:
    """A one-day AI class for children."""
    memory.forbid_dumps()
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


@cli.command()
def migrate() -> None:
    """Bring the database to the newest tables; with CLASSROOM_FIRST_PASSWORD make the first facilitator."""
    from classroom_app.data import migrate as migrations
    from classroom_app.errors import PasswordTooShortError
    from classroom_app.resources import open_db, secret_key
    from classroom_app.services.access import AccessService
    from classroom_app.services.signing import Signer
    from classroom_app.services.training import queue

    settings = command_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = open_db(settings)
    migrations.upgrade(db.engine)
    queue.make_tables(settings.queue_database)
    password = settings.first_password.get_secret_value()
    try:
        if password:  # one made here would have to be printed, and the log of a cluster is no place for it
            AccessService(db, Signer(secret_key(settings)), settings.session_hours).first_start(password)
    except PasswordTooShortError as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc
    finally:
        db.close()


@cli.command()
def purge() -> None:
    """Delete what is due, for a schedule: photos past their undo, closed classes past their time, files
    without a row. The log has the counts; the exit status is 1 when something is left."""
    import time

    import structlog

    from classroom_app.errors import ClassroomError
    from classroom_app.resources import build
    from classroom_app.web import logs

    logs.configure()
    logger = structlog.get_logger("classroom_app.purge")
    # Not the web process of this name: what that one holds in its memory it sweeps by itself.
    settings = command_settings().model_copy(update={"executor_id": "purge"})
    app = build(settings)
    try:
        report = app.retention.purge(time.sleep)
    except ClassroomError as exc:
        logger.error("purge_failed", reason=exc.key)
        raise typer.Exit(1) from exc
    finally:
        app.intake.close()
        app.db.close()
    logger.info("purged", **report.counts())
    _warn_of_certificates(settings, logger)
    if report.left:
        raise typer.Exit(1)


def _warn_of_certificates(settings: Settings, logger: Any) -> None:
    """Every night, also while no pod runs: who reads it first on the morning of a class reads it too late."""
    import datetime as dt

    from classroom_app.compute.expiry import ends_soon

    files = [path for path in (settings.ml_tls_ca, settings.ml_tls_cert) if path is not None]
    try:
        for name, days in ends_soon(files, dt.datetime.now(dt.UTC)):
            logger.warning("certificate_ends_soon", file=name, days=days)
    except (OSError, ValueError) as exc:
        logger.error("certificate_unreadable", error=type(exc).__name__)


@cli.command()
def tiers(
    servers: Annotated[
        int, typer.Option(min=0, help="How many have to answer; 0: those that there are.")
    ] = 0,
) -> None:
    """Are all servers of the compute tier there, of this release and with features that may be mixed? Exit
    status 1 when not: what a release is checked with."""
    from classroom_app.compute.channel import TargetError
    from classroom_app.compute.each_server import ask_each, what_is_wrong
    from classroom_app.resources import ml_tls
    from ml_core.contract.version import VERSION

    settings = command_settings()
    try:
        found = ask_each(settings.ml_targets, ml_tls(settings))
    except (TargetError, OSError) as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc
    for server in found:
        said = f"{server.version}  {server.space}  {server.device}" if server.version else "no answer"
        console.print(f"{server.address}  {said}", markup=False, highlight=False, soft_wrap=True)
    wrong = what_is_wrong(found, VERSION)
    if servers and len(found) != servers:
        wrong.append(f"{len(found)} servers, {servers} were expected")
    for sentence in wrong:
        console.print(sentence, style="red", markup=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(1)


@cli.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without a loss.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for a program.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of all data.")] = None,
) -> None:
    """Does all that must hold still hold, in the tables, the files and the queue? Exit status 1 when not."""
    import json
    import time

    from classroom_app.content import i18n
    from classroom_app.errors import ClassroomError
    from classroom_app.resources import build

    app = build(command_settings(data))
    try:
        report = (app.integrity.repair if repair else app.integrity.check)(time.sleep)
    except ClassroomError as exc:
        console.print(
            "The check could not look at everything: is the database there and up to date?", style="red"
        )
        raise typer.Exit(2) from exc
    finally:
        app.intake.close()
        app.db.close()
    if as_json:
        found = [{**vars(problem), "repairable": problem.repairable} for problem in report.problems]
        typer.echo(json.dumps({"sound": report.sound, "problems": found}, indent=2))
    else:
        for kind, number in report.counts().items():
            console.print(i18n.t(f"check_{kind}", "en", number=number), style="red", markup=False)
        for problem in report.problems:
            console.print(
                f"  {problem.kind}  {problem.subject}", markup=False, highlight=False, soft_wrap=True
            )
        console.print("Everything is in order." if report.sound else _what_now(report), markup=False)
    if not report.sound:
        raise typer.Exit(1)


@cli.command()
def recount(
    class_id: Annotated[str | None, typer.Option("--class", help="One class; without it all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for a program.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of all data.")] = None,
) -> None:
    """Count every board again from what the AIs said of each challenge photo. Exit status 1 when one differs
    from what was written down at the reveal (or, before it, from the stored scores)."""
    import json
    from dataclasses import asdict

    from classroom_app.errors import ClassroomError
    from classroom_app.resources import open_db
    from classroom_app.services.final import FinalService

    db = open_db(command_settings(data))
    try:
        final = FinalService(db)
        found = final.recount_all() if class_id is None else [final.recount(class_id)]
    except ClassroomError as exc:
        console.print("No recount: is the database there and up to date, and the class in it?", style="red")
        raise typer.Exit(2) from exc
    finally:
        db.close()
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in found], ensure_ascii=False, indent=2))
    else:
        for item in found:
            _print_recount(item)
    if any(item.differences for item in found):
        raise typer.Exit(1)


def _print_recount(found: Recount) -> None:
    which = f"final no. {found.final_number}" if found.final_number else "no final yet"
    same = "differs" if found.differences else "the same"
    console.print(f"{found.event_name} ({which}): {same}", markup=False, highlight=False)
    names = {row.group_id: f"{row.emoji} {row.name_en}" for row in found.rows}
    for item in found.differences:
        who = names.get(item.group_id or "", "the class")
        told = f"  {who}: {item.what} was written down as {item.written}, counted again it is {item.counted}"
        console.print(told, style="red", markup=False, highlight=False, soft_wrap=True)


def _what_now(report: IntegrityReport) -> str:
    if any(problem.repairable for problem in report.problems):
        return (
            "`--repair` mends: " + ", ".join(sorted({p.kind for p in report.problems if p.repairable})) + "."
        )
    return "None of this can be mended without a loss: a person has to decide."


@cli.command()
def certs(
    out: Annotated[Path, typer.Argument(help="Folder of the CA and both pairs; keep it off the repository.")],
    names: Annotated[str, typer.Option(help="Names and addresses of the servers, with commas.")],
    days: Annotated[float, typer.Option(min=0.01, help="How long the pairs last.")] = 30,
    ca_days: Annotated[float, typer.Option(min=0.01, help="How long a new CA lasts.")] = 365,
    new_ca: Annotated[
        bool, typer.Option("--new-ca", help="Replace the CA: both tiers need the new one.")
    ] = False,
) -> None:
    """Certificates for mutual TLS with the compute tier: ca, server and client, as .pem and .key."""
    from classroom_app.onsite.tier_certificates import CertsError, make_certificates

    try:
        made = make_certificates(out, names.split(","), days=days, ca_days=ca_days, new_ca=new_ca)
    except CertsError as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc
    console.print(f"Compute tier: {out}/ca.pem, server.pem, server.key", markup=False)
    console.print(f"Web tier:     {out}/ca.pem, client.pem, client.key", markup=False)
    console.print(f"Keep ca.key elsewhere. The CA ends on {made.certificate.not_valid_after_utc:%Y-%m-%d}.")


@cli.command()
def password(
    username: str = "facilitator",
    data: Annotated[Path | None, typer.Option(help="Folder of all data.")] = None,
) -> None:
    """Give a facilitator a new random password, shown once; their sessions end."""
    from classroom_app.resources import build

    app = build(command_settings(data))
    console.print(f"User name {username}, new password {app.access.set_password(username)}")
    app.db.close()


@cli.command()
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


@cli.command()
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


@cli.command()
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


if __name__ == "__main__":
    cli()
