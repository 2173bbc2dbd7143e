"""The way to the compute tier: the gRPC channel, the client, what is seen of its calls.

Knows nothing of groups, runs or the database; dataclasses come out, and errors of our own.
"""
