"""The AI on the iPad: the files that a worker of the page loads, and where.

ONNX Runtime's plain wasm build is not ours: `make run` lays it into the environment (runtime.sh).
Where it is missing the server guesses, as it does for iPads that cannot.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from classroom_app.ui.widgets.assets import script
from ml_core.contract.backbone import BackboneFileError, exported_file

FOLDER: Final = "/on-device"
RUNTIME_FOLDER: Final = Path(sys.prefix) / "share" / "onnxruntime-web"
RUNTIME: Final = "ort.wasm.min.mjs"
GLUE: Final = "ort-wasm-simd-threaded.mjs"
WASM: Final = "ort-wasm-simd-threaded.wasm"
WORKER: Final = "worker.js"
STAMP_DIGITS: Final = 16
SCRIPT_TYPE: Final = "text/javascript"

# The line that our scripts cannot have: they are joined into one, and the runtime stays a file of its own.
_WORKER: Final = 'import * as runtime from "./{runtime}";\n{script}\nserveDevice(runtime, self);\n'


@dataclass(frozen=True)
class DeviceFile:
    """One file as it is, and packed when it is first asked for: a few megabytes that stay in memory."""

    name: str
    media_type: str
    read: Callable[[], bytes]
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _packed: list[bytes] = field(default_factory=list)

    def packed(self) -> bytes:
        with self._turn:  # a class opens the page at the same moment
            if not self._packed:
                self._packed.append(gzip.compress(self.read(), compresslevel=6, mtime=0))
            return self._packed[0]


@dataclass(frozen=True)
class DeviceFiles:
    """All that is the same for every group. `stamp` names their state, so browsers may keep them for ever."""

    stamp: str
    runtime: Mapping[str, DeviceFile]
    graph: DeviceFile
    graph_sha256: str
    offered: Mapping[str, object]  # what the page hears of them


@cache
def device_files() -> DeviceFiles | None:
    """None where the runtime or the network is missing or damaged."""
    try:
        exported = exported_file()
        graph = exported.read()
        runtime, glue, wasm = ((RUNTIME_FOLDER / name).read_bytes() for name in (RUNTIME, GLUE, WASM))
    except (BackboneFileError, OSError):
        return None
    worker = _WORKER.format(runtime=RUNTIME, script=script("device/worker.js")).encode()
    parts = (worker, runtime, glue, wasm)
    hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
    stamp = hashlib.sha256(hashes).hexdigest()[:STAMP_DIGITS]
    at = f"{FOLDER}/{stamp}"
    offered = {
        "worker": f"{at}/{WORKER}",
        "glue": f"{at}/{GLUE}",
        "wasm": _checked(f"{at}/{WASM}", wasm),
        "graph": _checked(f"{FOLDER}/graphs/{exported.sha256}", graph),
        "space": exported.space,
    }
    files = [DeviceFile(WORKER, SCRIPT_TYPE, lambda: worker)]
    files += [DeviceFile(name, SCRIPT_TYPE, (RUNTIME_FOLDER / name).read_bytes) for name in (RUNTIME, GLUE)]
    files.append(DeviceFile(WASM, "application/wasm", (RUNTIME_FOLDER / WASM).read_bytes))
    graph_file = DeviceFile(exported.file, "application/octet-stream", exported.read)
    return DeviceFiles(stamp, {file.name: file for file in files}, graph_file, exported.sha256, offered)


def _checked(url: str, data: bytes) -> dict[str, object]:
    return {"url": url, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def offer(
    version: int,
    model_id: str,
    epoch: int,
    labels: Sequence[Mapping[str, str]],
    *,
    folder: str = f"{FOLDER}/models",
    lent: str = "",
) -> dict[str, object] | None:
    """What a page hands to its player: the files, and the group's newest model (named by its SHA-256) with
    the labels that it speaks of. `folder`: where models are; `lent`: the word for another group's model.
    None where the server has to guess."""
    files = device_files()
    if files is None:
        return None
    model = {
        "url": f"{folder}/{model_id}",
        "sha256": model_id,
        "version": version,
        "labels": [dict(label) for label in labels],
    }
    return {"files": files.offered, "model": model, "epoch": epoch, "lent": lent}
