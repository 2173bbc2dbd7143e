"""A backbone as an exported graph for the CPU: ONNX Runtime takes half of torch's time, and no torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from ml_core.errors import BackboneError
from ml_core.vision.parts import Part
from ml_core.vision.shrink import Pixels

INPUT, ROWS = "views", "rows"
# What the file says about itself, in its metadata.
SPACE, LENGTHS = "space", "lengths"
MAX_BATCH = 12  # views: two photos. With six, 100 MB less are needed and a view takes 5 % longer

Arrays = list[npt.NDArray[np.float32]]


def map_names(parts: int) -> list[str]:
    """The outputs with the maps behind the features, from the first stage to the final one."""
    return [f"maps{number}" for number in range(parts)]


class ExportedGraph:
    """A network of one file. Its threads are shared, but for callers that took some of their own."""

    device = "cpu"
    device_name = "CPU"
    max_batch = MAX_BATCH
    passes_at_once = 1
    takes_pictures = False

    def __init__(self, model: bytes, cores: int, space: str) -> None:
        """Raises BackboneError where the file makes features of another space, or is none."""
        self._model = model
        self._shared = self._new_session(cores)
        self._own = threading.local()
        about = self._shared.get_modelmeta().custom_metadata_map
        if about.get(SPACE) != space:
            raise BackboneError(
                f"the exported graph makes features of {about.get(SPACE)!r}, needed are {space!r}"
            )
        self.lengths = tuple(int(length) for length in about[LENGTHS].split(","))

    def begin(self, parts: Sequence[Part]) -> Callable[[], npt.NDArray[np.float16]]:
        """All of it: a CPU has nothing else to do meanwhile."""
        rows = self.rows(np.concatenate([part.pixels for part in parts]))
        return lambda: rows

    def rows(self, views: Pixels) -> npt.NDArray[np.float16]:
        return self._run(views, [ROWS])[0].astype(np.float16)

    def maps(self, view: Pixels) -> Arrays:
        found = self._run(view[None], map_names(len(self.lengths)))
        *middle, final = (stage[0].transpose(1, 2, 0) for stage in found)
        return [final, *middle]

    def take_threads(self, cores: int) -> None:
        self._own.session = self._new_session(cores)

    def memory_bytes(self) -> dict[tuple[str, str], int]:
        return {}

    def _run(self, views: Pixels, outputs: Sequence[str]) -> Arrays:
        """Another type or rank is ONNX Runtime's InvalidArgument."""
        session: Any = getattr(self._own, "session", self._shared)
        found: Arrays = session.run(list(outputs), {INPUT: views})
        return found

    def _new_session(self, cores: int) -> Any:
        """Its threads get the priority of the calling thread."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores
        # Threads that wait for work in a loop would take the cores from training and from the pages.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # its own kinds are not documented
            raise BackboneError(f"ONNX Runtime cannot read the exported graph: {exc}") from exc
