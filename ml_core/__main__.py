"""Command line: serve, train on a folder, measure. Each command is a short script over the other modules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ml_core.config import DEFAULT_BACKBONE, DRAIN_SECONDS, MAX_VIEWS, ServerConfig, TlsFiles, cores_of_one
from ml_core.errors import MlError

# All before their libraries load. Torch's threads would otherwise spin while they wait for each other: on
# cores that others share that costs seven times the work itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# numpy's, in Linux's builds and in those for Macs: fits are small, and several at once use the cores better
# than one with many threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")

SOCKET = "ML_CORE_SOCKET"  # set in the image, so that server and health check agree whatever the command is
BACKBONE = "ML_CORE_BACKBONE"  # the one variable that selects the backbone, in an image and on a VM too

Backbone = Annotated[str, typer.Option(help="A name of the table in vision/backbones.py.", envvar=BACKBONE)]

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The compute tier: serve, or train on folders of photos."
)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What is wrong with the input is one sentence, not a traceback."""
    try:
        yield
    except MlError as exc:
        typer.echo(f"Error: {exc}", err=True)
        raise typer.Exit(1) from exc


def _counts(text: str) -> str:
    """Typer's check of an option that holds several whole numbers."""
    if not all(part.strip().isdecimal() and int(part) > 0 for part in text.split(",")):
        raise typer.BadParameter(f"{text!r} is not one or more whole numbers with commas, as in 5,10,20")
    return text


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Without TLS files only a loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one.")] = 50051,
    blobs: Annotated[str, typer.Option(help="file:///folder or gs://bucket, for photos by URI.")] = "",
    threads: Annotated[int, typer.Option(help="0: all cores, or this server's share of them.")] = 0,
    servers: Annotated[
        int, typer.Option(min=1, help="Servers on this machine, one a GPU: they share its cores.")
    ] = 1,
    backbone: Backbone = DEFAULT_BACKBONE,
    device: Annotated[str, typer.Option(help="cpu, cuda:0; empty: chosen here.")] = "",
    reflection: Annotated[
        bool | None, typer.Option(help="The reflection service, for tools; on loopback it is on unasked.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Our PEM key.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Our PEM certificate.")] = None,
    tls_ca: Annotated[Path | None, typer.Option(help="The CA that signs callers.")] = None,
    socket: Annotated[str, typer.Option(help="Unix socket for a local health check.", envvar=SOCKET)] = "",
    drain_seconds: Annotated[
        float, typer.Option(min=0, help="For calls in hand at the end.")
    ] = DRAIN_SECONDS,
    metrics_port: Annotated[int, typer.Option(help="Prometheus metrics on a port of their own; 0: off.")] = 0,
    metrics_host: Annotated[str, typer.Option(help="Address of the metrics port.")] = "127.0.0.1",
) -> None:
    """Answer gRPC calls until SIGTERM, then finish what is in hand."""
    from ml_core.contract import memory
    from ml_core.contract.blobs import open_blobs
    from ml_core.contract.observe import logs, tracing
    from ml_core.serve.server import serve_until_signal

    tls = None
    if tls_key and tls_cert and tls_ca:
        tls = TlsFiles(tls_key, tls_cert, tls_ca)
    elif tls_key or tls_cert or tls_ca:
        raise typer.BadParameter("give all three of --tls-key, --tls-cert, --tls-ca, or none")
    settings = ServerConfig(
        host=host,
        port=port,
        backbone=backbone,
        device=device,
        threads=threads or cores_of_one(servers),
        reflection=reflection,
        tls=tls,
        socket=socket,
        metrics_host=metrics_host,
        metrics_port=metrics_port,
    )
    memory.forbid_dumps()
    memory.overwrite_freed()
    memory.share_freed()
    logs.configure()
    tracing.start("ml_core")
    with _said_plainly():
        serve_until_signal(settings, open_blobs(blobs) if blobs else None, drain_seconds)


@app.command()
def health(
    address: Annotated[str, typer.Option(help="HOST:PORT without TLS.")] = "127.0.0.1:50051",
    socket: Annotated[str, typer.Option(help="Or the server's --socket.", envvar=SOCKET)] = "",
) -> None:
    """Exit with 0 when the server serves: a container's health check."""
    from ml_core.serve.health import is_serving

    if not is_serving(f"unix:{socket}" if socket else address):
        raise typer.Exit(1)


@app.command()
def weights(backbone: Backbone = DEFAULT_BACKBONE) -> None:
    """Download the weights of one backbone to TORCH_HOME, when an image is built."""
    from ml_core.vision.backbones import TORCHVISION, backbone_spec

    with _said_plainly():
        if not backbone_spec(backbone).source.startswith(TORCHVISION):
            typer.echo(f"{backbone}: its weights are part of the app, nothing to download")
            return
        from ml_core.vision.by_torch.weights import fetch_weights

        typer.echo(fetch_weights(backbone).name)


@app.command()
def export() -> None:
    """Make the exported graph of the default backbone anew (with torch), for CPUs without torch."""
    from ml_core.vision.by_torch.export import write_default

    with _said_plainly():
        path = write_default(DEFAULT_BACKBONE)
    typer.echo(f"{path.name}: {path.stat().st_size:,} bytes")


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(help="FOLDER/<label>/*.jpg", exists=True, file_okay=False)],
    test: Annotated[
        Path | None, typer.Option(help="Photos of the same labels to test on.", exists=True, file_okay=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write model.safetensors and meta.json.")] = None,
    views: Annotated[int, typer.Option(min=1, max=MAX_VIEWS)] = 6,
    seed: Annotated[int, typer.Option()] = 0,
    backbone: Backbone = DEFAULT_BACKBONE,
) -> None:
    """Train on a folder per label, print what the self-check and the test say."""
    from ml_core.bench.folders import train_folder

    with _said_plainly():
        train_folder(folder, test, out, views, seed, backbone)


@app.command()
def bench(
    photos: Annotated[
        Path,
        typer.Option(help="DIR/train/<label>/*.jpg and DIR/test/<label>/*.jpg", exists=True, file_okay=False),
    ],
    k: Annotated[
        str, typer.Option(help="Photos per label, several with commas.", callback=_counts)
    ] = "5,10,20,40",
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    backbones: Annotated[
        str, typer.Option(help="One, or several with commas to compare.", envvar=BACKBONE)
    ] = DEFAULT_BACKBONE,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="Test photos as from another place.")
    ] = False,
    look_around: Annotated[
        int, typer.Option(min=0, help="Unlabelled test photos to look at first; 0: none.")
    ] = 0,
    far: Annotated[
        list[Path] | None,
        typer.Option(help="Photos of other things, DIR/*.jpg or DIR/*/*.jpg.", exists=True, file_okay=False),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="A folder that keeps the features for the next run.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Accuracy and seconds of our recipe and of two others on the same splits of a folder. Near unknown
    photos are those of a label that was left out of the training; far ones are drawn, DIR/nothing, --far."""
    from ml_core.bench.accuracy import Asked, run_bench

    with _said_plainly():
        names = [name.strip() for name in backbones.split(",")]
        ks = [int(part) for part in k.split(",")]
        run_bench(photos, Asked(ks, seeds, elsewhere, look_around, tuple(far or ()), cache), names, out)


@app.command()
def tables(
    figures: Annotated[
        list[Path], typer.Argument(help="What `bench --json` wrote.", exists=True, dir_okay=False)
    ],
) -> None:
    """The figures of several runs of the bench as Markdown tables, a row for each set and place."""
    from ml_core.bench import tables as written

    with _said_plainly():
        typer.echo(written.tables([written.read_run(path) for path in figures]))


@app.command()
def speed(
    backbone: Backbone = DEFAULT_BACKBONE,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1; empty: chosen here.")] = "",
    out: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Start a server here and say how fast it embeds, trains and predicts, also beside the bare backbone."""
    from ml_core.bench.speed import run_speed

    with _said_plainly():
        run_speed(backbone, device, out)


@app.command()
def taps(
    photos: Annotated[
        str, typer.Option(help="Photos in ten labels, several with commas.", callback=_counts)
    ] = "50,200,500,1000",
) -> None:
    """Seconds from the tap to the score on this machine, as the photos become more."""
    from ml_core.bench.taps import run_taps

    run_taps([int(part) for part in photos.split(",")])


if __name__ == "__main__":
    app()
