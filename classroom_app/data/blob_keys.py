"""Where each blob of a class lies; deleting a class or a group is deleting a prefix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MODEL: Final = ".safetensors"
MODEL_NAME_CHARS: Final = 16  # of a model's id: enough to know it by


def event_prefix(event_id: str) -> str:
    return f"events/{event_id}/"


def group_prefix(event_id: str, group_id: str) -> str:
    return f"{event_prefix(event_id)}groups/{group_id}/"


def photo_key(event_id: str, group_id: str, photo_id: str) -> str:
    return f"{group_prefix(event_id, group_id)}photos/{photo_id}.jpg"


def challenge_key(event_id: str, photo_id: str) -> str:
    return f"{event_prefix(event_id)}challenge/{photo_id}.jpg"


def models_prefix(event_id: str, group_id: str) -> str:
    return f"{group_prefix(event_id, group_id)}models/"


def model_key(event_id: str, group_id: str, run_id: str, model_id: str) -> str:
    """Named by what is in it too: two processes at the same run never overwrite each other's model."""
    return f"{models_prefix(event_id, group_id)}{run_id}-{model_id[:MODEL_NAME_CHARS]}{MODEL}"


def models_among(keys: Iterable[str]) -> list[str]:
    """How the ids of the models begin that lie under these keys."""
    names = (key.removesuffix(MODEL)[-MODEL_NAME_CHARS:] for key in keys if key.endswith(MODEL))
    return sorted(set(names))


def thumb_key(blob_key: str) -> str:
    """The small picture beside a photo."""
    return f"{blob_key.removesuffix('.jpg')}.thumb.jpg"


def stem(key: str) -> str:
    """What the names of a photo's files begin with, up to the first dot of the name: `…/photos/<id>`."""
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"
