"""docs/api.md is made from the contract and says all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ml_core.contract.rpc import ml_core_pb2

ROOT = Path(__file__).parents[4]
DESCRIBE = ["-m", "grpc_tools.protoc", "-I.", "--include_source_info", "--descriptor_set_out=/dev/stdout"]


def test_the_page_is_fresh_and_has_every_method_and_field() -> None:
    described = subprocess.run(
        [sys.executable, *DESCRIBE, "ml_core/contract/rpc/ml_core.proto"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    made = subprocess.run(
        [sys.executable, "-m", "ml_core.contract.rpc.make_docs"],
        cwd=ROOT, input=described, stdout=subprocess.PIPE, check=True,
    ).stdout.decode()  # fmt: skip
    assert made == (ROOT / "docs" / "api.md").read_text(), "run make api-docs"
    contract = ml_core_pb2.DESCRIPTOR
    for method in contract.services_by_name["MlCore"].methods:
        assert f"### {method.name}\n" in made
    for message in contract.message_types_by_name.values():
        part = made.split(f"### {message.name}\n")[1].split("\n### ")[0]
        for field in message.fields:
            assert f"| `{field.name}` |" in part
    assert "Cancelling the call stops the work." in made
    assert "one of `source`. JPEG, PNG or WebP" in made
