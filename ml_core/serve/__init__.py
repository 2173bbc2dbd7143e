"""The gRPC server: methods, batches, priorities, the models in memory, metrics.

Knows nothing of how features or heads are made.
"""
