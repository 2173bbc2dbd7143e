"""A google provider that knows only its schema, so that Terraform validates and tests without a network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from tf.gen import tfplugin_pb2 as wire
from tf.gen import tfplugin_pb2_grpc as service

from tests.iac.provider_schema import Schema

SOURCE = "hashicorp/google"
MESSAGE_BYTES_MAX = 256 << 20  # the whole schema is one answer
# The library's protocol is older than write-only arguments: field 11, a bool, as bytes on the wire.
WRITE_ONLY = bytes([11 << 3, 1])


def _block(schema: Schema) -> Any:
    block = wire.Schema.Block()
    for name, argument in schema["attributes"].items():
        attribute = block.attributes.add(
            name=name,
            type=json.dumps(argument["type"]).encode(),
            required=argument["required"],
            optional=argument["optional"],
            computed=argument["computed"],
        )
        if argument["write_only"]:
            attribute.MergeFromString(WRITE_ONLY)
    nesting = wire.Schema.NestedBlock
    for name, nested in schema["blocks"].items():
        inner = _block(nested["block"])
        if name == "timeouts":
            block.block_types.add(type_name=name, block=inner, nesting=nesting.SINGLE)
        else:
            block.block_types.add(
                type_name=name,
                block=inner,
                nesting=nesting.LIST,
                min_items=int(nested["required"]),
                max_items=0 if nested["many"] else 1,
            )
    return block


class SchemaProvider(service.ProviderServicer):  # type: ignore[misc]  # its base comes without types
    """Answers what `validate` and `test` ask; every configuration that fits the schema is welcome."""

    def __init__(self, schema: Schema) -> None:
        self._provider = wire.Schema(block=_block(schema["provider"]))
        self._resources = {name: wire.Schema(block=_block(one)) for name, one in schema["resources"].items()}
        self._data = {name: wire.Schema(block=_block(one)) for name, one in schema["data"].items()}

    def GetMetadata(self, request: Any, context: Any) -> Any:
        answer = wire.GetMetadata
        return answer.Response(
            resources=[answer.ResourceMetadata(type_name=name) for name in self._resources],
            data_sources=[answer.DataSourceMetadata(type_name=name) for name in self._data],
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return wire.GetProviderSchema.Response(
            provider=self._provider,
            resource_schemas=self._resources,
            data_source_schemas=self._data,
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return wire.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return wire.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return wire.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return wire.ConfigureProvider.Response()

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return wire.GetFunctions.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        return wire.UpgradeResourceState.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        return wire.StopProvider.Response()


@contextmanager
def serve(schema: Schema, folder: Path) -> Iterator[str]:
    """Serves on a socket in `folder`; yields the value of TF_REATTACH_PROVIDERS."""
    socket = folder / "google.sock"
    server = grpc.server(
        futures.ThreadPoolExecutor(8), options=[("grpc.max_send_message_length", MESSAGE_BYTES_MAX)]
    )
    service.add_ProviderServicer_to_server(SchemaProvider(schema), server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    try:
        yield json.dumps(
            {
                SOURCE: {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": os.getpid(),
                    "Test": True,
                    "Addr": {"Network": "unix", "String": str(socket)},
                }
            }
        )
    finally:
        server.stop(None).wait()
