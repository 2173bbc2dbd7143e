"""Fetches the weights that no package brings, once, while an image is built; a server never downloads."""

from __future__ import annotations

from pathlib import Path

import torch

from ml_core.vision.by_torch.stages import torchvision_weights


def fetch_weights(backbone: str) -> Path:
    """The file of a torchvision backbone under TORCH_HOME, checked against the hash in its name."""
    url, path = torchvision_weights(backbone)
    path.parent.mkdir(parents=True, exist_ok=True)
    checked_hash = path.stem.rpartition("-")[2]
    torch.hub.download_url_to_file(url, str(path), hash_prefix=checked_hash, progress=False)
    return path
