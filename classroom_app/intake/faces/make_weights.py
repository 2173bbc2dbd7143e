"""Makes blazeface.npz: python make_weights.py face_detection_short_range.tflite (see README.md).

Needs the package ai-edge-litert, which the app itself does not; it knows nothing of the app.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

LAYERS_WANTED = 35  # the last two of 37 say where a face is


def main(source: str) -> None:
    interpreter: Any = importlib.import_module("ai_edge_litert.interpreter").Interpreter(source)
    interpreter.allocate_tensors()
    halves: dict[int, Any] = {}  # weights are kept as 16-bit floats and widened by a step of their own
    layers: list[tuple[Any, Any]] = []
    for step in interpreter._get_ops_details():
        inputs, outputs = [int(n) for n in step["inputs"]], [int(n) for n in step["outputs"]]
        if step["op_name"] == "DEQUANTIZE":
            halves[outputs[0]] = interpreter.get_tensor(inputs[0])
        elif step["op_name"] in {"CONV_2D", "DEPTHWISE_CONV_2D"}:
            weights = halves[inputs[1]]
            if step["op_name"] == "DEPTHWISE_CONV_2D":
                weights = weights[0]  # row, column, channel
            elif weights.shape[1:3] == (1, 1):
                weights = weights[:, 0, 0].T  # from, to
            layers.append((weights, halves[inputs[2]]))
    named = {}
    for number, (weights, bias) in enumerate(layers[:LAYERS_WANTED]):
        named[f"{number:02d}_weights"], named[f"{number:02d}_bias"] = weights, bias
    np.savez_compressed(Path(__file__).with_name("blazeface.npz"), **named)


if __name__ == "__main__":
    main(sys.argv[1])
