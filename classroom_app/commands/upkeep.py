"""What operators and schedules call: new tables, what is due to go, checks, certificates, a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classroom_app.commands.common import command_settings, console

if TYPE_CHECKING:
    from classroom_app.settings import Settings
    from classroom_app.views.contest import Recount
    from classroom_app.views.deletion import IntegrityReport


def migrate() -> None:
    """Bring the database to the newest tables; with CLASSROOM_FIRST_PASSWORD make the first facilitator."""
    from classroom_app.data import migrate as migrations
    from classroom_app.errors import PasswordTooShortError
    from classroom_app.resources import open_db, secret_key
    from classroom_app.services.signing import Signer
    from classroom_app.services.staff_logins import StaffLoginService
    from classroom_app.services.training import queue

    settings = command_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = open_db(settings)
    migrations.upgrade(db.engine)
    queue.make_tables(settings.queue_database)
    password = settings.first_password.get_secret_value()
    try:
        if password:  # one made here would have to be printed, and the log of a cluster is no place for it
            StaffLoginService(db, Signer(secret_key(settings)), settings.session_hours).first_start(password)
    except PasswordTooShortError as exc:
        console.print(str(exc), style="red", markup=False)
        raise typer.Exit(1) from exc
    finally:
        db.close()


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


def password(
    username: str = "facilitator",
    data: Annotated[Path | None, typer.Option(help="Folder of all data.")] = None,
) -> None:
    """Give a facilitator a new random password, shown once; their sessions end."""
    from classroom_app.resources import build

    app = build(command_settings(data))
    console.print(f"User name {username}, new password {app.logins.set_password(username)}")
    app.db.close()
