"""Command line: serve, train a folder. Each command is a short script over the other modules.

Knows nothing of how features or heads are made.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ml_core.config import ServerConfig, TlsFiles, usable_cores

# Both before torch and numpy load. Torch's threads would otherwise spin while they wait for each other:
# on cores that the web tier shares that costs seven times the work itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# And numpy's: fits are small, and several at once use the cores better than one with many threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Without TLS files only a loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one.")] = 50051,
    blobs: Annotated[str, typer.Option(help="file:///folder or gs://bucket, for photos by URI.")] = "",
    threads: Annotated[int, typer.Option(help="0: all cores.")] = 0,
    backbone: Annotated[str, typer.Option()] = "efficientnet_lite0",
    device: Annotated[str, typer.Option(help="cpu, cuda:0; empty: chosen here.")] = "",
    reflection: Annotated[bool, typer.Option(help="The reflection service, for tools.")] = True,
    tls_key: Annotated[Path | None, typer.Option(help="Our PEM key.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Our PEM certificate.")] = None,
    tls_ca: Annotated[Path | None, typer.Option(help="The CA that signs callers.")] = None,
) -> None:
    """Answer gRPC calls until SIGTERM."""
    from ml_core.blobs import open_blobs
    from ml_core.server import serve_until_signal

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
        threads=threads or usable_cores(),
        reflection=reflection,
        tls=tls,
    )
    serve_until_signal(settings, open_blobs(blobs) if blobs else None)


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(help="FOLDER/<label>/*.jpg", exists=True, file_okay=False)],
    test: Annotated[Path | None, typer.Option(help="Photos of the same labels to test on.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write model.safetensors and meta.json.")] = None,
    views: Annotated[int, typer.Option()] = 6,
    seed: Annotated[int, typer.Option()] = 0,
    recipe: Annotated[str, typer.Option(help="auto, closed-form or finetune.")] = "auto",
) -> None:
    """Train on a folder per label, print what the self-check and the test say."""
    from ml_core.folders import train_folder

    train_folder(folder, test, out, views, seed, recipe)


@app.command()
def bench(
    photos: Annotated[Path, typer.Option(help="DIR/train/<label>/*.jpg and DIR/test/<label>/*.jpg")],
    k: Annotated[str, typer.Option(help="Photos per label, several with commas.")] = "5,10,20,40",
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    recipes: Annotated[str, typer.Option(help="auto, closed-form, finetune, with commas.")] = "closed-form",
    out: Annotated[Path | None, typer.Option("--json", help="Where to write the figures.")] = None,
) -> None:
    """Accuracy and seconds of our recipes and of two others on the same splits of a folder."""
    from ml_core.bench import run_bench

    run_bench(photos, [int(part) for part in k.split(",")], seeds, recipes.split(","), out)


@app.command()
def speed() -> None:
    """Start a server here and say how fast it embeds, trains and predicts."""
    from ml_core.speed import run_speed

    run_speed()


if __name__ == "__main__":
    app()
