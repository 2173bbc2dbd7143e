"""Makes exported graphs of backbones: the default one's file (`make backbone`), others at a start."""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from ml_core.contract.backbone import ABOUT, file_name
from ml_core.vision.backbones import BackboneSpec, backbone_spec, space_of
from ml_core.vision.by_torch.stages import PixelMaps, pooled
from ml_core.vision.exported_graph import INPUT, LENGTHS, ROWS, SPACE, map_names

SMALLEST_HALVED = 64  # numbers of one weight: those with fewer are left as they are


class _Exported(nn.Module):
    """Pixels -> features and the maps behind them."""

    def __init__(self, module: PixelMaps) -> None:
        super().__init__()
        self.module = module

    def forward(self, views: Tensor) -> list[Tensor]:
        maps = self.module(views)
        return [pooled(maps), *maps]


def exported_graph(spec: BackboneSpec, space: str) -> bytes:
    """An ONNX graph that takes views of any number and size."""
    module = PixelMaps(spec)
    black = torch.zeros((1, spec.input_side, spec.input_side, 3), dtype=torch.uint8)
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        # The older exporter, which takes half a second for the default backbone; the one that it
        # recommends takes ten.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Exported(module).eval(),
            (black,),
            file,  # type: ignore[arg-type]  # it writes to a file object too
            input_names=[INPUT],
            output_names=[ROWS, *map_names(len(module.lengths))],
            dynamic_axes={INPUT: {0: "n", 1: "height", 2: "width"}},
            dynamo=False,
        )
    model = onnx.load_model_from_string(file.getvalue())
    helper.set_model_props(model, {SPACE: space, LENGTHS: ",".join(map(str, module.lengths))})
    return model.SerializeToString(deterministic=True)


def halved(data: bytes) -> bytes:
    """The same graph with its weights in 16 bits, half as large a file: they become 32 bits again when it is
    opened, and all is calculated in 32 bits as before."""
    model = onnx.load_model_from_string(data)
    nodes = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < SMALLEST_HALVED:
            continue
        name = weight.name
        stored = f"{name}.16"
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        nodes.append(helper.make_node("Cast", [stored], [name], f"{name}.32", to=onnx.TensorProto.FLOAT))
    nodes += model.graph.node
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString(deterministic=True)


def write_default(backbone: str) -> Path:
    """The file of the contract and what is said of it; one that it replaces is deleted."""
    spec = backbone_spec(backbone)
    data = halved(exported_graph(spec, space_of(spec)))
    sha256 = hashlib.sha256(data).hexdigest()
    path = ABOUT.parent / file_name(spec.name, sha256)
    for old in ABOUT.parent.glob("*.onnx"):
        old.unlink()
    path.write_bytes(data)
    about = {"file": path.name, "sha256": sha256, "space": space_of(spec)}
    ABOUT.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return path
