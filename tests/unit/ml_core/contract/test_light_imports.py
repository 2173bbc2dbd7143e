"""The web tier takes rpc and blobs from here: they must not bring torch along."""

from __future__ import annotations

import subprocess
import sys


def test_contract_and_blobs_import_no_torch() -> None:
    code = (
        "import sys, ml_core.contract.rpc.ml_core_pb2_grpc, ml_core.contract.blobs, ml_core.__main__;"
        "heavy = {'torch', 'torchvision', 'onnx', 'onnxruntime', 'numpy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
