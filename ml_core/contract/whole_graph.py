"""A group's AI as one plain ONNX file: the exported backbone with the head behind it.

No ONNX library is needed: an ONNX file is one protobuf message, and two messages one after the other are read
as one in which lists go on (protobuf's own rule). So the backbone's bytes stay as they are, and what the head
adds, four nodes, three tensors, an output and metadata, is written behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

INPUT = "views"  # [n, height, width, 3], 8 bits: the views of one picture
ROWS = "rows"  # the backbone's features, one row a view
OUTPUT = "probabilities"  # [1, labels]: by the mean over the views
SIDE = 256  # of a view, in pixels
# The views that a guess is made of, as servers and iPads cut them: the part in shares of the picture's
# sides (left, top, width, height), whether it is mirrored, and by how many degrees it is turned.
VIEWS = (
    (0.0, 0.0, 1.0, 1.0, False, 0.0),
    (0.0, 0.0, 1.0, 1.0, True, 0.0),
    (0.1, 0.1, 0.8, 0.8, False, 0.0),
    (0.0, 0.0, 1.0, 1.0, True, 12.0),
    (0.01, 0.0, 0.76, 0.87, False, 0.0),
    (0.15, 0.05, 0.8, 0.8, True, 0.0),
)

_FLOAT, _INT64 = 1, 7  # of TensorProto.DataType


class HeadFileError(Exception):
    """The bytes are no model of a group."""


@dataclass(frozen=True)
class FileHead:
    """The linear head in a model's file, with its temperature: before softmax the labels' scores are
    row @ weight + bias."""

    labels: tuple[str, ...]
    space: str
    weight: npt.NDArray[np.float32]  # [length, labels]
    bias: npt.NDArray[np.float32]  # [labels]


def head_of_file(data: bytes) -> FileHead:
    """Of a model as the compute tier writes it (safetensors). Raises HeadFileError."""
    try:
        ends = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:ends])
        meta = json.loads(header["__metadata__"]["meta"])

        def tensor(name: str) -> npt.NDArray[np.float32]:
            about = header[name]
            if about["dtype"] != "F32":
                raise ValueError(about["dtype"])
            first, last = about["data_offsets"]
            return np.frombuffer(data[ends + first : ends + last], "<f4").reshape(about["shape"])

        weight, bias = tensor("weight"), tensor("bias")
        labels, temperature = tuple(map(str, meta["labels"])), np.float32(meta["temperature"])
        if weight.shape[0] != len(labels) or bias.shape != (len(labels),):
            raise ValueError("the parts do not fit together")
        space = str(meta["space"])
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise HeadFileError(f"{type(exc).__name__}: {exc}") from exc
    return FileHead(labels, space, np.ascontiguousarray((weight * temperature).T), bias * temperature)


def whole_graph(backbone: bytes, head: FileHead, about: Mapping[str, str]) -> bytes:
    """The file. `about`: its metadata, which ONNX Runtime gives back as `custom_metadata_map`."""
    length, labels = head.weight.shape
    graph = [
        _node("ReduceMean", [ROWS, "head.over"], "head.row"),
        _node("MatMul", ["head.row", "head.weight"], "head.seen"),
        _node("Add", ["head.seen", "head.bias"], "head.scores"),
        _node("Softmax", ["head.scores"], OUTPUT),
        _tensor("head.over", _INT64, (1,), np.zeros(1, "<i8").tobytes()),
        _tensor("head.weight", _FLOAT, (length, labels), head.weight.astype("<f4").tobytes()),
        _tensor("head.bias", _FLOAT, (labels,), head.bias.astype("<f4").tobytes()),
        _bytes(12, _output(OUTPUT, (1, labels))),
    ]
    told = [_bytes(14, _bytes(1, key.encode()) + _bytes(2, value.encode())) for key, value in about.items()]
    return backbone + _bytes(7, b"".join(graph)) + b"".join(told)


# -- protobuf, as far as it takes; the numbers are those of onnx.proto ------------------------------------


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _node(kind: str, inputs: Iterable[str], output: str) -> bytes:
    names = b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode())
    return _bytes(1, names + _bytes(3, output.encode()) + _bytes(4, kind.encode()))


def _tensor(name: str, kind: int, shape: Iterable[int], values: bytes) -> bytes:
    dims = b"".join(_number(1, side) for side in shape)
    return _bytes(5, dims + _number(2, kind) + _bytes(8, name.encode()) + _bytes(9, values))


def _output(name: str, shape: Iterable[int]) -> bytes:
    sides = b"".join(_bytes(1, _number(1, side)) for side in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, sides)))
