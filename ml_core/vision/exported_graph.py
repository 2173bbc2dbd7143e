"""A backbone as an exported graph for the CPU: ONNX Runtime runs it in half of torch's time."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor, nn

Arrays = list[npt.NDArray[np.float32]]
_INPUT = "views"


class ExportedGraph:
    """Every thread that calls it gets a session of its own, whose threads have the priority and the number
    of cores that it has at its first call: new photos must not take the live frames' cores."""

    def __init__(self, module: nn.Module, example: Tensor, outputs: Sequence[str]) -> None:
        """`module` takes views of any number and size, of which `example` is one, and returns as many
        tensors as there are names in `outputs`."""
        self._model = _exported(module, example, outputs)
        self._own = threading.local()

    def __call__(self, views: npt.NDArray[np.uint8], outputs: Sequence[str]) -> Arrays:
        """[n, height, width, 3] pixels -> the outputs of these names, in this order. Another type or rank is
        ONNX Runtime's InvalidArgument."""
        session: onnxruntime.InferenceSession | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = self._new_session(torch.get_num_threads())
        found: Arrays = session.run(list(outputs), {_INPUT: views})
        return found

    def _new_session(self, cores: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores
        # Threads that wait for work in a loop would take the cores from training and from the pages.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])


def _exported(module: nn.Module, example: Tensor, outputs: Sequence[str]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        # The older exporter, which takes half a second for the default backbone at every start; the one
        # that it recommends takes ten.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (example,),
            file,  # type: ignore[arg-type]  # it writes to a file object too
            input_names=[_INPUT],
            output_names=list(outputs),
            dynamic_axes={_INPUT: {0: "n", 1: "height", 2: "width"}},
            dynamo=False,
        )
    return file.getvalue()
