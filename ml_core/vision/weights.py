"""Fetches the weights that no package brings, once, while an image is built; a server never downloads.

Knows nothing of how a backbone is used.
"""

from __future__ import annotations

from pathlib import Path

import torch

from ml_core.vision.backbones import BACKBONES


def fetch_weights() -> list[Path]:
    """Every torchvision row of the table, under TORCH_HOME, checked against the hash in its file name."""
    from torchvision import models  # type: ignore[import-untyped,unused-ignore]  # it comes without types

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    fetched = []
    for spec in BACKBONES.values():
        if not spec.source.startswith("torchvision "):
            continue
        url = models.get_model_weights(spec.name).DEFAULT.url
        path = folder / url.rpartition("/")[2]
        checked_hash = path.stem.rpartition("-")[2]
        torch.hub.download_url_to_file(url, str(path), hash_prefix=checked_hash, progress=False)
        fetched.append(path)
    return fetched
