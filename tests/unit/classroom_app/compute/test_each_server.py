"""One release and one space on every server, or a sentence that says which is not."""

from __future__ import annotations

import pytest

from classroom_app.compute.each_server import ServerSays, what_is_wrong

A = ServerSays("10.10.16.10:50051", "1.2.0", "lite0/1", "NVIDIA L4")
B = ServerSays("10.10.16.11:50051", "1.2.0", "lite0/1", "NVIDIA L4")


@pytest.mark.parametrize(
    ("servers", "told"),
    [
        ([A, B], []),
        ([], ["the names of the compute tier have no address"]),
        ([A, ServerSays("10.10.16.11:50051")], ["10.10.16.11:50051 does not answer"]),
        (
            [A, ServerSays(B.address, "1.1.0", B.space)],
            ["10.10.16.11:50051 is release 1.1.0, the web tier is 1.2.0"],
        ),
        ([A, ServerSays(B.address, B.version, "v2s/1")], ["features of several spaces: lite0/1, v2s/1"]),
    ],
)
def test_what_is_wrong_is_said(servers: list[ServerSays], told: list[str]) -> None:
    assert what_is_wrong(servers, "1.2.0") == told
