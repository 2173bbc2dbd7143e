"""`make run`: the whole app on one machine, as child processes that are started anew when they die."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from classroom_app.errors import PasswordTooShortError
from classroom_app.network import EVERYWHERE, LOOPBACK, LOOPBACK_HOSTS, free_port
from classroom_app.settings import Settings
from ml_core.contract.version import VERSION

READY_WAIT_S = 180.0
READY_POLL_S = 0.1
STOP_GRACE_S = 35.0  # longer than either tier takes to stop at the worst; mostly it is a second or two
RESTART_PAUSE_S = 1.0
PR_SET_PDEATHSIG = 1
ML_NICENESS = 5


class LaunchError(Exception):
    """The app cannot start; the text says what to do."""


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)
    niceness: int = 0
    waits: bool = False  # it loads its modules and then waits for `go`; its command knows `--wait`

    def start(self) -> None:
        # A process group of its own: Ctrl-C reaches us alone, and we end the others in order. Not a
        # session of its own, between which Linux shares the processor whatever their niceness.
        self.process = subprocess.Popen(
            [sys.executable, *self.command, *(["--wait"] if self.waits else [])],
            env={**os.environ, **self.env},
            process_group=0,
            stdin=subprocess.PIPE if self.waits else None,
            # Safe here: this process has no threads when it starts a child.
            preexec_fn=self._prepare,  # noqa: PLW1509
        )
        self.started_at = time.monotonic()

    def go(self) -> None:
        """Let it begin, if it waits."""
        begin = self.process.stdin if self.process is not None else None
        if begin is not None and not begin.closed:
            with contextlib.suppress(OSError), begin:  # it may have ended meanwhile
                begin.write(b"\n")

    def _prepare(self) -> None:
        """In the child, before its program starts."""
        os.nice(self.niceness)
        if sys.platform == "linux":
            _die_with_parent()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def _die_with_parent() -> None:
    """Linux ends the child when we are killed: nothing is left behind that holds the ports."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def launch(settings: Settings, console: Console) -> None:
    """Start everything, say how to get in, and stay until Ctrl-C or SIGTERM."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_one(settings.data_dir), signals_as_interrupt():
        check_port(settings.host, settings.port)
        if settings.uses_tls:
            check_port(settings.host, settings.ca_port)
        if settings.staff_port:
            check_port(LOOPBACK, settings.staff_port)
        addresses = _addresses(settings)
        base = f"{'https' if settings.uses_tls else 'http'}://{addresses[0]}:{settings.port}"
        children = children_of(settings, addresses, base)
        console.print("Starting. The first start takes up to a minute…", style="dim")
        try:
            for child in children:
                child.start()
            # While they load their modules, which takes as long as ours do.
            password = prepare_database(settings)
            if password:  # at once: it is stored by now, and would be lost if the start failed
                _show_password(console, password)
            for child in children:
                child.go()
            _wait_ready(settings, children)
            _welcome(console, settings, base, is_first=bool(password))
            _keep_running(console, children)
        except KeyboardInterrupt:
            console.print("Stopping…", style="dim")
        finally:
            for child in reversed(children):
                child.stop()


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """As long as the block lasts no other app starts with this data. Raises LaunchError where one runs."""
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise LaunchError(f"The app is running already with the data in {folder}.") from exc
        yield


@contextlib.contextmanager
def signals_as_interrupt() -> Iterator[None]:
    """Whatever asks us to end is a KeyboardInterrupt within the block."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    # A shell that starts us in the background ignores SIGINT for us; whoever sends it means it.
    numbers = [signal.SIGTERM, signal.SIGINT]
    # The window is closed. Without this, the children would go on unseen where nothing ends them with us,
    # as on a Mac. Whoever started us by nohup wants us to stay.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_port(host: str, port: int) -> None:
    """Raises LaunchError where nobody can listen on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            why = "is taken" if exc.errno == errno.EADDRINUSE else f"cannot be used ({exc.strerror})"
            raise LaunchError(
                f"Port {port} on {host} {why}. Choose another one: make run PORT={port + 1}"
            ) from exc


def prepare_database(settings: Settings) -> str | None:
    """Migrate; returns the first facilitator's password when it was made just now. Raises LaunchError."""
    from classroom_app.data import migrate
    from classroom_app.resources import open_db, secret_key
    from classroom_app.services.signing import Signer
    from classroom_app.services.staff_logins import StaffLoginService

    db = open_db(settings)
    try:
        migrate.upgrade(db.engine)
        logins = StaffLoginService(db, Signer(secret_key(settings)), settings.session_hours)
        given = settings.first_password.get_secret_value() or None
        password = logins.first_start(given)
        return None if given else password
    except PasswordTooShortError as exc:
        raise LaunchError(str(exc)) from exc
    finally:
        db.close()


def _addresses(settings: Settings) -> list[str]:
    """Where the app is reached, the best address first."""
    if settings.host in LOOPBACK_HOSTS:
        return [LOOPBACK]
    if settings.host != EVERYWHERE:
        return [settings.host]
    from classroom_app.onsite import private_ca

    found = private_ca.local_addresses()
    if not found:
        raise LaunchError("This machine has no network address. Connect it to the class's Wi-Fi first.")
    return found


def children_of(settings: Settings, addresses: Sequence[str], base: str) -> list[Child]:
    """The processes of a class on one machine, with what each is told of the others."""
    ml_port = free_port()
    blobs = settings.blobs or str((settings.data_dir / "blobs").resolve())
    env = {
        "CLASSROOM_DATA_DIR": str(settings.data_dir),
        "CLASSROOM_HOST": settings.host,
        "CLASSROOM_PORT": str(settings.port),
        "CLASSROOM_ML_TARGETS": f"{LOOPBACK}:{ml_port}",
        **dict.fromkeys(("CLASSROOM_ML_TLS_CA", "CLASSROOM_ML_TLS_CERT", "CLASSROOM_ML_TLS_KEY"), ""),
        "CLASSROOM_PUBLIC_URL": settings.public_url or base,
        "CLASSROOM_TLS": "off",
    }
    web = ["-m", "classroom_app", "web"]
    children = []
    if settings.uses_tls:
        from classroom_app.onsite import private_ca

        names = [*addresses, LOOPBACK, "localhost"]
        certificate = private_ca.ensure_server_certificate(settings.data_dir / "pki", names)
        web += ["--certificate", str(certificate.cert_path), "--key", str(certificate.key_path)]
        ca_page = ["-m", "classroom_app", "ca-page", "--ca", str(certificate.ca_path), "--class-url", base]
        children.append(Child("certificate page", ca_page, env))
    uri = blobs if blobs.startswith("gs://") else Path(blobs).resolve().as_uri()
    ml = ["-m", "ml_core", "serve", "--host", LOOPBACK, "--port", str(ml_port), "--blobs", uri]
    if settings.ml_backbone:
        ml += ["--backbone", settings.ml_backbone]
    if settings.metrics_port:  # the web tier has that one
        ml += ["--metrics-port", str(settings.metrics_port + 1), "--metrics-host", settings.metrics_host]
    # The photos that children send go before the looking at them.
    return [Child("ml_core", ml, env, niceness=ML_NICENESS), *children, Child("web", web, env, waits=True)]


def _wait_ready(settings: Settings, children: Sequence[Child]) -> None:
    import httpx

    scheme = "https" if settings.uses_tls else "http"
    host = LOOPBACK if settings.host == EVERYWHERE else settings.host
    url = f"{scheme}://{host}:{settings.port}/readyz"
    limit = time.monotonic() + READY_WAIT_S
    # Our own certificate, on our own machine: the answer is only a yes or no.
    with httpx.Client(verify=False, timeout=5, trust_env=False) as client:  # noqa: S501
        while time.monotonic() < limit:
            for child in children:
                if child.process is not None and child.process.poll() is not None:
                    raise LaunchError(f"{child.name} ended at once (exit code {child.process.returncode}).")
            with contextlib.suppress(httpx.HTTPError):
                answer = client.get(url)
                if answer.status_code == 200 and answer.json()["ml_core"]:
                    return
            time.sleep(READY_POLL_S)
    raise LaunchError("The app did not get ready in time; its messages above say more.")


def _show_password(console: Console, password: str) -> None:
    from classroom_app.services.staff_logins import FIRST_FACILITATOR

    lines = [
        f"User name [bold]{FIRST_FACILITATOR}[/], password [bold]{password}[/]",
        "Write the password down: it is shown only this once.",
    ]
    console.print(Panel("\n".join(lines), title="Facilitator", expand=False))


def _welcome(console: Console, settings: Settings, base: str, *, is_first: bool) -> None:
    from classroom_app.services.staff_logins import FIRST_FACILITATOR

    lines = [
        f"[bold]Facilitators[/]   {_staff_url(settings, base)}/facilitator",
        f"[bold]Groups[/]         {base}/join",
    ]
    if settings.uses_tls:
        first = f"[bold]iPads, first[/]   {_ca_page_url(settings, base)}   (installs the certificate)"
        lines.insert(0, first)
    if not is_first:
        lines += [
            "",
            f"Log in as {FIRST_FACILITATOR} with the password of the first start. Forgotten?",
            f".venv/bin/python -m classroom_app password --data {settings.data_dir}",
        ]
    console.print(Panel("\n".join(lines), title=f"AI classroom {VERSION}", expand=False))
    if settings.uses_tls:
        import segno

        for title, url in (("Certificate", _ca_page_url(settings, base)), ("Join", f"{base}/join")):
            console.print(f"{title}: {url}")
            segno.make(url, error="m").terminal(compact=True, border=2)
    console.print("Ctrl-C stops everything. The data stays in", str(settings.data_dir), style="dim")


def _staff_url(settings: Settings, base: str) -> str:
    """Where facilitators come in; with a door of their own, on this computer alone."""
    scheme = "https" if settings.uses_tls else "http"
    return f"{scheme}://{LOOPBACK}:{settings.staff_port}" if settings.staff_port else base


def _ca_page_url(settings: Settings, base: str) -> str:
    host = base.split("//", 1)[1].rsplit(":", 1)[0]
    return f"http://{host}:{settings.ca_port}/"


def _keep_running(console: Console, children: Sequence[Child]) -> None:
    while True:
        time.sleep(0.5)
        for child in children:
            if child.process is None or child.process.poll() is None:
                continue
            console.print(f"{child.name} ended (exit code {child.process.returncode}); starting it again.")
            if time.monotonic() - child.started_at < RESTART_PAUSE_S:
                time.sleep(RESTART_PAUSE_S)  # it cannot start: do not spin
            child.start()
            child.go()
